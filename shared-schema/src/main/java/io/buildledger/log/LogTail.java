package io.buildledger.log;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.metering.Loop;
import io.buildledger.metering.Meters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/**
 * Tells one process of the events of some types that are recorded from a place of the log on, for
 * memory that the process rebuilds when it starts. It keeps no position in the database, and what
 * it costs does not depend on how much is recorded of other types: those rows are passed over by
 * their numbers alone. So every builder master can follow a busy cluster (docs/adr/0004).
 *
 * <p>Each event is told once. Events of one stream are told in order; those of different streams
 * not always, for a transaction that takes its numbers early may commit late, unless the tail is
 * {@linkplain #inOrder in order}. Numbers that are missing are looked for again until no
 * transaction can fill them any more.
 */
public final class LogTail implements AutoCloseable {

    /** Numbers from {@code first} to {@code last}. */
    private record Span(long first, long last) {
        boolean has(long index) {
            return first <= index && index <= last;
        }
    }

    /** Rows that were not there when they were passed. */
    private record Hole(Span span, long sinceNanos) {}

    private enum Interest {
        NONE,
        NOTICED,
        TOLD
    }

    private record Row(long index, Interest interest) {}

    /**
     * What a tail is for.
     *
     * @param told types of the events that are handed over, whole
     * @param reader takes them; must not throw, or it is told all of a look again
     * @param noticed types of the events of which only it is said that there are some
     * @param onNoticed runs at most a few times a look, however many there are
     */
    public record Subscription(
            Set<Class<?>> told,
            Consumer<Recorded> reader,
            Set<Class<?>> noticed,
            Runnable onNoticed) {

        /** Every event that this program knows. */
        public static Subscription toAll(Consumer<Recorded> reader) {
            return new Subscription(EventNames.all(), reader, Set.of(), () -> {});
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(LogTail.class);

    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);

    /** More rows than this are read in several steps. */
    private static final int PAGE = 20_000;

    private static final String NEWEST = "SELECT COALESCE(MAX(global_index), 0) FROM event";

    private static final String NUMBERS =
            """
            SELECT global_index,
                   CASE WHEN type IN (:told) THEN 'TOLD' WHEN type IN (:noticed) THEN 'NOTICED' ELSE 'NONE' END
                       AS interest
              FROM event
            """;

    private static final String EVENTS =
            """
            SELECT stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE global_index IN (:indexes)
             ORDER BY global_index
            """;

    private final String name;
    private final JdbcClient jdbc;
    private final Subscription subscription;
    private final Set<String> told;
    private final Set<String> noticed;
    private final Duration interval;
    private final LongSupplier nanoTime;

    /** Tells what is still to come; null for who does not wait for it. */
    private final @Nullable Holes waitedFor;

    private final RecordedRowMapper rows = RecordedRowMapper.toDecide(new EventJson());
    private final Semaphore wake = new Semaphore(0);
    private final List<Hole> holes = new ArrayList<>();
    private long read;
    private boolean isWaiting;
    private volatile boolean closed;
    private boolean troubleTold;

    /**
     * @param after number in the log of the last event that is not to be told
     * @param interval how often to look, unless {@linkplain #wake woken}
     * @param nanoTime a clock that never jumps
     */
    public LogTail(
            String name,
            DataSource dataSource,
            long after,
            Subscription subscription,
            Duration interval,
            LongSupplier nanoTime) {
        this(name, dataSource, after, subscription, interval, nanoTime, null);
    }

    private LogTail(
            String name,
            DataSource dataSource,
            long after,
            Subscription subscription,
            Duration interval,
            LongSupplier nanoTime,
            @Nullable Holes waitedFor) {
        this.name = name;
        this.jdbc = JdbcClient.create(dataSource);
        this.read = after;
        this.subscription = subscription;
        this.told = names(subscription.told());
        this.noticed = names(subscription.noticed());
        this.interval = interval;
        this.nanoTime = nanoTime;
        this.waitedFor = waitedFor;
    }

    /**
     * A tail that tells the events in the order of their numbers: it waits for those that have been
     * written and not committed. One that could not be told to come (see {@link Holes}) it tells
     * late, when it has come.
     *
     * @param after number in the log of the last event that is not to be told, before which nothing
     *     is to come any more
     */
    public static LogTail inOrder(
            String name,
            DataSource dataSource,
            long after,
            Subscription subscription,
            Duration interval,
            LongSupplier nanoTime) {
        return new LogTail(
                name,
                dataSource,
                after,
                subscription,
                interval,
                nanoTime,
                new Holes(dataSource, nanoTime));
    }

    /** A tail from what is recorded next. */
    public static LogTail fromNow(
            String name,
            DataSource dataSource,
            Subscription subscription,
            Duration interval,
            LongSupplier nanoTime) {
        return new LogTail(
                name,
                dataSource,
                newest(JdbcClient.create(dataSource)),
                subscription,
                interval,
                nanoTime);
    }

    private static long newest(JdbcClient jdbc) {
        return jdbc.sql(NEWEST).query(Long.class).single();
    }

    /** Never empty, which SQL has no list for. */
    private static Set<String> names(Set<Class<?>> types) {
        return Stream.concat(Stream.of(""), Upcasters.OF_THIS_PROGRAM.namesOf(types).stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Looks at its interval, and whenever it is woken, on a thread of its own. */
    public LogTail start() {
        return start(Meters.none());
    }

    /** The same, for a process whose loops are watched. */
    public LogTail start(Meters meters) {
        Thread.ofPlatform()
                .name("tail-" + name)
                .daemon()
                .start(() -> {
                    Loop loop = meters.loop("tail", interval);
                    repeat(loop);
                    loop.ended();
                });
        return this;
    }

    private void repeat(Loop loop) {
        while (!closed) {
            Duration pause = interval;
            try {
                loop.turn(this::runOnce);
                troubleTold = false;
            } catch (RuntimeException | Error e) {
                // An Error, too: without this thread the process would hear of nothing any more.
                tellTrouble(e);
                pause = interval.compareTo(AFTER_TROUBLE) < 0 ? interval : AFTER_TROUBLE;
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

    private void tellTrouble(Throwable failure) {
        if (!DatabaseTrouble.isTransient(failure)) {
            LOG.error("{} can't go on with the log; trying again", name, failure);
        } else if (!troubleTold) {
            troubleTold = true;
            LOG.warn("{} can't read the log: {}", name, DatabaseTrouble.reason(failure));
        }
    }

    /** Looks at once. */
    public void wake() {
        wake.release();
    }

    /**
     * Tells what has been recorded since the last time, and what has been filled in.
     *
     * @throws RuntimeException of the database or the reader; what was not told is told next time
     */
    public void runOnce() {
        lookIntoHoles();
        isWaiting = false;
        long newest = newest(jdbc);
        while (read < newest && !isWaiting) {
            Span span = new Span(read + 1, Math.min(newest, read + PAGE));
            List<Row> found = numbers(List.of(span));
            List<Hole> missing = holesOf(span, found, nanoTime.getAsLong());
            long last = lastInOrder(missing, span);
            isWaiting = last < span.last();
            tell(isWaiting ? found.stream().filter(row -> row.index() <= last).toList() : found);
            missing.stream().filter(hole -> hole.span().first() <= last).forEach(holes::add);
            read = last;
        }
    }

    /** The last number before the first that is missing and still to come. */
    private long lastInOrder(List<Hole> missing, Span within) {
        Holes coming = waitedFor;
        return coming == null
                ? within.last()
                : missing.stream()
                        .map(Hole::span)
                        .filter(hole -> !coming.areLost(hole.first(), hole.last()))
                        .findFirst()
                        .map(hole -> hole.first() - 1)
                        .orElse(within.last());
    }

    /** Whether the last look ended before the newest event, as one before that is still to come. */
    public boolean isWaiting() {
        return isWaiting;
    }

    private void lookIntoHoles() {
        if (holes.isEmpty()) {
            return;
        }
        long lookedAt = nanoTime.getAsLong();
        List<Row> found = numbers(holes.stream().map(Hole::span).toList());
        tell(found);
        List<Hole> left = new ArrayList<>();
        for (Hole hole : holes) {
            List<Row> filled = found.stream().filter(row -> hole.span().has(row.index())).toList();
            left.addAll(holesOf(hole.span(), filled, hole.sinceNanos()));
        }
        // Only after the look: this process may have slept for longer than that.
        left.removeIf(hole ->
                lookedAt - hole.sinceNanos() > EventTable.HOLES_ARE_FILLED_WITHIN.toNanos());
        holes.clear();
        holes.addAll(left);
    }

    private List<Row> numbers(List<Span> spans) {
        String within =
                IntStream.range(0, spans.size())
                        .mapToObj("global_index BETWEEN :first%1$d AND :last%1$d"::formatted)
                        .collect(Collectors.joining(" OR ", " WHERE ", " ORDER BY global_index"));
        StatementSpec query =
                jdbc.sql(NUMBERS + within).param("told", told).param("noticed", noticed);
        for (int i = 0; i < spans.size(); i++) {
            query.param("first" + i, spans.get(i).first()).param("last" + i, spans.get(i).last());
        }
        // By position: of a busy cluster every master reads every number.
        return query.query((row, _) -> new Row(row.getLong(1), Interest.valueOf(row.getString(2))))
                .list();
    }

    private void tell(List<Row> found) {
        List<Long> wanted =
                found.stream()
                        .filter(row -> row.interest() == Interest.TOLD)
                        .map(Row::index)
                        .toList();
        if (!wanted.isEmpty()) {
            jdbc.sql(EVENTS)
                    .param("indexes", wanted)
                    .query(rows)
                    .list()
                    .forEach(subscription.reader());
        }
        if (found.stream().anyMatch(row -> row.interest() == Interest.NOTICED)) {
            subscription.onNoticed().run();
        }
    }

    private static List<Hole> holesOf(Span span, List<Row> found, long sinceNanos) {
        List<Hole> missing = new ArrayList<>();
        long expected = span.first();
        for (Row row : found) {
            if (row.index() > expected) {
                missing.add(new Hole(new Span(expected, row.index() - 1), sinceNanos));
            }
            expected = row.index() + 1;
        }
        if (expected <= span.last()) {
            missing.add(new Hole(new Span(expected, span.last()), sinceNanos));
        }
        return missing;
    }

    @Override
    public void close() {
        closed = true;
        wake();
    }
}
