package io.buildledger.log;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.EventTable.Read;
import io.buildledger.metering.Loop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.axonframework.eventhandling.GapAwareTrackingToken;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the log's events to readers, each event once to each reader, in batches that are one
 * transaction each. Readers that are at about the same place of the log share the reading and the
 * transactions, so that a hundred of them cost little more than one (docs/adr/0007).
 *
 * <p>A reader gets events in the order of their numbers: it waits for those that have been written
 * and not committed. One that could not be told to come (see {@link Holes}) it gets late, when it
 * has come.
 *
 * <p>Each reader's position is kept in the database under its name: of all masters that have a
 * reader of the same name one reads, and what it writes commits together with the position, so that
 * nothing is skipped or done twice when another takes over. Ownership ends with the master's life,
 * on the database's clock (see the registry of masters); what a process does whose life is over,
 * and who does not know of it, comes to nothing. What a process wants to hear for its memory alone
 * it gets from a {@link LogTail}.
 *
 * <p>A reader that fails costs the others one more transaction. It gives its position up, so that
 * another master may try, and tries again after a second, then after longer and longer, up to a
 * minute.
 */
public final class Follower implements AutoCloseable {

    /**
     * Takes events; may append to the log and write rows in the transaction of the batch. Is called
     * by one thread at a time.
     */
    public interface Reader {

        /**
         * This master owns the position from now on, and the next event is the one after it. What
         * the reader knows from before may be old.
         *
         * @throws RuntimeException to give it up; it is begun again after a while
         */
        default void begin() {}

        /**
         * Whether the reader has to read an event. One that has not is passed over without a
         * transaction, and the position after it is kept some seconds later: whoever takes over may
         * be offered it again. May be called before earlier events are read.
         */
        default boolean concerns(Object event) {
            return true;
        }

        /**
         * These events are read next. For what may take long, such as to ask another program, and
         * must therefore keep no transaction open: this is called before that of the batch begins.
         * Readers of the same follower wait meanwhile. If the batch comes to nothing, or the
         * process ends before it commits, the same is prepared again, by whoever reads it then.
         *
         * @param events at least one, all of which concern the reader
         * @throws RuntimeException to have the batch offered again after a while, or to another
         *     master that takes the position meanwhile
         */
        default void prepare(List<Recorded> events) {}

        /**
         * @throws RuntimeException to roll the batch back; it is offered again after a while, or to
         *     another master that takes the position meanwhile
         */
        void read(Recorded event);

        /** The batch has been read; it commits next. */
        default void endOfBatch() {}

        /** The batch and what was done for it have been committed. */
        default void committed() {}

        /** The batch came to nothing; whatever was derived from it is void. */
        default void rolledBack() {}
    }

    /** A reader can't go on yet, and has told people why, if they have to know. */
    public static final class NotYetException extends RuntimeException {

        private static final long serialVersionUID = 1;

        public NotYetException(String message) {
            super(message);
        }
    }

    /** Where a reader begins of whose name none has ever read before. */
    public sealed interface Start {

        Start FIRST_EVENT = new FirstEvent();
        Start HEAD = new Head();

        record FirstEvent() implements Start {}

        record Head() implements Start {}

        /**
         * After an event, by its number in the whole log, and those before it.
         *
         * @param missing those before it that may still come
         */
        record After(long index, Set<Long> missing) implements Start {

            /** After an event that is old enough to have no gaps before it. */
            public After(long index) {
                this(index, Set.of());
            }
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    /** Numbers that one look covers at most. */
    private static final int BATCH = 200;

    /** Readers that are not farther apart read together. */
    private static final int NEAR = 1_000;

    /** How soon a position that was freed is taken, however seldom masters look for events. */
    private static final Duration TAKE_OVER = Duration.ofMillis(500);

    /** How long a position is kept in memory alone after events that concern nobody. */
    private static final long KEPT_AFTER_NANOS = Duration.ofSeconds(5).toNanos();

    static final Duration FIRST_REST = Duration.ofSeconds(1);

    /** How soon it looks again for an event that is being committed. */
    private static final Duration SOON = Duration.ofMillis(5);

    private static final Duration STOP_WITHIN = Duration.ofSeconds(10);

    private final String name;
    private final EventLog log;
    private final Positions positions;
    private final Holes holes;
    private final Map<String, Place> places = new LinkedHashMap<>();

    /** Of the places, for who can't wait for a batch. */
    private final Set<String> names = ConcurrentHashMap.newKeySet();

    private final Set<String> left = new HashSet<>();
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean isDatabaseBack;
    private long keptNanos = System.nanoTime();
    private long lastArchived = -1;
    private boolean troubleTold;
    private volatile @Nullable Throwable trouble;

    /**
     * A follower without readers; it reads nothing before {@link #start}.
     *
     * @param name of its thread
     * @param owner the master that this process is
     */
    public Follower(String name, EventLog log, DataSource dataSource, Author owner) {
        this.name = name;
        this.log = log;
        this.positions = new Positions(log, dataSource, owner);
        this.holes = new Holes(dataSource, System::nanoTime);
        this.thread = Thread.ofPlatform().name("follow-" + name).daemon().unstarted(this::run);
    }

    /**
     * A follower of one reader.
     *
     * @param name of the reader in the whole cluster
     * @param start where the first of this name ever begins
     */
    public static Follower of(
            String name,
            Start start,
            EventLog log,
            DataSource dataSource,
            Author owner,
            Reader reader) {
        Follower follower = new Follower(name, log, dataSource, owner);
        follower.add(name, () -> start, reader);
        return follower;
    }

    /**
     * Has a reader read. If the follower has started, it begins as soon as the database lets it.
     *
     * @param name of the reader in the whole cluster
     * @param start where the first of this name ever begins; asked before this one reads, whether
     *     or not it is the first, and asked again if that came to nothing
     */
    public synchronized void add(String name, Supplier<Start> start, Reader reader) {
        left.remove(name);
        places.put(name, new Place(name, start, reader));
        names.add(name);
        wake.release();
    }

    /**
     * Has a reader read from where another master's reader of its name is, and that one no more.
     *
     * @param name of a reader that has read before
     * @throws RuntimeException of the database; nothing is taken then
     */
    public synchronized void addInPlaceOfOwner(String name, Reader reader) {
        positions.seize(name);
        add(name, () -> Start.FIRST_EVENT, reader);
    }

    /**
     * Has a reader read no more, after the batch at hand, and lets other masters have its position.
     */
    public synchronized void remove(String name) {
        names.remove(name);
        if (places.remove(name) != null) {
            // By the thread, which can wait for the database.
            left.add(name);
            wake.release();
        }
    }

    /** Runs something between two batches. */
    public synchronized void betweenBatches(Runnable work) {
        work.run();
    }

    /**
     * Begins to read, on a thread of its own. What is recorded after this has returned is read,
     * even by a reader that starts at the head for the first time.
     *
     * @throws RuntimeException of the database, or from where a reader's start is found out
     */
    public Follower start() {
        beginAll();
        log.add(this);
        thread.start();
        return this;
    }

    Set<String> readers() {
        return Set.copyOf(names);
    }

    /** Looks at once. */
    void look() {
        wake.release();
    }

    /** Reads on at once, where after a failure it would have waited. */
    void wake() {
        isDatabaseBack = true;
        wake.release();
    }

    /**
     * Number of the last event that a reader has read; empty while another master reads, and before
     * it is known that none does.
     */
    public synchronized OptionalLong position(String name) {
        Place place = places.get(name);
        return place == null || place.position == null
                ? OptionalLong.empty()
                : OptionalLong.of(place.position.getIndex());
    }

    /** Why a reader does not get on; empty if it has read its last batch. */
    public synchronized Optional<Throwable> failure(String name) {
        Place place = places.get(name);
        return place != null && place.failure != null
                ? Optional.of(place.failure)
                : Optional.ofNullable(trouble);
    }

    private void run() {
        Loop loop = log.loop(name);
        repeat(loop);
        loop.ended();
    }

    private void repeat(Loop loop) {
        while (!closed) {
            Duration pause;
            try {
                pause = loop.turn(this::runOnce);
                trouble = null;
                troubleTold = false;
            } catch (RuntimeException | Error e) {
                // An Error, too: a master without this thread would live on and read nothing.
                trouble = e;
                tellTrouble(e);
                pause = DatabaseTrouble.isDeadlock(e) ? Duration.ZERO : FIRST_REST;
            }
            try {
                if (wake.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                    wake.drainPermits();
                }
            } catch (InterruptedException e) {
                return;
            }
        }
        giveUpAll();
    }

    private Duration interval() {
        boolean ownsAll = places.values().stream().allMatch(place -> place.position != null);
        return ownsAll || log.pollInterval().compareTo(TAKE_OVER) < 0
                ? log.pollInterval()
                : TAKE_OVER;
    }

    private void tellTrouble(Throwable failure) {
        if (!DatabaseTrouble.isTransient(failure)) {
            LOG.error("{} can't go on with the log; trying again", name, failure);
        } else if (!troubleTold && !DatabaseTrouble.isDeadlock(failure)) {
            troubleTold = true;
            LOG.warn("{} can't read the log: {}", name, DatabaseTrouble.reason(failure));
        }
    }

    /**
     * Reads one batch at each place where readers are.
     *
     * @return how soon there may be more
     */
    synchronized Duration runOnce() {
        if (isDatabaseBack) {
            isDatabaseBack = false;
            places.values().forEach(place -> place.restsUntilNanos = System.nanoTime());
        }
        giveUpLeft();
        beginNew();
        takeFree();
        Duration pause = interval();
        for (List<Place> group : groups()) {
            Duration again = readBatch(group);
            pause = again.compareTo(pause) < 0 ? again : pause;
        }
        if (System.nanoTime() - keptNanos > KEPT_AFTER_NANOS) {
            keepPositions();
        }
        return pause;
    }

    private void giveUpLeft() {
        if (!left.isEmpty()) {
            positions.giveUp(left);
            left.clear();
        }
    }

    private synchronized void beginAll() {
        places.values().forEach(this::begin);
    }

    private void beginNew() {
        long now = System.nanoTime();
        for (Place place : places.values()) {
            if (place.start != null && !place.isResting(now)) {
                try {
                    begin(place);
                } catch (RuntimeException | Error e) {
                    failed(List.of(place), e);
                }
            }
        }
    }

    private void begin(Place place) {
        Supplier<Start> start = place.start;
        if (start != null) {
            Start first = start.get();
            if (!positions.exists(place.name)) {
                Start.After after =
                        switch (first) {
                            case Start.FirstEvent _ -> new Start.After(log.tail() - 1);
                            case Start.Head _ -> new Start.After(log.head());
                            case Start.After given -> given;
                        };
                positions.begin(
                        place.name,
                        GapAwareTrackingToken.newInstance(after.index(), after.missing()));
            }
        }
        place.start = null;
    }

    private void takeFree() {
        long now = System.nanoTime();
        List<String> wanted =
                places.values().stream()
                        .filter(place -> place.start == null && place.position == null)
                        .filter(place -> !place.isResting(now))
                        .map(place -> place.name)
                        .toList();
        if (!wanted.isEmpty()) {
            Map<String, GapAwareTrackingToken> taken = positions.take(wanted);
            if (!taken.isEmpty()) {
                // What nobody owned is not waited for. What somebody owns is.
                lastArchived = log.lastArchived();
            }
            taken.forEach((name, position) -> own(places.get(name), position));
        }
    }

    private void own(@Nullable Place place, GapAwareTrackingToken position) {
        if (place == null) {
            return;
        }
        try {
            place.reader.begin();
        } catch (RuntimeException | Error e) {
            failed(List.of(place), e);
            return;
        }
        place.position = position;
        place.isKept = true;
    }

    /** Those that this master owns, by where they are: what reads together. */
    private List<List<Place>> groups() {
        List<Place> owned =
                places.values().stream()
                        .filter(place -> place.position != null)
                        .sorted(Comparator.comparingLong(Place::index).reversed())
                        .toList();
        List<List<Place>> groups = new ArrayList<>();
        List<Place> near = new ArrayList<>();
        for (Place place : owned) {
            if (place.isSuspect) {
                groups.add(List.of(place));
            } else {
                if (!near.isEmpty() && near.getFirst().index() - place.index() > NEAR) {
                    groups.add(near);
                    near = new ArrayList<>();
                }
                near.add(place);
            }
        }
        if (!near.isEmpty()) {
            groups.add(near);
        }
        return groups;
    }

    /**
     * @return how soon there may be more
     */
    private Duration readBatch(List<Place> group) {
        GapAwareTrackingToken from =
                group.stream()
                        .map(Place::owned)
                        .distinct()
                        .reduce((one, other) -> one.lowerBound(other))
                        .orElseThrow();
        List<Read> found = log.readAfter(from, BATCH, lastArchived);
        List<Read> events = inOrder(from, found);
        if (events.isEmpty()) {
            return found.isEmpty() ? interval() : SOON;
        }
        Batch batch = Batch.of(events, group);
        if (batch.offers().isEmpty()) {
            group.forEach(place -> {
                place.position = place.after(batch);
                place.isKept = false;
                place.isSuspect = false;
                place.failure = null;
            });
        } else {
            commit(group, batch);
        }
        boolean isCutShort = batch.last().index() < found.getLast().index();
        boolean isFull = found.getLast().index() - from.getIndex() >= BATCH / 2;
        boolean hasFailed = group.stream().anyMatch(place -> place.isSuspect);
        return isCutShort || isFull || hasFailed ? Duration.ZERO : interval();
    }

    /** Those before the first number that is missing and still to come. */
    private List<Read> inOrder(GapAwareTrackingToken from, List<Read> events) {
        long before = from.getIndex();
        for (int i = 0; i < events.size(); i++) {
            Read event = events.get(i);
            // Of one that is old enough it is known that nothing comes before it any more.
            boolean isAfterHole =
                    event.index() > before + 1 && event.position().getGaps().contains(before + 1);
            if (isAfterHole && !holes.areLost(before + 1, event.index() - 1)) {
                return events.subList(0, i);
            }
            before = Math.max(before, event.index());
        }
        return events;
    }

    /** One transaction: what is read, what is written for it, and the positions after it. */
    private void commit(List<Place> group, Batch batch) {
        Map<String, GapAwareTrackingToken> after = new HashMap<>();
        group.forEach(place -> after.put(place.name, place.after(batch)));
        Map<Reader, List<Recorded>> readings = new LinkedHashMap<>();
        for (Batch.Offer offer : batch.offers()) {
            offer.to()
                    .forEach(place ->
                            readings.computeIfAbsent(place.reader, _ -> new ArrayList<>())
                                    .add(offer.event().recorded()));
        }
        Set<Reader> readers = readings.keySet();
        try {
            readings.forEach(Reader::prepare);
            log.inTransaction(() -> {
                for (Batch.Offer offer : batch.offers()) {
                    offer.to().forEach(place -> place.reader.read(offer.event().recorded()));
                }
                readers.forEach(Reader::endOfBatch);
                positions.move(after);
            });
        } catch (RuntimeException | Error e) {
            readers.forEach(Reader::rolledBack);
            failed(group, e);
            return;
        }
        for (Place place : group) {
            place.position = after.get(place.name);
            place.isKept = true;
            place.isSuspect = false;
            place.failures = 0;
            place.passingFailures = 0;
            place.failure = null;
        }
        readers.forEach(Reader::committed);
    }

    /**
     * Nobody knows whether a commit without an answer took place: where the readers are is read
     * again. Of several it is not known which one failed: each reads alone next.
     *
     * @throws RuntimeException the failure, if the database could not do the work
     */
    private void failed(List<Place> group, Throwable failure) {
        group.forEach(place -> {
            place.position = null;
            place.failure = failure;
        });
        boolean isPassing = DatabaseTrouble.isTransient(failure);
        if (failure instanceof RuntimeException e && isPassing && !hasFailedInARow(group)) {
            throw e;
        }
        if (group.size() > 1) {
            group.forEach(place -> place.isSuspect = true);
            return;
        }
        Place place = group.getFirst();
        boolean wasFaster =
                failure instanceof ConflictException || failure instanceof Positions.LostException;
        if (wasFaster) {
            LOG.info(
                    "{} meets another master that was faster; reading again: {}",
                    place.name,
                    failure.getMessage());
        } else if (failure instanceof NotYetException) {
            LOG.debug("{} can't go on yet: {}", place.name, failure.getMessage());
        } else if (failure instanceof NewerProgramException) {
            // Known by its words; a newer program's master may take the position meanwhile.
            LOG.error("{} can't go on with the log: {}", place.name, failure.getMessage());
        } else if (isPassing) {
            LOG.warn("{} can't go on yet: {}", place.name, DatabaseTrouble.reason(failure));
        } else {
            LOG.error("{} can't go on with the log; trying again", place.name, failure);
        }
        place.rest(wasFaster);
        positions.giveUp(List.of(place.name));
    }

    /**
     * A failure that passes is the database's, as a rule, and concerns all. But the database may
     * never do what one of the readers wants of it, such as a statement that takes too long.
     */
    private static boolean hasFailedInARow(List<Place> group) {
        boolean hasFailed = group.stream().allMatch(place -> place.passingFailures > 1);
        group.forEach(place -> place.passingFailures++);
        return hasFailed;
    }

    private void keepPositions() {
        keptNanos = System.nanoTime();
        List<Place> unkept =
                places.values().stream()
                        .filter(place -> place.position != null && !place.isKept)
                        .toList();
        if (unkept.isEmpty()) {
            return;
        }
        Map<String, GapAwareTrackingToken> moved = new HashMap<>();
        unkept.forEach(place -> moved.put(place.name, place.owned()));
        try {
            log.inTransaction(() -> positions.move(moved));
            unkept.forEach(place -> place.isKept = true);
        } catch (Positions.LostException e) {
            // Nothing was derived from them, and whoever has them now reads the same again.
            LOG.debug("positions are not kept", e);
            unkept.forEach(place -> place.position = null);
        }
    }

    private synchronized void giveUpAll() {
        try {
            keepPositions();
            left.addAll(places.keySet());
            giveUpLeft();
        } catch (RuntimeException e) {
            LOG.warn(
                    "the others will take {} over when the master's life ends: {}",
                    name,
                    DatabaseTrouble.reason(e));
        }
    }

    /** Waits for the batch at hand, and gives the positions up to whoever wants them. */
    @Override
    public void close() {
        log.remove(this);
        closed = true;
        wake.release();
        try {
            if (thread.isAlive() && !thread.join(STOP_WITHIN)) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }
}
