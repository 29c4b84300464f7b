package io.buildledger.scheduler.serving;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.GrownStreams;
import io.buildledger.log.GrownStreams.Growth;
import io.buildledger.log.LogPosition;
import io.buildledger.viewing.ViewProjection;
import io.buildledger.viewing.ViewProjector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
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

    private static final int MOST_LISTENERS = 5_000;

    private static final Duration INTERVAL = Duration.ofMillis(250);
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);
    private static final Duration ENDED_WITHIN = Duration.ofSeconds(2);

    /** Who was away for longer hears that all may have changed. */
    private static final int KEPT = 2_000;

    /** And so does who was away while more was recorded than one look tells. */
    private static final long FARTHEST = GrownStreams.ROWS;

    private static final long PAUSE_A_LISTENER_MILLIS = 10;
    private static final long LEAST_PAUSE_MILLIS = 500;
    private static final long MOST_PAUSE_MILLIS = 10_000;

    /** More streams than this are told as their kinds. */
    private static final int MOST_STREAMS = 200;

    private static final Logger LOG = LoggerFactory.getLogger(LiveFeed.class);

    private final JdbcClient jdbc;
    private final int mostListeners;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Listener> listeners = new HashSet<>();

    /** What was told last, for who comes back. */
    private final Deque<Growth> kept = new ArrayDeque<>();

    /** Whatever has grown by later events than this is in {@link #kept}. */
    private long keptAfter;

    private @Nullable Thread looking;
    private boolean isRunning;
    private volatile boolean isTroubled;

    /** How often something was told. */
    private long growths;

    @Autowired
    LiveFeed(JdbcClient jdbc) {
        this(jdbc, MOST_LISTENERS);
    }

    LiveFeed(JdbcClient jdbc, int mostListeners) {
        this.jdbc = jdbc;
        this.mostListeners = mostListeners;
    }

    /**
     * Listens from now on.
     *
     * @param after index of the last event that the listener knows of
     * @param wanted the streams of which it wants to hear, and kinds of them; empty for all
     * @throws TooManyAtOnceException if too many listen
     */
    Listener listen(long after, Set<String> wanted) {
        lock.lock();
        try {
            if (listeners.size() >= mostListeners) {
                throw new TooManyAtOnceException(
                        "%d pages are open on this master: close some, or go to another master"
                                .formatted(mostListeners));
            }
            if (looking == null && isRunning) {
                Thread thread =
                        Thread.ofPlatform().name("live-feed").daemon().unstarted(() -> look(after));
                keptAfter = after;
                thread.start();
                looking = thread;
            }
            Listener listener = new Listener(after, wanted);
            listeners.add(listener);
            return listener;
        } finally {
            lock.unlock();
        }
    }

    /** Somebody who is told. Not for several threads. */
    final class Listener implements AutoCloseable {

        private final Set<String> wanted;
        private final Set<String> untold = new LinkedHashSet<>();
        private long upTo;

        private Listener(long after, Set<String> wanted) {
            this.wanted = Set.copyOf(wanted);
            upTo = after;
            if (after < keptAfter) {
                untold.add(ANY);
            }
            kept.stream().filter(it -> it.newest() > after).forEach(this::add);
        }

        private void add(Growth growth) {
            upTo = growth.upTo();
            for (String stream : growth.streams()) {
                if (isWanted(stream)) {
                    untold.add(stream);
                }
            }
            collapse(untold);
        }

        private boolean isWanted(String stream) {
            return wanted.isEmpty()
                    || stream.equals(ANY)
                    || wanted.contains(stream)
                    || wanted.contains(kind(stream))
                    || (isOfAll(stream)
                            && wanted.stream().anyMatch(it -> kind(it).equals(kind(stream))));
        }

        /**
         * Waits for what has grown since the last call.
         *
         * @return without any stream if nothing has for so long, or if this master {@linkplain
         *     #isOver ends}
         */
        Growth next(Duration atMost) throws InterruptedException {
            lock.lockInterruptibly();
            try {
                long left = atMost.toNanos();
                while (untold.isEmpty() && isRunning && left > 0) {
                    left = changed.awaitNanos(left);
                }
                Growth growth = new Growth(upTo, upTo, new LinkedHashSet<>(untold));
                untold.clear();
                return growth;
            } finally {
                lock.unlock();
            }
        }

        /** Whether nothing is told any more. */
        boolean isOver() {
            return !isRunning();
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

    private static String kind(String stream) {
        int slash = stream.indexOf('/');
        return slash < 0 ? stream : stream.substring(0, slash);
    }

    private static boolean isOfAll(String stream) {
        return stream.endsWith("/" + ANY);
    }

    /** Puts kinds in the place of too many streams, such as {@code build/*} for all builds. */
    private static void collapse(Set<String> streams) {
        if (streams.size() > MOST_STREAMS) {
            Set<String> kinds = new LinkedHashSet<>();
            streams.forEach(it -> kinds.add(it.equals(ANY) ? ANY : kind(it) + "/" + ANY));
            streams.clear();
            streams.addAll(kinds);
        }
    }

    private void look(long after) {
        try {
            GrownStreams grown = null;
            boolean troubleTold = false;
            Duration pause;
            do {
                try {
                    if (grown == null) {
                        grown = from(after);
                    }
                    tell(grown.look());
                    pause = grown.isBehind() ? Duration.ZERO : INTERVAL;
                    troubleTold = false;
                    isTroubled = false;
                } catch (RuntimeException | Error e) {
                    // An Error, too: without this thread no page would hear of anything any more.
                    pause = AFTER_TROUBLE;
                    isTroubled = true;
                    if (!DatabaseTrouble.isTransient(e)) {
                        LOG.error("can't tell pages what has changed; trying again", e);
                    } else if (!troubleTold) {
                        LOG.warn(
                                "can't tell pages what has changed: {}", DatabaseTrouble.reason(e));
                    }
                    troubleTold = true;
                }
            } while (goesOnAfter(pause));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            forget();
        }
    }

    private GrownStreams from(long after) {
        LogPosition views = ViewProjector.position(jdbc);
        long first = Math.clamp(after, Math.max(-1, views.index() - FARTHEST), views.index());
        if (first != after) {
            keepFrom(first);
        }
        return new GrownStreams(
                jdbc, () -> ViewProjector.position(jdbc), ViewProjection.SHOWN, first);
    }

    /** Whoever was before, or where nobody has come yet, is told that all may have changed. */
    private void keepFrom(long first) {
        lock.lock();
        try {
            keptAfter = first;
            Growth all = new Growth(first, first, Set.of(ANY));
            listeners.forEach(listener -> listener.add(all));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void tell(Growth growth) {
        if (growth.streams().isEmpty()) {
            return;
        }
        Set<String> streams = new LinkedHashSet<>(growth.streams());
        collapse(streams);
        Growth told = new Growth(growth.upTo(), growth.newest(), streams);
        lock.lock();
        try {
            growths++;
            kept.addLast(told);
            if (kept.size() > KEPT) {
                keptAfter = Math.max(keptAfter, kept.removeFirst().newest());
            }
            listeners.forEach(listener -> listener.add(told));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits, and whether there is somebody then who listens. */
    private boolean goesOnAfter(Duration pause) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = pause.toNanos();
            while (isRunning && !listeners.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            boolean goesOn = isRunning && !listeners.isEmpty();
            if (!goesOn) {
                forget();
            }
            return goesOn;
        } finally {
            lock.unlock();
        }
    }

    private void forget() {
        lock.lock();
        try {
            looking = null;
            kept.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Another number whenever something was told. */
    long growths() {
        lock.lock();
        try {
            return growths;
        } finally {
            lock.unlock();
        }
    }

    /**
     * How long a page should leave between two looks of a part: the more of them there are, the
     * longer, so that what they ask of this master has a bound.
     */
    Duration pause() {
        lock.lock();
        try {
            return Duration.ofMillis(
                    Math.clamp(
                            listeners.size() * PAUSE_A_LISTENER_MILLIS,
                            LEAST_PAUSE_MILLIS,
                            MOST_PAUSE_MILLIS));
        } finally {
            lock.unlock();
        }
    }

    /** Whether the last look has failed: nobody knows then whether something has grown. */
    boolean isTroubled() {
        return isTroubled;
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
