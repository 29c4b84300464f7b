package io.buildledger.builder.workers;

import io.buildledger.attaching.WorkerRegister;
import io.buildledger.attaching.WorkerRoster;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.Author;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which workers this master has in its file, and tells of those that no master has for too
 * long. It looks once a minute, with one query for all of them, and takes as absence what it has
 * itself seen: after a start everybody has as long to come back as they may be away.
 */
public final class WorkerWatch implements AutoCloseable {

    /**
     * A worker of this master's file.
     *
     * @param missingTimeout how long it may be away; zero if nobody cares
     */
    public record Watched(Listed listed, Duration missingTimeout) {

        boolean isLookedFor() {
            return listed.attaches() && !listed.isLatent() && !missingTimeout.isZero();
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(WorkerWatch.class);
    private static final Duration LOOK_EVERY = Duration.ofMinutes(1);
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);

    private final WorkerRoster roster;
    private final WorkerRegister register;
    private final Author author;
    private final LongSupplier nanoTime;
    private final Map<String, Long> absentSince = new HashMap<>();
    private final Semaphore wake = new Semaphore(0);
    private volatile List<Watched> workers;
    private final AtomicBoolean isToList = new AtomicBoolean(true);
    private volatile boolean closed;
    private boolean troubleTold;

    public WorkerWatch(
            WorkerRoster roster,
            WorkerRegister register,
            Author author,
            List<Watched> workers,
            LongSupplier nanoTime) {
        this.roster = roster;
        this.register = register;
        this.author = author;
        this.workers = List.copyOf(workers);
        this.nanoTime = nanoTime;
    }

    /** Goes by other workers from now on. */
    public void use(List<Watched> next) {
        workers = List.copyOf(next);
        isToList.set(true);
        wake.release();
    }

    public void start() {
        Thread.ofPlatform().name("worker-watch").daemon().start(this::run);
    }

    private void run() {
        while (!closed) {
            Duration pause = LOOK_EVERY;
            try {
                runOnce();
                troubleTold = false;
            } catch (RuntimeException | Error e) {
                // An Error, too: without this thread nobody would look for workers any more.
                tell(e);
                pause = AFTER_TROUBLE;
            }
            try {
                if (wake.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                    wake.drainPermits();
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void tell(Throwable failure) {
        if (!DatabaseTrouble.isTransient(failure)) {
            LOG.error("can't look for workers; trying again", failure);
        } else if (!troubleTold) {
            troubleTold = true;
            LOG.warn("can't look for workers: {}", DatabaseTrouble.reason(failure));
        }
    }

    /** Looks once. */
    void runOnce() {
        boolean isNew = isToList.getAndSet(false);
        List<Watched> now = workers;
        if (isNew) {
            list(now);
        }
        if (now.stream().noneMatch(Watched::isLookedFor)) {
            return;
        }
        Set<String> absent = roster.absent(author);
        absentSince.keySet().retainAll(absent);
        for (Watched worker : now) {
            if (worker.isLookedFor() && absent.contains(worker.listed().name())) {
                look(worker);
            }
        }
    }

    private void list(List<Watched> now) {
        try {
            roster.list(author, now.stream().map(Watched::listed).toList());
        } catch (RuntimeException e) {
            isToList.set(true);
            throw e;
        }
    }

    private void look(Watched worker) {
        String name = worker.listed().name();
        long nanos = nanoTime.getAsLong();
        long since = absentSince.computeIfAbsent(name, _ -> nanos);
        if (nanos - since >= worker.missingTimeout().toNanos()
                && register.missed(author, name, worker.missingTimeout())) {
            LOG.warn(
                    "worker {} is missing: no master has had it for {} s or longer",
                    name,
                    worker.missingTimeout().toSeconds());
        }
    }

    @Override
    public void close() {
        closed = true;
        wake.release();
    }
}
