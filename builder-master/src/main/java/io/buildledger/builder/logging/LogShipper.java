package io.buildledger.builder.logging;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.secrets.Scrubber;
import io.buildledger.showing.Printable;
import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Batch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the logs of steps from the local disk into the database. Each line arrives once and in
 * order, however often the database goes away; what has not arrived when this process ends is on
 * disk and arrives in its next life. A line that is printed can be read in the database half a
 * second later, if that keeps up.
 *
 * <p>All logs go in rounds. A round takes what is due of each, and not more of one log than of
 * another, and stores it in few statements, however many logs there are: a large log takes what
 * time is left, and never that of others.
 */
public final class LogShipper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogShipper.class);

    private static final String SUFFIX = ".spool";
    private static final Duration INTERVAL = Duration.ofMillis(50);
    private static final Duration LAST_EFFORT = Duration.ofSeconds(10);
    private static final Duration PAUSE_AFTER_REFUSAL = Duration.ofSeconds(30);

    /** Of all logs together in a round, about; each that has one gets one. */
    private static final int CHUNKS_OF_A_ROUND = 64;

    private static final int MOST_CHUNKS_OF_A_LOG = 16;

    /** Text that is stored by one statement, about. */
    private static final int ENOUGH_TEXT = 4 * 1024 * 1024;

    private static final int LONGEST_NAME = 100;

    private final StepLogs logs;
    private final Path directory;
    private final FileChannel lock;
    private final LongSupplier nanoTime;
    private volatile LogLimits limits;

    /** Those under way, in the order in which they were begun. */
    private final Queue<Shipment> shipments = new ConcurrentLinkedQueue<>();

    /** How many of them had something to ship in the last round. */
    private int busy;

    private final AtomicLong shipped = new AtomicLong();
    private final CountDownLatch closing = new CountDownLatch(1);
    private boolean databaseAway;
    private @Nullable Thread thread;

    /**
     * Takes the directory for itself, with what an earlier life has left in it. Logs have the
     * limits of a file that says nothing of them.
     *
     * @throws IllegalStateException if another process has the directory
     */
    public LogShipper(StepLogs logs, Path spoolDirectory) {
        this(logs, spoolDirectory, System::nanoTime);
    }

    LogShipper(StepLogs logs, Path spoolDirectory, LongSupplier nanoTime) {
        this.logs = logs;
        this.directory = spoolDirectory;
        this.nanoTime = nanoTime;
        this.limits = LogLimits.DEFAULT;
        try {
            Files.createDirectories(directory);
            lock = lock(directory);
            takeUpLeftOvers();
        } catch (IOException e) {
            throw new UncheckedIOException("logs can't be kept in " + directory, e);
        }
    }

    /** Sets the limits of logs that are begun from now on. */
    public void use(LogLimits next) {
        limits = next;
    }

    /** How many bytes of text have been stored in this process's life, header lines and all. */
    public long shipped() {
        return shipped.get();
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        directory.resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IllegalStateException(directory + " is in use in this process", e);
        }
        channel.close();
        throw new IllegalStateException(
                directory + " is in use by another builder master; give each its own");
    }

    private void takeUpLeftOvers() throws IOException {
        TailFiles.deleteStray(directory);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                try {
                    takeUp(file);
                } catch (IOException e) {
                    LOG.error("{} is not a log that can be read; it stays where it is", file, e);
                }
            }
        }
    }

    private void takeUp(Path file) throws IOException {
        long _ = TailFiles.moveTo(file);
        SpoolFile spool = new SpoolFile(file);
        if (spool.wholeLength() == 0) {
            // The master was killed before it had named the log.
            spool.delete();
        } else {
            shipments.add(Shipment.ofLeftOver(spool, nanoTime.getAsLong()));
        }
    }

    /**
     * Begins a log of a step; it can be read in the database as it grows. A step has as many as it
     * likes, which are listed in the order in which they were begun.
     *
     * @param name 1 to 100 characters without space around them or control characters; no other log
     *     of the step may have it
     * @throws IllegalArgumentException if that is no name
     * @throws IllegalStateException if a log of the step that has this name has not arrived yet
     * @throws UncheckedIOException if the local disk does not take it
     */
    public StepOutput open(String builder, long build, int step, String name) {
        return open(builder, build, step, name, new Scrubber());
    }

    /**
     * The same, without the secrets that a scrubber knows, or comes to know while the step runs.
     *
     * @throws IllegalArgumentException if that is no name
     * @throws IllegalStateException if a log of the step that has this name has not arrived yet
     * @throws UncheckedIOException if the local disk does not take it
     */
    public StepOutput open(String builder, long build, int step, String name, Scrubber scrubber) {
        requireName(name);
        LogKey key = new LogKey(builder, build, step, name);
        if (shipments.stream().anyMatch(it -> it.isOf(key))) {
            throw new IllegalStateException(
                    "step %d of build %s/%d has a log %s already"
                            .formatted(step, builder, build, name));
        }
        try {
            Path file = Files.createTempFile(directory, "step", SUFFIX);
            StepOutput output = new StepOutput(file, key, limits, scrubber);
            shipments.add(Shipment.of(key, new SpoolFile(file), output, nanoTime.getAsLong()));
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException("the log can't be kept in " + directory, e);
        }
    }

    private static void requireName(String name) {
        // The last two are no segments of an address.
        if (name.isEmpty()
                || name.length() > LONGEST_NAME
                || !name.equals(name.strip())
                || Printable.hasControl(name)
                || name.equals(".")
                || name.equals("..")) {
            throw new IllegalArgumentException(
                    "a log can't be named '%s': 1 to %d characters without space around them"
                            .formatted(Printable.of(name), LONGEST_NAME));
        }
    }

    /**
     * Ships what each log has due, but only some chunks of one that has many; when this is closing,
     * every line is due.
     *
     * @return whether any log had something to ship, so that there may be more
     */
    public synchronized boolean runOnce() {
        try {
            busy = shipEach();
            return busy > 0;
        } catch (RuntimeException | Error e) {
            if (!DatabaseTrouble.isTransient(e)) {
                throw e;
            }
            reportAway(e);
            return false;
        } finally {
            shipments.removeIf(Shipment::isDelivered);
        }
    }

    /** What is stored together. */
    private static final class Load {
        private final List<Shipment> shipments = new ArrayList<>();
        private final List<Long> finished = new ArrayList<>();
        private final Batch batch = new Batch();
    }

    /** Returns how many logs had something to ship. */
    private int shipEach() {
        int mostChunks = Math.clamp(CHUNKS_OF_A_ROUND / Math.max(1, busy), 1, MOST_CHUNKS_OF_A_LOG);
        int found = 0;
        Load load = new Load();
        for (Shipment shipment : shipments) {
            if (shipment.mayBeTried(nanoTime.getAsLong()) && collect(shipment, mostChunks, load)) {
                found++;
            }
            if (load.batch.size() >= ENOUGH_TEXT) {
                store(load);
                load = new Load();
            }
        }
        store(load);
        return found;
    }

    private boolean collect(Shipment shipment, int mostChunks, Load load) {
        boolean flush = closing.getCount() == 0;
        try {
            boolean found =
                    shipment.collect(
                            logs,
                            nanoTime.getAsLong(),
                            flush,
                            mostChunks,
                            load.batch,
                            load.finished);
            if (found) {
                load.shipments.add(shipment);
            }
            return found;
        } catch (IOException | RuntimeException | Error e) {
            setAside(shipment, e);
            return false;
        }
    }

    private void store(Load load) {
        try {
            storeAtOnce(load);
        } catch (RuntimeException | Error e) {
            load.shipments.forEach(Shipment::forget);
            if (DatabaseTrouble.isTransient(e)) {
                throw e;
            }
            LOG.warn(
                    "{} logs can't be stored together; trying each alone",
                    load.shipments.size(),
                    e);
            load.shipments.forEach(this::shipAlone);
        }
    }

    private void shipAlone(Shipment shipment) {
        Load alone = new Load();
        if (collect(shipment, 1, alone)) {
            try {
                storeAtOnce(alone);
            } catch (RuntimeException | Error e) {
                setAside(shipment, e);
            }
        }
    }

    private void storeAtOnce(Load load) {
        if (load.shipments.isEmpty()) {
            return;
        }
        logs.append(load.batch);
        shipped.addAndGet(load.batch.size());
        logs.finish(load.finished);
        for (Shipment shipment : load.shipments) {
            try {
                shipment.stored(nanoTime.getAsLong());
            } catch (IOException e) {
                LOG.error("{} has arrived, but its file can't be deleted", shipment, e);
            }
        }
        if (databaseAway) {
            databaseAway = false;
            LOG.info("the database is back; logs are shipped again");
        }
    }

    /** So that one log does not hold up the others; an Error, too, as nobody else ships them. */
    private void setAside(Shipment shipment, Throwable failure) {
        shipment.forget();
        if (failure instanceof RuntimeException trouble && DatabaseTrouble.isTransient(trouble)) {
            throw trouble;
        }
        LOG.error(
                "{} can't be shipped; trying again in {} s",
                shipment,
                PAUSE_AFTER_REFUSAL.toSeconds(),
                failure);
        shipment.setAside(nanoTime.getAsLong() + PAUSE_AFTER_REFUSAL.toNanos());
    }

    private void reportAway(Throwable failure) {
        if (!databaseAway) {
            databaseAway = true;
            LOG.warn(
                    "the database does not answer; logs wait in {}: {}",
                    directory,
                    DatabaseTrouble.reason(failure));
        }
    }

    /** Ships from now on by itself, until closed. */
    public LogShipper start() {
        thread = Thread.ofPlatform().name("ship-logs").daemon().start(this::run);
        return this;
    }

    private void run() {
        try {
            do {
                boolean more = true;
                while (more && closing.getCount() > 0) {
                    more = runOnce();
                }
            } while (!closing.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            LOG.warn("shipping of logs was interrupted");
        }
        shipRest();
    }

    private void shipRest() {
        long deadline = System.nanoTime() + LAST_EFFORT.toNanos();
        boolean more = true;
        while (more && System.nanoTime() - deadline < 0) {
            more = runOnce();
        }
    }

    /**
     * Ships what can be shipped within some seconds. The rest stays on disk, as does a log whose
     * step has not ended.
     */
    @Override
    public void close() {
        closing.countDown();
        Thread last =
                thread == null
                        ? Thread.ofPlatform().name("ship-logs").daemon().start(this::shipRest)
                        : thread;
        try {
            last.join(LAST_EFFORT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!shipments.isEmpty()) {
            LOG.warn("{} logs are not shipped yet and wait in {}", shipments.size(), directory);
        }
        try {
            lock.close();
        } catch (IOException e) {
            LOG.warn("the lock of {} can't be given back", directory, e);
        }
    }
}
