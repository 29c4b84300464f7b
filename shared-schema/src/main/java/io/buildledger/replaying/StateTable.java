package io.buildledger.replaying;

import io.buildledger.attaching.WorkerStanding;
import io.buildledger.attaching.WorkerTable;
import io.buildledger.database.ReadingConnection;
import io.buildledger.database.UtcColumn;
import io.buildledger.domain.locking.LockEvent.LockRequested;
import io.buildledger.domain.requesting.BuildRequest;
import io.buildledger.domain.requesting.BuildRequest.Unclaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.log.Streams;
import io.buildledger.replaying.ClusterState.Request;
import io.buildledger.replaying.ClusterState.Scheduler;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The tables by which masters work and whose rows the log tells: each row is what events of a few
 * streams make of it. What else masters keep is theirs: leases, the positions of readers, what they
 * can do, and what a configuration makes of requests.
 */
public enum StateTable {
    QUEUE(
            "build_request_queue",
            StateTable::queue,
            key -> List.of(Streams.buildRequest((Long) key.getFirst())),
            key("request_id"),
            same(
                    "buildset_id",
                    "builder",
                    "priority",
                    "submitted_at",
                    "attempts",
                    "next_sequence",
                    "queue_timeout_micros"),
            // On the clock of the database when the request was offered.
            whether("expires_at")),
    CLAIMS(
            "claim",
            StateTable::claims,
            key -> List.of(Streams.buildRequest((Long) key.getFirst())),
            key("request_id"),
            same(
                    "buildset_id",
                    "builder",
                    "priority",
                    "submitted_at",
                    "attempt",
                    "build_number",
                    "master",
                    "epoch",
                    "max_attempts",
                    "queue_timeout_micros")),
    PROGRESS(
            "buildset_progress",
            StateTable::progress,
            key -> List.of(Streams.buildset((Long) key.getFirst())),
            key("buildset_id"),
            same("remaining", "worst")),
    WORKERS(
            "worker",
            StateTable::workers,
            key -> List.of(Streams.worker((String) key.getFirst())),
            key("name"),
            same(
                    "sequence_number",
                    "master",
                    "epoch",
                    "version",
                    "platform",
                    "shut_down",
                    "paused_by",
                    "pause_reason",
                    "stop_requested_by",
                    "stop_reason",
                    "failures",
                    "quarantined_until",
                    "quarantine_reason",
                    "machine",
                    "machine_master",
                    "machine_epoch"),
            // By the clock of the database a moment before the event was recorded.
            whether(
                    "attached_at",
                    "detached_at",
                    "missing_since",
                    "paused_at",
                    "stop_requested_at",
                    "machine_since")),
    LOCKS(
            "named_lock",
            StateTable::locks,
            key -> List.of(Streams.lock((String) key.getFirst())),
            key("lock_name"),
            same("next_sequence"),
            // Builders that are expected at a lock have tickets that the log does not know.
            atLeast("next_ticket")),
    TICKETS(
            "lock_ticket",
            StateTable::tickets,
            key -> List.of(Streams.lock((String) key.getFirst())),
            key("lock_name", "ticket"),
            same(
                    "mode",
                    "amount",
                    "max_count",
                    "held",
                    "builder",
                    "build_number",
                    "request_id",
                    "attempt",
                    "step",
                    "master",
                    "epoch")),
    SCHEDULERS(
            "scheduler_status",
            StateTable::schedulers,
            key -> List.of(Streams.scheduler((String) key.getFirst())),
            key("name"),
            // Of a log that does not say it is empty.
            ifKnown("master"),
            same(
                    "type",
                    "last_sequence",
                    "enabled",
                    "pending",
                    "firings",
                    "fires_at",
                    "renamed_to")),
    NUMBERS(
            "number_sequence",
            StateTable::numbers,
            _ -> List.of(),
            key("name"),
            // A number is taken before the event that has it, which may never be written.
            atLeast("next_number")),
    COMMANDS(
            "open_command",
            StateTable::commands,
            key -> List.of(Streams.build((String) key.getFirst(), (Long) key.getLast())),
            key("builder", "build_number"),
            same("worker", "command_id"));

    private enum Role {
        KEY,
        SAME,
        IF_KNOWN,
        AT_LEAST,
        WHETHER
    }

    private record Column(String name, Role role) {

        boolean agrees(@Nullable Object expected, @Nullable Object actual) {
            return switch (role) {
                case KEY, SAME -> Objects.equals(expected, actual);
                case IF_KNOWN -> "".equals(expected) || Objects.equals(expected, actual);
                case AT_LEAST ->
                        expected instanceof Long least
                                && actual instanceof Long number
                                && number >= least;
                case WHETHER -> (expected == null) == (actual == null);
            };
        }

        String assignment() {
            return (role == Role.AT_LEAST
                            ? "%1$s = GREATEST(%1$s, VALUES(%1$s))"
                            : "%1$s = VALUES(%1$s)")
                    .formatted(name);
        }
    }

    /**
     * A row as the log has it.
     *
     * @param values of all columns, in their order
     * @param streams whose events it is made of, as far as they may still come
     */
    record Row(List<@Nullable Object> values, List<String> streams) {}

    /** The rows that the tables had at a moment, by their keys. */
    public record Rows(Map<StateTable, Map<List<Object>, List<@Nullable Object>>> of) {

        /** Reads them, in the transaction that runs. */
        public static Rows read(JdbcClient jdbc) {
            Map<StateTable, Map<List<Object>, List<@Nullable Object>>> rows = new HashMap<>();
            for (StateTable table : values()) {
                rows.put(table, table.read(jdbc));
            }
            return new Rows(rows);
        }
    }

    private final String tableName;

    @SuppressWarnings("ImmutableEnumChecker") // a list that can't be changed
    private final List<Column> columns;

    private final int keys;

    @SuppressWarnings("ImmutableEnumChecker") // method references without a state
    private final Function<ClusterState, Stream<Row>> rows;

    @SuppressWarnings("ImmutableEnumChecker") // method references without a state
    private final Function<List<Object>, List<String>> streams;

    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    StateTable(
            String tableName,
            Function<ClusterState, Stream<Row>> rows,
            Function<List<Object>, List<String>> streams,
            List<Column>... columns) {
        this.tableName = tableName;
        this.rows = rows;
        this.streams = streams;
        this.columns = Stream.of(columns).flatMap(List::stream).toList();
        this.keys = columns[0].size();
    }

    private static List<Column> columns(Role role, String... names) {
        return Stream.of(names).map(name -> new Column(name, role)).toList();
    }

    private static List<Column> key(String... names) {
        return columns(Role.KEY, names);
    }

    private static List<Column> same(String... names) {
        return columns(Role.SAME, names);
    }

    private static List<Column> ifKnown(String... names) {
        return columns(Role.IF_KNOWN, names);
    }

    private static List<Column> atLeast(String... names) {
        return columns(Role.AT_LEAST, names);
    }

    /** Columns that are NULL or not. */
    private static List<Column> whether(String... names) {
        return columns(Role.WHETHER, names);
    }

    /** Its name on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public String tableName() {
        return tableName;
    }

    // What the log makes of it.

    private static Row row(String stream, @Nullable Object... values) {
        return row(List.of(stream), values);
    }

    private static Row row(List<String> streams, @Nullable Object... values) {
        List<@Nullable Object> kept = new ArrayList<>(values.length);
        for (Object value : values) {
            kept.add(kept(value));
        }
        return new Row(kept, streams);
    }

    /** The value as the database gives it back. */
    private static @Nullable Object kept(@Nullable Object value) {
        return switch (value) {
            case Instant at -> UtcColumn.kept(at);
            case LocalDateTime at -> UtcColumn.kept(at.toInstant(ZoneOffset.UTC));
            case Boolean isSo -> isSo ? 1L : 0L;
            case Number number -> number.longValue();
            case null, default -> value;
        };
    }

    private static Stream<Row> queue(ClusterState state) {
        return state.requests().values().stream()
                .flatMap(request ->
                        request.state() instanceof Unclaimed(BuildRequested of, int attempts)
                                ? Stream.of(offer(request, of, attempts))
                                : Stream.empty());
    }

    private static Row offer(Request request, BuildRequested requested, int attempts) {
        Long micros = micros(requested);
        return row(
                Streams.buildRequest(requested.requestId()),
                requested.requestId(),
                requested.buildsetId(),
                requested.builder(),
                requested.priority(),
                requested.submittedAt(),
                attempts,
                request.lastSequence() + 1,
                micros,
                micros == null ? null : request.since().plus(micros, ChronoUnit.MICROS));
    }

    private static @Nullable Long micros(BuildRequested requested) {
        Long millis = requested.queueTimeoutMillis();
        return millis == null ? null : millis * 1000;
    }

    private static Stream<Row> claims(ClusterState state) {
        return state.requests().values().stream()
                .flatMap(request ->
                        switch (request.state()) {
                            case BuildRequest.Claimed(
                                            BuildRequested requested,
                                            BuildRequestClaimed claim) ->
                                    Stream.of(claim(requested, claim));
                            case BuildRequest.Running(
                                            BuildRequested requested,
                                            BuildRequestClaimed claim) ->
                                    Stream.of(claim(requested, claim));
                            case BuildRequest.Unknown _, Unclaimed _, BuildRequest.Completed _ ->
                                    Stream.empty();
                        });
    }

    private static Row claim(BuildRequested requested, BuildRequestClaimed claim) {
        return row(
                Streams.buildRequest(requested.requestId()),
                requested.requestId(),
                requested.buildsetId(),
                claim.builder(),
                requested.priority(),
                requested.submittedAt(),
                claim.attempt(),
                claim.buildNumber(),
                claim.master(),
                claim.epoch(),
                claim.maxAttempts(),
                micros(requested));
    }

    private static Stream<Row> progress(ClusterState state) {
        return state.buildsets().entrySet().stream()
                .map(buildset -> {
                    List<String> streams = new ArrayList<>();
                    streams.add(Streams.buildset(buildset.getKey()));
                    buildset.getValue().remaining().stream()
                            .sorted()
                            .map(Streams::buildRequest)
                            .forEach(streams::add);
                    return row(
                            streams,
                            buildset.getKey(),
                            buildset.getValue().remaining().size(),
                            buildset.getValue().worst().severity());
                });
    }

    private static Stream<Row> workers(ClusterState state) {
        return state.workers().entrySet().stream()
                .map(worker -> {
                    Map<String, @Nullable Object> row =
                            WorkerTable.columns(
                                    worker.getKey(),
                                    new WorkerStanding(
                                            worker.getValue().state(),
                                            worker.getValue().lastSequence()));
                    return row(
                            Streams.worker(worker.getKey()),
                            WORKERS.columns.stream().map(it -> row.get(it.name())).toArray());
                });
    }

    private static Stream<Row> locks(ClusterState state) {
        return state.locks().entrySet().stream()
                .map(lock ->
                        row(
                                Streams.lock(lock.getKey()),
                                lock.getKey(),
                                lock.getValue().lastSequence() + 1,
                                lock.getValue().lastTicket() + 1));
    }

    private static Stream<Row> tickets(ClusterState state) {
        return state.locks().entrySet().stream()
                .flatMap(lock ->
                        lock.getValue().state().tickets().values().stream()
                                .map(ticket -> ticket(ticket.asked(), ticket.held())));
    }

    private static Row ticket(LockRequested asked, boolean held) {
        return row(
                Streams.lock(asked.lock()),
                asked.lock(),
                asked.ticket(),
                asked.mode().name(),
                asked.count(),
                asked.maxCount(),
                held,
                asked.builder(),
                asked.buildNumber(),
                asked.requestId(),
                asked.attempt(),
                asked.step(),
                asked.master(),
                asked.epoch());
    }

    private static Stream<Row> schedulers(ClusterState state) {
        return state.schedulers().entrySet().stream()
                // Of one that was never configured masters keep no row.
                .filter(it -> it.getValue().type() != null)
                .map(scheduler -> scheduler(scheduler.getKey(), scheduler.getValue()));
    }

    private static Row scheduler(String name, Scheduler scheduler) {
        SchedulerState state = scheduler.state();
        return row(
                Streams.scheduler(name),
                name,
                scheduler.master() == null ? "" : scheduler.master(),
                scheduler.type(),
                scheduler.lastSequence(),
                state.enabled(),
                state.pending().size(),
                state.firings(),
                state.timers().values().stream()
                        .map(TimerArmed::fireAt)
                        .min(Comparator.naturalOrder())
                        .orElse(null),
                state.renamedTo());
    }

    private static Stream<Row> numbers(ClusterState state) {
        return state.numbers().entrySet().stream()
                .map(highest -> row(List.of(), highest.getKey(), highest.getValue() + 1));
    }

    private static Stream<Row> commands(ClusterState state) {
        return state.commands().values().stream()
                .map(command ->
                        row(
                                Streams.build(command.builder(), command.buildNumber()),
                                command.builder(),
                                command.buildNumber(),
                                command.worker(),
                                command.commandId()));
    }

    // What is in it.

    private Map<List<Object>, List<@Nullable Object>> read(JdbcClient jdbc) {
        Map<List<Object>, List<@Nullable Object>> found = new HashMap<>();
        String names = columns.stream().map(Column::name).collect(Collectors.joining(", "));
        jdbc.sql("SELECT %s FROM %s%s".formatted(names, tableName, condition()))
                .withFetchSize(ReadingConnection.ROW_BY_ROW)
                .query(row -> {
                    List<@Nullable Object> values = values(row, columns.size());
                    found.put(key(values), values);
                });
        return found;
    }

    /** Builders that are expected at a lock are not in the log. */
    private String condition() {
        return this == TICKETS ? " WHERE expires_at IS NULL" : "";
    }

    private static List<@Nullable Object> values(ResultSet row, int columns) throws SQLException {
        List<@Nullable Object> values = new ArrayList<>(columns);
        for (int i = 1; i <= columns; i++) {
            values.add(kept(row.getObject(i)));
        }
        return values;
    }

    private List<Object> key(List<@Nullable Object> values) {
        List<Object> key = new ArrayList<>(keys);
        for (Object part : values.subList(0, keys)) {
            if (part == null) {
                throw new IllegalStateException(tableName + " has a row without its key");
            }
            key.add(part);
        }
        return key;
    }

    /** The streams that tell of the rows that it had. */
    Set<String> streams(Rows actual) {
        return actual.of().getOrDefault(this, Map.of()).keySet().stream()
                .flatMap(key -> streams.apply(key).stream())
                .collect(Collectors.toSet());
    }

    /** How many rows the log tells of. */
    public long count(ClusterState state) {
        return rows.apply(state).count();
    }

    /**
     * Where it is not as the log has it. Of what {@linkplain ClusterState#notUnderstood nobody
     * understands} nothing is told.
     */
    public List<StateDifference> differences(ClusterState state, Rows actual) {
        Map<List<Object>, List<@Nullable Object>> others =
                new HashMap<>(actual.of().getOrDefault(this, Map.of()));
        List<StateDifference> differences = new ArrayList<>();
        rows.apply(state)
                .forEach(row -> {
                    List<Object> key = key(row.values());
                    List<@Nullable Object> found = others.remove(key);
                    if (isUnderstood(state, row.streams()) && !agrees(row, found)) {
                        differences.add(difference(key, row, found));
                    }
                });
        others.forEach((key, found) -> {
            // Locks and numbers are made ready for events that are never written.
            if (this != LOCKS && this != NUMBERS && isUnderstood(state, streams.apply(key))) {
                differences.add(difference(key, null, found));
            }
        });
        return differences;
    }

    private static boolean isUnderstood(ClusterState state, List<String> streams) {
        return streams.stream().noneMatch(state.notUnderstood()::contains);
    }

    private boolean agrees(Row row, @Nullable List<@Nullable Object> found) {
        if (found == null) {
            // A worker that came to another master was told to end them, which is not recorded.
            return this == COMMANDS;
        }
        if (this == WORKERS && isBehind(row, found)) {
            return true;
        }
        for (int i = 0; i < found.size(); i++) {
            if (!columns.get(i).agrees(row.values().get(i), found.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** A row that is late is brought up by the next who reads it. */
    private static boolean isBehind(Row row, List<@Nullable Object> found) {
        return row.values().get(1) instanceof Long last
                && found.get(1) instanceof Long sequence
                && sequence < last;
    }

    private StateDifference difference(
            List<Object> key, @Nullable Row row, @Nullable List<@Nullable Object> found) {
        StringBuilder what = new StringBuilder(tableName).append(" has ");
        if (found == null) {
            what.append("no row with ").append(told(key));
        } else if (row == null) {
            what.append("a row with ").append(told(key)).append(", of which the log knows nothing");
        } else {
            List<String> expected = new ArrayList<>();
            List<String> actual = new ArrayList<>();
            for (int i = 0; i < found.size(); i++) {
                Column column = columns.get(i);
                if (!column.agrees(row.values().get(i), found.get(i))) {
                    actual.add("%s %s".formatted(column.name(), found.get(i)));
                    expected.add(
                            column.role() == Role.AT_LEAST
                                    ? "at least " + row.values().get(i)
                                    : String.valueOf(row.values().get(i)));
                }
            }
            what.append(String.join(", ", actual))
                    .append(" where ")
                    .append(told(key))
                    .append(", the log says ")
                    .append(String.join(", ", expected));
        }
        return new StateDifference(
                this, key, what.toString(), row == null ? streams.apply(key) : row.streams());
    }

    // What is written to it.

    /** The rows as the log has them, by their keys. */
    Map<List<Object>, Row> rows(ClusterState state) {
        Map<List<Object>, Row> byKey = new HashMap<>();
        rows.apply(state).forEach(row -> byKey.put(key(row.values()), row));
        return byKey;
    }

    /**
     * Makes the row of a key what the log makes of it, in the transaction that runs.
     *
     * @param row null where the log has none
     */
    void write(JdbcClient jdbc, List<Object> key, @Nullable Row row) {
        if (row == null) {
            delete(jdbc, key);
        } else {
            put(jdbc, row);
        }
    }

    private void put(JdbcClient jdbc, Row row) {
        jdbc.sql(
                        "INSERT INTO %s (%s) VALUES (%s) ON DUPLICATE KEY UPDATE %s"
                                .formatted(
                                        tableName,
                                        columns.stream()
                                                .map(Column::name)
                                                .collect(Collectors.joining(", ")),
                                        columns.stream()
                                                .map(_ -> "?")
                                                .collect(Collectors.joining(", ")),
                                        columns.stream()
                                                .map(Column::assignment)
                                                .collect(Collectors.joining(", "))))
                .params(row.values().stream().map(StateTable::stored).toList())
                .update();
    }

    private static @Nullable Object stored(@Nullable Object value) {
        return value instanceof Instant at ? UtcColumn.of(at) : value;
    }

    private void delete(JdbcClient jdbc, List<Object> key) {
        jdbc.sql(
                        "DELETE FROM %s WHERE %s"
                                .formatted(
                                        tableName,
                                        columns.subList(0, keys).stream()
                                                .map(column -> column.name() + " = ?")
                                                .collect(Collectors.joining(" AND "))))
                .params(key)
                .update();
    }

    private String told(List<Object> key) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < keys; i++) {
            parts.add("%s %s".formatted(columns.get(i).name(), key.get(i)));
        }
        return String.join(", ", parts);
    }
}
