package io.buildledger.builder.logging;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.secrets.Scrubber;
import io.buildledger.steplog.StepLogs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the logs of steps from the local disk into the database. Each line arrives once and in
 * order, however often the database goes away; what has not arrived when this process ends is on
 * disk and arrives in its next life. A line that is printed can be read in the database after a
 * second or so.
 */
public final class LogShipper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogShipper.class);

    private static final String SUFFIX = ".spool";
    private static final Duration INTERVAL = Duration.ofMillis(200);
    private static final Duration LAST_EFFORT = Duration.ofSeconds(10);
    private static final Duration PAUSE_AFTER_REFUSAL = Duration.ofSeconds(30);

    private final StepLogs logs;
    private final Path directory;
    private final FileChannel lock;
    private final LongSupplier nanoTime;

    /** The shipments under way, and when each may be tried again. */
    private final Map<Shipment, Long> shipments = new ConcurrentHashMap<>();

    private final CountDownLatch closing = new CountDownLatch(1);
    private boolean databaseAway;
    private @Nullable Thread thread;

    /**
     * Takes the directory for itself, with what an earlier life has left in it.
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
        try {
            Files.createDirectories(directory);
            lock = lock(directory);
            takeUpLeftOvers();
        } catch (IOException e) {
            throw new UncheckedIOException("logs can't be kept in " + directory, e);
        }
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
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                SpoolFile spool = new SpoolFile(file);
                try {
                    if (spool.wholeLength() == 0) {
                        // The master was killed before it had named the log.
                        spool.delete();
                    } else {
                        shipments.put(Shipment.ofLeftOver(spool), nanoTime.getAsLong());
                    }
                } catch (IOException e) {
                    LOG.error("{} is not a log that can be read; it stays where it is", file, e);
                }
            }
        }
    }

    /**
     * Begins the log of a step; it can be read in the database as it grows.
     *
     * @throws UncheckedIOException if the local disk does not take it
     */
    public StepOutput open(String builder, long build, int step, String name) {
        return open(builder, build, step, name, new Scrubber());
    }

    /**
     * The same, without the secrets that a scrubber knows, or comes to know while the step runs.
     *
     * @throws UncheckedIOException if the local disk does not take it
     */
    public StepOutput open(String builder, long build, int step, String name, Scrubber scrubber) {
        LogKey key = new LogKey(builder, build, step, name);
        try {
            Path file = Files.createTempFile(directory, "step", SUFFIX);
            StepOutput output = new StepOutput(file, key, scrubber);
            long now = nanoTime.getAsLong();
            shipments.put(Shipment.of(key, new SpoolFile(file), output, now), now);
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException("the log can't be kept in " + directory, e);
        }
    }

    /**
     * Ships one chunk of each log that has one due; when this is closing, of each that has a line.
     *
     * @return whether any log had something to ship, so that there may be more
     */
    public synchronized boolean runOnce() {
        try {
            return shipEach();
        } finally {
            shipments.keySet().removeIf(Shipment::isDelivered);
        }
    }

    private boolean shipEach() {
        boolean worked = false;
        boolean flush = closing.getCount() == 0;
        for (Map.Entry<Shipment, Long> entry : shipments.entrySet()) {
            Shipment shipment = entry.getKey();
            long now = nanoTime.getAsLong();
            if (now - entry.getValue() < 0) {
                continue;
            }
            try {
                worked |= shipment.shipChunk(logs, now, flush);
                if (databaseAway) {
                    databaseAway = false;
                    LOG.info("the database is back; logs are shipped again");
                }
            } catch (IOException | RuntimeException | Error e) {
                // An Error, too: without this thread no log would arrive any more.
                if (DatabaseTrouble.isTransient(e)) {
                    reportAway(e);
                    return false;
                }
                LOG.error(
                        "{} can't be shipped; trying again in {} s",
                        shipment,
                        PAUSE_AFTER_REFUSAL.toSeconds(),
                        e);
                entry.setValue(now + PAUSE_AFTER_REFUSAL.toNanos());
            }
        }
        return worked;
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
