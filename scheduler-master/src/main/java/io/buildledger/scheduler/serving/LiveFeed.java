package io.buildledger.scheduler.serving;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.GrownStreams;
import io.buildledger.log.GrownStreams.Growth;
import io.buildledger.viewing.ViewProjection;
import io.buildledger.viewing.ViewProjector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Tells whoever listens which streams of the log have grown, once the views show it. All of them
 * share one look at the log, four times a second; while nobody listens there is none.
 *
 * <p>A listener says after which event it wants to hear more, and hears of everything since: so
 * there is no hole between a page and what it is told, nor between two connections of one page.
 */
@Component
final class LiveFeed implements SmartLifecycle {

    /** Every stream may have grown. */
    static final String ANY = "*";

    /** More than this may listen at once on no master. */
    static final int MOST_LISTENERS = 5_000;

    private static final Duration INTERVAL = Duration.ofMillis(250);
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);
    private static final Duration ENDED_WITHIN = Duration.ofSeconds(2);

    /** Somebody who was away for longer hears that all may have changed. */
    private static final int KEPT = 2_000;

    /** And so does who was away while more events than this were recorded. */
    private static final long FARTHEST = 50_000;

    /** Who is told of more streams than this at once is told of their kinds. */
    private static final int MOST_STREAMS = 200;

    private static final Logger LOG = LoggerFactory.getLogger(LiveFeed.class);

    private final JdbcClient jdbc;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Listener> listeners = new HashSet<>();

    /** What was told last, for who comes back. */
    private final Deque<Growth> kept = new ArrayDeque<>();

    /** Index after which all that has grown is in {@link #kept}. */
    private long keptAfter;

    private @Nullable Thread looking;
    private boolean isRunning;

    LiveFeed(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Listens from now on.
     *
     * @param after index of the last event that the listener knows of
     * @throws TooManyAtOnceException if too many listen
     */
    Listener listen(long after) {
        lock.lock();
        try {
            if (listeners.size() >= MOST_LISTENERS) {
                throw new TooManyAtOnceException(
                        "%d pages are open on this master: close some, or go to another master"
                                .formatted(MOST_LISTENERS));
            }
            if (looking == null && isRunning) {
                keptAfter = after;
                kept.clear();
                looking = Thread.ofPlatform().name("live-feed").daemon().unstarted(() -> look(after));
                looking.start();
            }
            Listener listener = new Listener(after);
            listeners.add(listener);
            return listener;
        } finally {
            lock.unlock();
        }
    }

    /** Somebody who is told. Not for several threads. */
    final class Listener implements AutoCloseable {

        private final Set<String> untold = new LinkedHashSet<>();
        private long upTo;

        private Listener(long after) {
            upTo = after;
            if (after < keptAfter) {
                untold.add(ANY);
            } else {
                kept.stream().filter(it -> it.upTo() > after).forEach(this::add);
            }
        }

        private void add(Growth growth) {
            upTo = Math.max(upTo, growth.upTo());
            if (!untold.contains(ANY)) {
                untold.addAll(growth.streams());
                if (untold.size() > MOST_STREAMS) {
                    Set<String> kinds = kinds(untold);
                    untold.clear();
                    untold.addAll(kinds);
                }
            }
        }

        /**
         * Waits for what has grown since the last call.
         *
         * @return null if that is nothing for so long, or if this master {@linkplain #isOver ends}
         */
        @Nullable Growth next(Duration atMost) throws InterruptedException {
            lock.lockInterruptibly();
            try {
                long left = atMost.toNanos();
                while (untold.isEmpty() && isRunning && left > 0) {
                    left = changed.awaitNanos(left);
                }
                if (untold.isEmpty()) {
                    return null;
                }
                Growth growth = new Growth(upTo, new LinkedHashSet<>(untold));
                untold.clear();
                return growth;
            } finally {
                lock.unlock();
            }
        }

        /** Whether nothing is told any more. */
        boolean isOver() {
            return !LiveFeed.this.isRunning();
        }

        @Override
        public void close() {
            lock.lock();
            try {
                listeners.remove(this);
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Such as {@code build/*}, for all builds. */
    private static Set<String> kinds(Collection<String> streams) {
        Set<String> kinds = new LinkedHashSet<>();
        streams.forEach(stream -> kinds.add(stream.substring(0, stream.indexOf('/') + 1) + ANY));
        return kinds;
    }

    private void look(long after) {
        GrownStreams grown = null;
        boolean troubleTold = false;
        while (true) {
            Duration pause = INTERVAL;
            try {
                if (grown == null) {
                    grown = from(after);
                }
                tell(grown.look());
                troubleTold = false;
            } catch (RuntimeException e) {
                pause = AFTER_TROUBLE;
                if (!DatabaseTrouble.isTransient(e)) {
                    LOG.error("can't tell pages what has changed; trying again", e);
                } else if (!troubleTold) {
                    LOG.warn("can't tell pages what has changed: {}", DatabaseTrouble.reason(e));
                }
                troubleTold = true;
            }
            if (!goesOnAfter(pause)) {
                return;
            }
        }
    }

    private GrownStreams from(long after) {
        long views = ViewProjector.position(jdbc).index();
        long first = Math.clamp(after, Math.max(-1, views - FARTHEST), Math.max(-1, views));
        if (first > after) {
            tell(new Growth(first, Set.of(ANY)));
        } else {
            keepAfter(first);
        }
        return new GrownStreams(
                jdbc, () -> ViewProjector.position(jdbc), ViewProjection.SHOWN, first);
    }

    private void keepAfter(long index) {
        lock.lock();
        try {
            keptAfter = index;
        } finally {
            lock.unlock();
        }
    }

    private void tell(Growth growth) {
        if (growth.streams().isEmpty()) {
            return;
        }
        lock.lock();
        try {
            kept.addLast(growth);
            if (kept.size() > KEPT) {
                keptAfter = kept.removeFirst().upTo();
            }
            listeners.forEach(listener -> listener.add(growth));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean goesOnAfter(Duration pause) {
        lock.lock();
        try {
            long left = pause.toNanos();
            while (isRunning && !listeners.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (isRunning && !listeners.isEmpty()) {
                return true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (!isRunning || listeners.isEmpty()) {
                looking = null;
            }
            lock.unlock();
        }
        return false;
    }

    /** Whether somebody listens, so that there are looks at the log. */
    boolean isLooking() {
        lock.lock();
        try {
            return looking != null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void start() {
        lock.lock();
        try {
            isRunning = true;
        } finally {
            lock.unlock();
        }
    }

    /** Lets all that listen end, for which the web server, which stops next, would not wait. */
    @Override
    public void stop() {
        lock.lock();
        try {
            isRunning = false;
            changed.signalAll();
            long left = ENDED_WITHIN.toNanos();
            while (!listeners.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isRunning() {
        lock.lock();
        try {
            return isRunning;
        } finally {
            lock.unlock();
        }
    }
}
