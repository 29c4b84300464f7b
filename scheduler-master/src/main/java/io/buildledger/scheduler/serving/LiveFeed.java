package io.buildledger.scheduler.serving;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.EventLog;
import io.buildledger.log.GrownStreams;
import io.buildledger.log.GrownStreams.Growth;
import io.buildledger.log.LogPosition;
import io.buildledger.viewing.ViewProjection;
import io.buildledger.viewing.ViewProjector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Tells whoever listens which streams of the log have grown, once the views show it. All of them
 * share one look at the log, two to four times a second; while nobody listens there is none.
 *
 * <p>A listener says after which event it wants to hear more, and hears of everything since: so
 * there is no hole between a page and what it is told, nor between two connections of one page.
 */
@Component
final class LiveFeed implements SmartLifecycle {

    /** Every stream may have grown. */
    static final String ANY = "*";

    private static final int MOST_LISTENERS = 5_000;

    /** So that nobody takes all places; a proxy may be the sender for many. */
    private static final int MOST_OF_A_SENDER = 1_000;

    /** The more listen, the longer from one look to the next: each of them is told after each. */
    private static final double INTERVAL_A_LISTENER_MILLIS = 0.5;

    private static final long LEAST_INTERVAL_MILLIS = 250;
    private static final long MOST_INTERVAL_MILLIS = 500;

    /** Views that take longer are told of after the next look. */
    private static final int LOOKS_AT_VIEWS = 5;

    private static final Duration BETWEEN_LOOKS_AT_VIEWS = Duration.ofMillis(40);
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
    private final EventLog log;
    private final int mostListeners;
    private final int mostOfASender;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** By what they want, as they are told the same then. */
    private final Map<Set<String>, Set<Listener>> listeners = new HashMap<>();

    /** How many listen for each. */
    private final Map<String, Integer> ofSenders = new HashMap<>();

    private int count;

    /** What was told last, for who comes back. */
    private final Deque<Growth> kept = new ArrayDeque<>();

    /** Whatever has grown by later events than this is in {@link #kept}. */
    private long keptAfter;

    private @Nullable Thread looking;
    private volatile boolean isRunning;
    private volatile boolean isTroubled;

    /** How often something was told. */
    private long growths;

    @Autowired
    LiveFeed(JdbcClient jdbc, EventLog log) {
        this(jdbc, log, MOST_LISTENERS, MOST_OF_A_SENDER);
    }

    LiveFeed(JdbcClient jdbc, EventLog log, int mostListeners, int mostOfASender) {
        this.jdbc = jdbc;
        this.log = log;
        this.mostListeners = mostListeners;
        this.mostOfASender = mostOfASender;
    }

    /**
     * Listens from now on.
     *
     * @param after index of the last event that the listener knows of
     * @param wanted the streams of which it wants to hear, and kinds of them; empty for all
     * @param sender who listens
     * @throws TooManyAtOnceException if too many listen, in all or for one sender
     */
    Listener listen(long after, Set<String> wanted, String sender) {
        lock.lock();
        try {
            if (count >= mostListeners) {
                throw new TooManyAtOnceException(
                        "%d pages are open on this master: close some, or go to another master"
                                .formatted(mostListeners));
            }
            if (ofSenders.getOrDefault(sender, 0) >= mostOfASender) {
                throw new TooManyAtOnceException(
                        "%d pages of yours are open on this master: close some"
                                .formatted(mostOfASender));
            }
            if (looking == null && isRunning) {
                Thread thread =
                        Thread.ofPlatform().name("live-feed").daemon().unstarted(() -> look(after));
                keptAfter = after;
                thread.start();
                looking = thread;
            }
            Listener listener = new Listener(Set.copyOf(wanted), after, sender);
            if (after < keptAfter) {
                listener.tell(new Told(after, Set.of(ANY)));
            }
            kept.stream()
                    .filter(it -> it.newest() > after)
                    .forEach(it -> listener.tell(told(it, wanted)));
            listeners.computeIfAbsent(listener.wanted, it -> new HashSet<>()).add(listener);
            ofSenders.merge(sender, 1, Integer::sum);
            count++;
            return listener;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What has grown, of what a listener wants. All that want the same are told the very same
     * object, so that it is put into words once for all of them.
     */
    static final class Told {

        private final long upTo;
        private final Set<String> streams;
        private @Nullable String words;

        private Told(long upTo, Set<String> streams) {
            this.upTo = upTo;
            this.streams = streams;
        }

        /** Index of the log up to which all has been told. */
        long upTo() {
            return upTo;
        }

        /** Those that have grown; {@code build/*} for all of a kind, {@code *} for all. */
        Set<String> streams() {
            return streams;
        }

        private Told and(Told later) {
            if (later.streams.isEmpty()) {
                return new Told(later.upTo, streams);
            }
            Set<String> both = new LinkedHashSet<>(streams);
            both.addAll(later.streams);
            collapse(both);
            return new Told(later.upTo, both);
        }

        /** What the first who asked made of it. */
        String inWords(Function<Told, String> wording) {
            synchronized (this) {
                if (words == null) {
                    words = wording.apply(this);
                }
                return words;
            }
        }
    }

    /** Somebody who is told. Not for several threads. */
    final class Listener implements AutoCloseable {

        private final Set<String> wanted;
        private final String sender;

        /** Of its own, as a thousand that wake up at once would wait for one that they share. */
        private final ReentrantLock own = new ReentrantLock();

        private final Condition tells = own.newCondition();
        private Told untold;

        private Listener(Set<String> wanted, long after, String sender) {
            this.wanted = wanted;
            this.sender = sender;
            untold = new Told(after, Set.of());
        }

        private void tell(Told more) {
            own.lock();
            try {
                untold = untold.streams.isEmpty() ? more : untold.and(more);
                if (!untold.streams.isEmpty()) {
                    tells.signal();
                }
            } finally {
                own.unlock();
            }
        }

        private void wake() {
            own.lock();
            try {
                tells.signal();
            } finally {
                own.unlock();
            }
        }

        /**
         * Waits for what has grown since the last call.
         *
         * @return without any stream if nothing has for so long, or if this master {@linkplain
         *     #isOver ends}
         */
        Told next(Duration atMost) throws InterruptedException {
            own.lockInterruptibly();
            try {
                long left = atMost.toNanos();
                while (untold.streams.isEmpty() && isRunning && left > 0) {
                    left = tells.awaitNanos(left);
                }
                Told next = untold;
                untold = new Told(next.upTo, Set.of());
                return next;
            } finally {
                own.unlock();
            }
        }

        /** Whether nothing is told any more. */
        boolean isOver() {
            return !isRunning;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                Set<Listener> alike = listeners.get(wanted);
                if (alike != null && alike.remove(this)) {
                    count--;
                    ofSenders.computeIfPresent(sender, (_, it) -> it == 1 ? null : it - 1);
                    if (alike.isEmpty()) {
                        listeners.remove(wanted);
                    }
                }
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private static Told told(Growth growth, Set<String> wanted) {
        Set<String> streams =
                growth.streams().stream()
                        .filter(it -> isWanted(it, wanted))
                        .collect(Collectors.toCollection(LinkedHashSet::new));
        return new Told(growth.upTo(), streams);
    }

    private static boolean isWanted(String stream, Set<String> wanted) {
        return wanted.isEmpty()
                || stream.equals(ANY)
                || wanted.contains(stream)
                || wanted.contains(kind(stream))
                || (isOfAll(stream)
                        && wanted.stream().anyMatch(it -> kind(it).equals(kind(stream))));
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
                    lookAndTell(grown);
                    pause = grown.isBehind() ? Duration.ZERO : interval();
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

    /** The views look at once, too: else they would know of builds after a poll alone. */
    private void lookAndTell(GrownStreams grown) throws InterruptedException {
        Growth growth = grown.look();
        try {
            if (grown.isAwaiting()) {
                log.lookNow(ViewProjector.FOLLOWER);
            }
            for (int i = 0;
                    i < LOOKS_AT_VIEWS
                            && grown.isAwaiting()
                            && isListenedToAfter(BETWEEN_LOOKS_AT_VIEWS);
                    i++) {
                growth = growth.and(grown.look());
            }
        } finally {
            // Also if a later look failed: what an earlier one has found is not found again.
            tell(growth);
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
            tellAll(new Growth(first, first, Set.of(ANY)));
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
            tellAll(told);
        } finally {
            lock.unlock();
        }
    }

    private void tellAll(Growth growth) {
        listeners.forEach((wanted, alike) -> {
            Told told = told(growth, wanted);
            alike.forEach(it -> it.tell(told));
        });
    }

    /**
     * Waits, and whether there is somebody then who listens; if not, the next who does begins anew.
     */
    private boolean goesOnAfter(Duration pause) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            boolean goesOn = isListenedToAfter(pause);
            if (!goesOn) {
                forget();
            }
            return goesOn;
        } finally {
            lock.unlock();
        }
    }

    private boolean isListenedToAfter(Duration pause) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = pause.toNanos();
            while (isRunning && !listeners.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return isRunning && !listeners.isEmpty();
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

    private Duration interval() {
        return Duration.ofMillis(
                Math.clamp(
                        (long) (count() * INTERVAL_A_LISTENER_MILLIS),
                        LEAST_INTERVAL_MILLIS,
                        MOST_INTERVAL_MILLIS));
    }

    /**
     * How long a page should leave between two looks of a part: the more of them there are, the
     * longer, so that what they ask of this master has a bound.
     */
    Duration pause() {
        return Duration.ofMillis(
                Math.clamp(
                        count() * PAUSE_A_LISTENER_MILLIS, LEAST_PAUSE_MILLIS, MOST_PAUSE_MILLIS));
    }

    private int count() {
        lock.lock();
        try {
            return count;
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
            listeners.values().forEach(alike -> alike.forEach(Listener::wake));
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
        return isRunning;
    }
}
