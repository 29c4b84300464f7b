package io.buildledger.log;

import io.buildledger.database.UtcColumn;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopRequested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerUnpaused;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.locking.LockEvent.LockReleased;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRequested;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.log.EventImport.Row;
import io.buildledger.log.EventTable.Read;
import io.buildledger.metering.Loop;
import io.buildledger.metering.Meters;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GapAwareTrackingToken;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.axonframework.spring.jdbc.SpringDataSourceConnectionProvider;
import org.axonframework.spring.messaging.unitofwork.SpringTransactionManager;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.EmptyResultDataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * The event log: appends, and reads by stream. Readers that follow it are {@link Follower}s.
 *
 * <p>Appends of one transaction are in the log together or not at all, together with what else the
 * transaction wrote. Of two writers of one position of a stream one commits; the other gets a
 * {@link ConflictException}.
 *
 * <p>What was moved to the archive is read as if it were still in the table, where nothing else is
 * said; that throws {@link UnusableArchiveException} where a file is missing, or has been altered.
 */
public final class EventLog implements AutoCloseable {

    private static final String READ_STREAMS =
            """
            SELECT stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE stream IN (:streams)
             ORDER BY stream, sequence_number
            """;

    private static final String TYPES =
            """
            SELECT stream, sequence_number, type, revision
              FROM event
             WHERE stream IN (:streams)
             ORDER BY stream, sequence_number
            """;

    private static final String READ_AFTER =
            """
            SELECT stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE stream = :stream AND sequence_number > :sequence
             ORDER BY sequence_number
            """;

    private static final String READ_PAGE = READ_AFTER + " LIMIT :limit";

    private static final String READ_NEWEST =
            """
            SELECT stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event FORCE INDEX (event_stream_sequence)
             WHERE stream = :stream AND sequence_number > :after AND sequence_number <= :upTo
             ORDER BY stream DESC, sequence_number DESC
             LIMIT :limit
            """;

    private static final String INDEX =
            "SELECT global_index FROM event WHERE stream = :stream AND sequence_number = :sequence";

    private static final String READ_FROM =
            """
            SELECT stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE global_index >= (SELECT global_index FROM event
                                     WHERE stream = :stream AND sequence_number = :sequence)
             ORDER BY global_index
             LIMIT :limit
            """;

    private static final String FIND =
            """
            SELECT stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE stream = :stream AND sequence_number = :sequence
            """;

    private static final String FIND_ALL =
            """
            SELECT stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE stream IN (:streams) AND sequence_number = :sequence
            """;

    private static final String READ_OF_TYPE =
            """
            SELECT stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event FORCE INDEX (event_stream_sequence)
             WHERE stream = :stream AND type IN (:types)
             ORDER BY sequence_number
            """;

    // The index is named, so that no statistics make the database read the table and sort it.
    static final String LAST_OF_TYPE =
            """
            SELECT stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event FORCE INDEX (event_stream_sequence)
             WHERE stream = :stream AND sequence_number > :after AND sequence_number <= :upTo AND type IN (:types)
             ORDER BY stream DESC, sequence_number DESC
             LIMIT 1
            """;

    private static final String LAST_SEQUENCE =
            "SELECT MAX(sequence_number) FROM event WHERE stream = :stream";

    private static final String LAST_SEQUENCES =
            """
            SELECT stream, MAX(sequence_number) AS last_sequence
              FROM event
             WHERE stream IN (:streams)
             GROUP BY stream
            """;

    private static final String HEAD = "SELECT COALESCE(MAX(global_index), 0) FROM event";

    private static final String TAIL = "SELECT COALESCE(MIN(global_index), 1) FROM event";

    private static final String LAST_INDEX =
            "SELECT COALESCE(MAX(global_index), 0) FROM event WHERE stream = :stream";

    /** What masters that did not write it wait for. */
    private static final Set<Class<?>> NEWS =
            Set.of(
                    ChangeReceived.class,
                    SchedulerSwitched.class,
                    BuildForced.class,
                    BuildTriggered.class,
                    PatchSubmitted.class,
                    BuildRequested.class,
                    BuildRequestReleased.class,
                    BuildRequestPriorityChanged.class,
                    BuildRequestCancelled.class,
                    LockReleased.class,
                    MasterDrained.class,
                    MasterUndrained.class,
                    ConfigurationReloadRequested.class,
                    WorkerPaused.class,
                    WorkerUnpaused.class,
                    WorkerStopRequested.class);

    /** What followers of the process that wrote it act on at once; all else can wait for a poll. */
    private static final Set<Class<?>> FOLLOWED =
            Set.of(
                    ChangeReceived.class,
                    TimerFired.class,
                    SchedulerSwitched.class,
                    BuildForced.class,
                    BuildTriggered.class,
                    PatchSubmitted.class);

    private static final Pattern ID = Pattern.compile("(?<stream>.+)@(?<sequence>\\d{1,18})");
    private static final String NEWS_TOLD = "news told";
    private static final String FOLLOWERS_TOLD = "followers told";
    private static final String ROWS = "rows to write";
    private static final String APPENDED = "events appended";

    private final EventJson json;
    private final RecordedRowMapper rows;
    private final SpringTransactionManager transactions;
    private final EventTable table;
    private final EmbeddedEventStore store;
    private final JdbcClient jdbc;
    private final Archive archive;
    private final Duration pollInterval;
    private final Set<Follower> followers;
    private final AtomicReference<Runnable> onNews;
    private final Meters meters;
    private final LogMeters appends;

    /**
     * @param pollInterval how often followers look for what others have appended, when nobody tells
     *     them to; they look twice a second at least
     */
    public EventLog(
            DataSource dataSource,
            PlatformTransactionManager transactionManager,
            Duration pollInterval) {
        this(dataSource, transactionManager, pollInterval, Meters.none());
    }

    /** The same, for a process that counts what it appends, and how its followers look. */
    public EventLog(
            DataSource dataSource,
            PlatformTransactionManager transactionManager,
            Duration pollInterval,
            Meters meters) {
        this.json = new EventJson();
        this.rows = RecordedRowMapper.toDecide(json);
        this.transactions = new SpringTransactionManager(transactionManager);
        this.jdbc = JdbcClient.create(dataSource);
        this.archive = new Archive(jdbc);
        this.table = new EventTable(new SpringDataSourceConnectionProvider(dataSource));
        this.store =
                EmbeddedEventStore.builder()
                        .storageEngine(table)
                        // Axon's cache of recent events is for readers of Axon's own.
                        .optimizeEventConsumption(false)
                        .build();
        this.pollInterval = pollInterval;
        this.followers = ConcurrentHashMap.newKeySet();
        this.onNews = new AtomicReference<>(() -> {});
        this.meters = meters;
        this.appends = new LogMeters(meters);
    }

    private EventLog(EventLog same, RecordedRowMapper rows) {
        this.json = same.json;
        this.rows = rows;
        this.transactions = same.transactions;
        this.jdbc = same.jdbc;
        this.archive = same.archive;
        this.table = same.table;
        this.store = same.store;
        this.pollInterval = same.pollInterval;
        this.followers = same.followers;
        this.onNews = same.onNews;
        this.meters = same.meters;
        this.appends = same.appends;
    }

    /**
     * This log for who tells of it and decides nothing: where an event can't be read, or lacks a
     * part, its readers by stream hand over {@link Unreadable} in its place. This one throws there.
     */
    public EventLog toTell() {
        return new EventLog(this, RecordedRowMapper.toTell(json));
    }

    /**
     * Runs the work and commits it with the events that it {@linkplain #append appended}.
     *
     * @throws ConflictException if one of the events' places is taken; nothing is kept then
     */
    public <T> T inTransaction(Supplier<T> work) {
        long begun = System.nanoTime();
        UnitOfWork<EventMessage<?>> unit = DefaultUnitOfWork.startAndGet(null);
        T result;
        int appended;
        try {
            unit.attachTransaction(transactions);
            result = work.get();
            writeRows(unit);
            appended = appendedIn(unit).get();
            unit.commit();
        } catch (ConcurrencyException | AggregateStreamCreationException e) {
            rollback(unit, e);
            appends.conflicted();
            throw new ConflictException(e);
        } catch (RuntimeException | Error e) {
            rollback(unit, e);
            throw e;
        }
        appends.committed(appended, System.nanoTime() - begun);
        return result;
    }

    /**
     * Has the rows for an item written before the transaction that runs commits, together with
     * those for all other items that came with the same rows.
     */
    public <T> void atEnd(Rows<T> rows, T item) {
        rowsOf(CurrentUnitOfWork.get()).computeIfAbsent(rows, _ -> new ArrayList<>()).add(item);
    }

    private static Map<Rows<?>, List<Object>> rowsOf(UnitOfWork<?> unit) {
        return unit.getOrComputeResource(ROWS, _ -> new LinkedHashMap<>());
    }

    private static AtomicInteger appendedIn(UnitOfWork<?> unit) {
        return unit.getOrComputeResource(APPENDED, _ -> new AtomicInteger());
    }

    private static void writeRows(UnitOfWork<?> unit) {
        Map<Rows<?>, List<Object>> items = rowsOf(unit);
        // What is written may have more to be written.
        while (!items.isEmpty()) {
            Rows<?> rows = items.keySet().iterator().next();
            write(rows, Objects.requireNonNull(items.remove(rows)));
        }
    }

    // Each list holds the items that came with these rows.
    @SuppressWarnings("unchecked")
    private static <T> void write(Rows<T> rows, List<Object> items) {
        rows.write((List<T>) items);
    }

    /** Like {@link #inTransaction(Supplier)}, for work without a result. */
    public void inTransaction(Runnable work) {
        this.<@Nullable Void>inTransaction(() -> {
            work.run();
            return null;
        });
    }

    private static void rollback(UnitOfWork<?> unit, Throwable cause) {
        if (unit.isActive()) {
            unit.rollback(cause);
        }
    }

    /**
     * Appends to the transaction that runs; the events get to the database when it commits.
     *
     * @param cause id of the event that these follow from, or null
     * @throws IllegalStateException outside of a transaction
     */
    public void append(Author author, @Nullable String cause, Collection<Entry> entries) {
        Map<String, Object> metadata = new HashMap<>();
        metadata.put("master", author.master());
        metadata.put("epoch", author.epoch());
        if (cause != null) {
            metadata.put("cause", cause);
        }
        tellAfterCommit(entries, NEWS, NEWS_TOLD, Objects.requireNonNull(onNews.get()));
        tellAfterCommit(entries, FOLLOWED, FOLLOWERS_TOLD, this::lookNow);
        int _ = appendedIn(CurrentUnitOfWork.get()).addAndGet(entries.size());
        MetaData shared = MetaData.from(metadata);
        store.publish(entries.stream().map(entry -> message(entry, shared)).toList());
    }

    private static void tellAfterCommit(
            Collection<Entry> entries, Set<Class<?>> types, String onceKey, Runnable told) {
        UnitOfWork<?> unit = CurrentUnitOfWork.get();
        if (entries.stream().anyMatch(entry -> types.contains(entry.event().getClass()))
                && unit.resources().putIfAbsent(onceKey, true) == null) {
            unit.afterCommit(_ -> told.run());
        }
    }

    /**
     * What runs after each commit of this process that others wait for: changes, requests on offer,
     * and what people have asked of requests, masters and workers. It must return at once.
     */
    public void onNews(Runnable told) {
        onNews.set(told);
    }

    /** Has all followers of this process look at once for what others have appended. */
    public void lookNow() {
        followers.forEach(Follower::look);
    }

    /**
     * Has one reader look at once, if a follower of this process has its position; else the other
     * masters are told to look, as far as they can be told.
     *
     * @param reader its name in the whole cluster
     */
    public void lookNow(String reader) {
        followers.stream()
                .filter(it -> it.position(reader).isPresent())
                .findAny()
                .ifPresentOrElse(Follower::look, Objects.requireNonNull(onNews.get()));
    }

    private static EventMessage<?> message(Entry entry, MetaData metadata) {
        int slash = entry.stream().indexOf('/');
        return new GenericDomainEventMessage<>(
                entry.stream().substring(0, slash),
                entry.stream(),
                entry.sequence(),
                entry.event(),
                metadata,
                entry.stream() + "@" + entry.sequence(),
                // The table takes the database's time; this one is never stored.
                Instant.EPOCH);
    }

    /** The events of a stream, oldest first. */
    public List<Recorded> read(String stream) {
        return read(List.of(stream));
    }

    /** The events of some streams, by stream, oldest first. */
    public List<Recorded> read(Collection<String> streams) {
        if (streams.isEmpty()) {
            return List.of();
        }
        List<Recorded> events = jdbc.sql(READ_STREAMS).param("streams", streams).query(rows).list();
        Set<String> begun =
                events.stream()
                        .filter(event -> event.sequence() == 0)
                        .map(Recorded::stream)
                        .collect(Collectors.toSet());
        return withArchived(
                events,
                streams.stream().filter(stream -> !begun.contains(stream)).toList(),
                _ -> true);
    }

    /**
     * What was read of the table, which was first, with what was moved from there to the archive.
     *
     * @param streams that the table may not have, or not from their beginning on
     */
    private List<Recorded> withArchived(
            List<Recorded> events, Collection<String> streams, Predicate<Row> which) {
        List<Row> archived =
                streams.stream().anyMatch(Archive::mayHave) ? archive.read(streams) : List.of();
        if (archived.isEmpty()) {
            return events;
        }
        Map<String, Recorded> all = new LinkedHashMap<>();
        archived.stream()
                .filter(which)
                .map(rows::recorded)
                .forEach(event -> all.put(event.id(), event));
        events.forEach(event -> all.put(event.id(), event));
        return all.values().stream()
                .sorted(
                        Comparator.comparing(Recorded::stream)
                                .thenComparingLong(Recorded::sequence))
                .toList();
    }

    /**
     * The events of a stream, oldest first, for who decides by all of them.
     *
     * @throws NewerProgramException if this program does not understand one of them
     */
    public List<Recorded> readToDecide(String stream) {
        List<Recorded> events = read(stream);
        events.forEach(Recorded::understood);
        return events;
    }

    /**
     * Of each of some streams the first event that a newer program wrote; streams without one are
     * absent. Who decides upon what such a stream is of, by what the tables say of it, would decide
     * without what it says itself.
     */
    public Map<String, NewerEvent> newerOn(Collection<String> streams) {
        Map<String, NewerEvent> newer = new HashMap<>();
        if (!streams.isEmpty()) {
            jdbc.sql(TYPES)
                    .param("streams", streams)
                    .query(row -> {
                        String type = row.getString("type");
                        String revision = row.getString("revision");
                        if (!json.knows(type, revision)) {
                            String stream = row.getString("stream");
                            newer.putIfAbsent(
                                    stream,
                                    new NewerEvent(
                                            stream,
                                            row.getLong("sequence_number"),
                                            type,
                                            revision));
                        }
                    });
        }
        return newer;
    }

    /** The events of a stream after one of its places, oldest first. */
    public List<Recorded> readAfter(String stream, long sequence) {
        return onFrom(
                stream,
                sequence,
                jdbc.sql(READ_AFTER)
                        .param("stream", stream)
                        .param("sequence", sequence)
                        .query(rows)
                        .list());
    }

    /** The events of a stream after one of its places, oldest first, so many of them at most. */
    public List<Recorded> readAfter(String stream, long sequence, int limit) {
        return onFrom(
                        stream,
                        sequence,
                        jdbc.sql(READ_PAGE)
                                .param("stream", stream)
                                .param("sequence", sequence)
                                .param("limit", limit)
                                .query(rows)
                                .list())
                .stream()
                .limit(limit)
                .toList();
    }

    private List<Recorded> onFrom(String stream, long sequence, List<Recorded> events) {
        boolean isWhole = !events.isEmpty() && events.getFirst().sequence() == sequence + 1;
        return isWhole
                ? events
                : withArchived(events, List.of(stream), row -> row.sequence() > sequence);
    }

    /**
     * The newest events of a stream, of those after one of its places and up to another, newest
     * first, so many of them at most.
     */
    public List<Recorded> readNewest(String stream, long after, long upTo, int limit) {
        List<Recorded> events =
                jdbc.sql(READ_NEWEST)
                        .param("stream", stream)
                        .param("after", after)
                        .param("upTo", upTo)
                        .param("limit", limit)
                        .query(rows)
                        .list();
        return events.size() == limit
                ? events
                : withArchived(
                                events.reversed(),
                                List.of(stream),
                                row -> row.sequence() > after && row.sequence() <= upTo)
                        .reversed()
                        .stream()
                        .limit(limit)
                        .toList();
    }

    /**
     * The number of the last event that was recorded at a time or before, as {@link
     * WholeLog#lastUntil} tells it.
     */
    public long lastUntil(Instant at) {
        long last =
                jdbc.sql(WholeLog.LAST_UNTIL)
                        .param("at", UtcColumn.of(at))
                        .query(Long.class)
                        .single();
        return archive.lastUntil(at, last);
    }

    /**
     * The number of the first event that was recorded at a time or after, as {@link
     * WholeLog#firstSince} tells it.
     */
    public long firstSince(Instant at) {
        long first =
                jdbc.sql(WholeLog.FIRST_SINCE)
                        .param("at", UtcColumn.of(at))
                        .query(Long.class)
                        .single();
        return archive.firstSince(at, first);
    }

    /**
     * The place of a stream's last event that is before a number in the whole log; -1 if there is
     * none. It costs a few look-ups, however long the stream is.
     */
    public long sequenceBefore(String stream, long index) {
        long before = -1;
        long notBefore = lastSequence(stream).orElse(-1) + 1;
        while (notBefore - before > 1) {
            long middle = before + (notBefore - before) / 2;
            if (index(stream, middle) < index) {
                before = middle;
            } else {
                notBefore = middle;
            }
        }
        return before;
    }

    /** The same, for what is before an event. */
    public long sequenceBefore(String stream, Recorded event) {
        return sequenceBefore(stream, index(event.stream(), event.sequence()));
    }

    private long index(String stream, long sequence) {
        return jdbc.sql(INDEX)
                .param("stream", stream)
                .param("sequence", sequence)
                .query(Long.class)
                .optional()
                .or(() -> archive.find(stream, sequence).map(Row::index))
                .orElseThrow(() -> new EmptyResultDataAccessException(1));
    }

    /**
     * An event and those after it in the whole log, so many of them at most. Those that were moved
     * to the archive are passed over, and must not be the first.
     */
    public List<Recorded> readFrom(Recorded first, int limit) {
        return jdbc.sql(READ_FROM)
                .param("stream", first.stream())
                .param("sequence", first.sequence())
                .param("limit", limit)
                .query(rows)
                .list();
    }

    /** The event at a place of a stream. */
    public Optional<Recorded> find(String stream, long sequence) {
        return jdbc.sql(FIND)
                .param("stream", stream)
                .param("sequence", sequence)
                .query(rows)
                .optional()
                .or(() -> archive.find(stream, sequence).map(rows::recorded));
    }

    /** The events at one place of some streams, of those that have one there. */
    public List<Recorded> findAll(Collection<String> streams, long sequence) {
        if (streams.isEmpty()) {
            return List.of();
        }
        List<Recorded> events =
                jdbc.sql(FIND_ALL)
                        .param("streams", streams)
                        .param("sequence", sequence)
                        .query(rows)
                        .list();
        Set<String> found = events.stream().map(Recorded::stream).collect(Collectors.toSet());
        return withArchived(
                events,
                streams.stream().filter(stream -> !found.contains(stream)).toList(),
                row -> row.sequence() == sequence);
    }

    /** The event of an {@linkplain Recorded#id id}; empty where there is none. */
    public Optional<Recorded> find(String id) {
        Matcher parts = ID.matcher(id);
        return parts.matches()
                ? find(parts.group("stream"), Long.parseLong(parts.group("sequence")))
                : Optional.empty();
    }

    /** The events of a type on a stream, oldest first. */
    public List<Recorded> readOfType(String stream, Class<?> type) {
        return readOfTypes(stream, Set.of(type));
    }

    /**
     * The events of some types on a stream, oldest first.
     *
     * @param classes at least one
     */
    public List<Recorded> readOfTypes(String stream, Set<Class<?>> classes) {
        Set<String> types = Upcasters.OF_THIS_PROGRAM.namesOf(classes);
        List<Recorded> events =
                jdbc.sql(READ_OF_TYPE)
                        .param("stream", stream)
                        .param("types", types)
                        .query(rows)
                        .list();
        return withArchived(
                events,
                // A stream is moved whole.
                !events.isEmpty() && events.getFirst().sequence() == 0
                        ? List.of()
                        : List.of(stream),
                row -> types.contains(row.type()));
    }

    /** The newest event of a type on a stream; empty where it has none. */
    public Optional<Recorded> findLast(String stream, Class<?> type) {
        return findLast(stream, type, -1, Long.MAX_VALUE);
    }

    /**
     * The newest event of a type on a stream, of those after one of its places and up to another.
     * The database looks through what is newer; nothing else of the stream is read.
     *
     * @return an event that this program does not understand, if a newer one wrote the newest
     */
    public Optional<Recorded> findLast(String stream, Class<?> type, long after, long upTo) {
        Set<String> types = Upcasters.OF_THIS_PROGRAM.namesOf(type);
        return jdbc.sql(LAST_OF_TYPE)
                .param("stream", stream)
                .param("after", after)
                .param("upTo", upTo)
                .param("types", types)
                .query(rows)
                .optional()
                .or(() ->
                        withArchived(
                                        List.of(),
                                        List.of(stream),
                                        row ->
                                                row.sequence() > after
                                                        && row.sequence() <= upTo
                                                        && types.contains(row.type()))
                                .stream()
                                .reduce((_, later) -> later));
    }

    /** The position of a stream's last event; empty where the stream has none. */
    public OptionalLong lastSequence(String stream) {
        Long last =
                jdbc.sql(LAST_SEQUENCE)
                        .param("stream", stream)
                        .query(Long.class)
                        .optional()
                        .orElse(null);
        return last == null
                ? archive.find(List.of(stream)).stream()
                        .mapToLong(it -> it.events() - 1L)
                        .findFirst()
                : OptionalLong.of(last);
    }

    /** The number of the log's newest event; 0 where it has none. */
    public long head() {
        return jdbc.sql(HEAD).query(Long.class).single();
    }

    /** The number of the log's oldest event; 1 where it has none. */
    long tail() {
        long first = jdbc.sql(TAIL).query(Long.class).single();
        return Math.min(first, archive.bounds().first());
    }

    /** The number in the whole log of a stream's last event; 0 where the stream has none. */
    public long lastIndex(String stream) {
        long last = jdbc.sql(LAST_INDEX).param("stream", stream).query(Long.class).single();
        return last == 0
                ? archive.find(List.of(stream)).stream()
                        .mapToLong(Archive.ArchivedStream::last)
                        .findFirst()
                        .orElse(0)
                : last;
    }

    /** The positions of the last events of some streams; those without events are absent. */
    public Map<String, Long> lastSequences(Collection<String> streams) {
        Map<String, Long> last = new HashMap<>();
        if (!streams.isEmpty()) {
            jdbc.sql(LAST_SEQUENCES)
                    .param("streams", streams)
                    .query(row -> {
                        last.put(row.getString("stream"), row.getLong("last_sequence"));
                    });
            archive.find(streams).forEach(it -> last.putIfAbsent(it.stream(), it.events() - 1L));
        }
        return last;
    }

    /**
     * Has this process's followers judge by a clock how long ago an event was recorded. It must be
     * the database's: by a wall clock that is fast, what is not committed yet would be given up.
     */
    public void useClock(InstantSource databaseClock) {
        GenericEventMessage.clock = databaseClock.withZone(ZoneOffset.UTC);
    }

    /** Has all followers of this process read on at once, after the database was away. */
    public void wakeFollowers() {
        followers.forEach(Follower::wake);
    }

    void add(Follower follower) {
        followers.add(follower);
    }

    void remove(Follower follower) {
        followers.remove(follower);
    }

    /** Of a follower, or of somebody else who looks at the interval of this log. */
    Loop loop(String name) {
        return meters.loop(name, pollInterval);
    }

    /** What the readers of this process's followers are called, whichever master reads. */
    Set<String> readers() {
        return followers.stream()
                .flatMap(follower -> follower.readers().stream())
                .collect(Collectors.toSet());
    }

    /** Index of the last event that was moved to the archive; -1 if there is none. */
    long lastArchived() {
        return archive.bounds().last();
    }

    /**
     * What a follower reads next.
     *
     * @param lastArchived index of the last event of the archive that it may have to read
     */
    List<Read> readAfter(GapAwareTrackingToken position, int numbers, long lastArchived) {
        return position.getIndex() < lastArchived
                ? table.readAfter(position, numbers, archive, lastArchived)
                : table.readAfter(position, numbers);
    }

    Duration pollInterval() {
        return pollInterval;
    }

    @Override
    public void close() {
        store.shutDown();
    }
}
