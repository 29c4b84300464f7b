package io.buildledger.scheduler.changing;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.Ownership;
import io.buildledger.scheduler.changing.GitPollerLoop.NewerCursorException;
import io.buildledger.scheduler.fetching.Git.GitException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One poller at work: of all masters that have it one polls, and the others stand by until that
 * master's life is over. What fails is tried again, and told once.
 */
final class Polling {

    /** How often a master that stands by looks whether it is its turn. */
    private static final Duration STANDING_BY = Duration.ofSeconds(5);

    /** However often it is poked, a poller looks no more often than this. */
    private static final Duration SHORTEST_GAP = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(Polling.class);

    private final String repository;
    private final String name;
    private final GitPollerLoop loop;
    private final boolean pollAtLaunch;
    private final Duration interval;
    private final PollPace pace;
    private final Ownership ownership;
    private final ReentrantLock turn;
    private final PollSlots slots;
    private final Semaphore pokes = new Semaphore(0);

    private @Nullable Class<?> failure;
    private boolean launched;
    private volatile boolean owned;
    private volatile boolean stopping;

    /**
     * @param repository as it may be shown
     * @param name of what one master alone does
     * @param turn of the pollers that share a clone
     */
    Polling(
            String repository,
            String name,
            GitPollerLoop loop,
            boolean pollAtLaunch,
            Duration interval,
            PollPace pace,
            Ownership ownership,
            ReentrantLock turn,
            PollSlots slots) {
        this.repository = repository;
        this.name = name;
        this.loop = loop;
        this.pollAtLaunch = pollAtLaunch;
        this.interval = interval;
        this.pace = pace;
        this.ownership = ownership;
        this.turn = turn;
        this.slots = slots;
    }

    String repository() {
        return repository;
    }

    /** Of what one master alone does. */
    String name() {
        return name;
    }

    /** Whether this master polls it, and no other. */
    boolean isOwned() {
        return owned;
    }

    /** The name of the master that polls it, or null. */
    @Nullable String owner() {
        return ownership.ownerOf(name);
    }

    /** Polls until the thread is interrupted. */
    void run() {
        try {
            pokes.tryAcquire(pace.delay().toMillis(), TimeUnit.MILLISECONDS);
            while (!stopping) {
                Duration wait = runOnce();
                Duration gap = wait.compareTo(SHORTEST_GAP) < 0 ? wait : SHORTEST_GAP;
                Thread.sleep(gap);
                pokes.tryAcquire(wait.minus(gap).toMillis(), TimeUnit.MILLISECONDS);
                pokes.drainPermits();
            }
        } catch (InterruptedException e) {
            // Told to stop.
        }
    }

    /** What fails from now on is cut short by the end. */
    void stopping() {
        stopping = true;
    }

    /** Lets another master poll it. */
    void giveUp() {
        ownership.giveUp(name);
        owned = false;
    }

    /** Has it look soon, whatever its interval. */
    void poke() {
        pokes.release();
    }

    /**
     * Looks once, if this master is the one that does.
     *
     * @return how long to wait before the next look
     */
    Duration runOnce() throws InterruptedException {
        if (!take()) {
            // Whoever takes over from another has waited long enough.
            launched = true;
            return interval.compareTo(STANDING_BY) < 0 ? interval : STANDING_BY;
        }
        if (!launched && !pollAtLaunch) {
            launched = true;
            return pace.untilNext();
        }
        launched = true;
        turn.lockInterruptibly();
        try {
            slots.run(pace.isFailing(), this::look);
        } finally {
            turn.unlock();
        }
        return pace.untilNext();
    }

    private boolean take() {
        boolean before = owned;
        try {
            owned = ownership.take(name);
        } catch (RuntimeException | Error e) {
            owned = false;
            failed(e);
            return false;
        }
        if (owned && !before && launched) {
            LOG.info("{} is polled by this master from now on", repository);
        } else if (!owned && (before || !launched)) {
            LOG.info("another master polls {}; this one stands by", repository);
        }
        return owned;
    }

    private void look() {
        try {
            List<Long> changes = loop.runOnce();
            if (failure != null) {
                LOG.info("polling {} works again", repository);
            }
            if (!changes.isEmpty()) {
                LOG.info("{}: {} new changes", repository, changes.size());
            }
            failure = null;
            pace.succeeded();
        } catch (RuntimeException | Error e) {
            // An Error, too: without its thread a repository would be watched by nobody.
            if (!DatabaseTrouble.isTransient(e)) {
                // The database's troubles are not the repository's.
                pace.failed();
            }
            failed(e);
        }
    }

    private void failed(Throwable e) {
        Class<?> former = failure;
        failure = DatabaseTrouble.isTransient(e) ? DatabaseTrouble.class : e.getClass();
        if (!stopping && failure != former) {
            tell(e);
        }
    }

    private void tell(Throwable e) {
        switch (e) {
            case GitException _, NewerCursorException _, UncheckedIOException _ ->
                    LOG.warn(
                            "can't poll {}; trying again, up to an hour later: {}",
                            repository,
                            e.getMessage());
            case Throwable _ when DatabaseTrouble.isTransient(e) ->
                    LOG.warn(
                            "can't record what {} has; trying again: {}",
                            repository,
                            DatabaseTrouble.reason(e));
            default -> LOG.error("polling {} failed; trying again", repository, e);
        }
    }
}
