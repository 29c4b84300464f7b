package io.buildledger.verifying;

import io.buildledger.attaching.WorkerStanding;
import io.buildledger.attaching.WorkerTable;
import io.buildledger.database.ReadingConnection;
import io.buildledger.database.UtcColumn;
import io.buildledger.log.LogPosition;
import io.buildledger.log.WholeLog;
import io.buildledger.viewing.ViewProjector;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The tables of one moment, and which events were in the log then. These events never change, so
 * they can be read when the moment is gone and InnoDB need not keep it.
 *
 * @param head index of the last event; -1 in an empty log
 * @param settled up to here every event was there that will ever be; of those after it only the
 *     {@code recent} were, as an index is taken before its event is committed
 * @param viewsPosition how far the views were
 */
record Snapshot(
        Instant at,
        long head,
        long settled,
        NumberSet recent,
        LogPosition viewsPosition,
        RowSums views,
        Map<Long, Offer> queue,
        Map<Long, Claim> claims,
        Map<Long, Progress> progress,
        Map<String, WorkerStanding> workers,
        Map<LockTicket, LockRow> tickets) {

    /** A row of the queue. */
    record Offer(
            long buildsetId,
            String builder,
            int priority,
            Instant submittedAt,
            int attempts,
            long nextSequence,
            @Nullable Long queueTimeoutMicros) {}

    /** A row of the table of claims. */
    record Claim(
            long buildsetId,
            String builder,
            int priority,
            Instant submittedAt,
            int attempt,
            long buildNumber,
            String master,
            long epoch,
            @Nullable Integer maxAttempts,
            @Nullable Long queueTimeoutMicros) {}

    /** Which row of the lines of the locks. */
    record LockTicket(String lock, long number) {}

    /** What it says. */
    record LockRow(
            String mode,
            int count,
            int maxCount,
            boolean held,
            String builder,
            long buildNumber,
            long requestId,
            int attempt,
            @Nullable Integer step,
            String master,
            long epoch) {}

    /** A row of {@code buildset_progress}. */
    record Progress(int remaining, int worst) {}

    private record Moment(Instant at, long head) {}

    private static final String MOMENT =
            "SELECT UTC_TIMESTAMP(6) AS moment, COALESCE(MAX(global_index), -1) AS head FROM event";

    private static final String RECENT =
            "SELECT global_index FROM event WHERE global_index > :settled ORDER BY global_index";

    private static final String QUEUE =
            """
            SELECT request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence, queue_timeout_micros
              FROM build_request_queue
            """;

    private static final String CLAIMS =
            """
            SELECT request_id, buildset_id, builder, priority, submitted_at, attempt, build_number, master, epoch,
                   max_attempts, queue_timeout_micros
              FROM claim
            """;

    private static final String PROGRESS =
            "SELECT buildset_id, remaining, worst FROM buildset_progress";

    // Builders that are expected at a lock are not in the log.
    private static final String TICKETS =
            """
            SELECT lock_name, ticket, mode, amount, max_count, held, builder, build_number, request_id, attempt, step,
                   master, epoch
              FROM lock_ticket
             WHERE expires_at IS NULL
            """;

    static Snapshot take(ReadingConnection connection) {
        return connection.inSnapshot(() -> read(connection));
    }

    private static Snapshot read(ReadingConnection connection) {
        JdbcClient jdbc = connection.jdbc();
        Moment moment =
                jdbc.sql(MOMENT)
                        .query((row, _) ->
                                new Moment(UtcColumn.read(row, "moment"), row.getLong("head")))
                        .single();
        long settled = new WholeLog(connection).settled(moment.head());
        return new Snapshot(
                moment.at(),
                moment.head(),
                settled,
                recent(jdbc, settled),
                ViewProjector.position(jdbc),
                RowSums.ofViews(jdbc),
                queue(jdbc),
                claims(jdbc),
                progress(jdbc),
                new WorkerTable(jdbc).all(),
                tickets(jdbc));
    }

    private static NumberSet recent(JdbcClient jdbc, long settled) {
        NumberSet recent = new NumberSet();
        jdbc.sql(RECENT)
                .param("settled", settled)
                .withFetchSize(ReadingConnection.ROW_BY_ROW)
                .query(row -> {
                    recent.add(row.getLong(1));
                });
        return recent;
    }

    private static Map<Long, Offer> queue(JdbcClient jdbc) {
        Map<Long, Offer> rows = new HashMap<>();
        jdbc.sql(QUEUE)
                .withFetchSize(ReadingConnection.ROW_BY_ROW)
                .query(row -> {
                    rows.put(
                            row.getLong("request_id"),
                            new Offer(
                                    row.getLong("buildset_id"),
                                    row.getString("builder"),
                                    row.getInt("priority"),
                                    UtcColumn.read(row, "submitted_at"),
                                    row.getInt("attempts"),
                                    row.getLong("next_sequence"),
                                    row.getObject("queue_timeout_micros", Long.class)));
                });
        return rows;
    }

    private static Map<Long, Claim> claims(JdbcClient jdbc) {
        Map<Long, Claim> rows = new HashMap<>();
        jdbc.sql(CLAIMS)
                .withFetchSize(ReadingConnection.ROW_BY_ROW)
                .query(row -> {
                    rows.put(
                            row.getLong("request_id"),
                            new Claim(
                                    row.getLong("buildset_id"),
                                    row.getString("builder"),
                                    row.getInt("priority"),
                                    UtcColumn.read(row, "submitted_at"),
                                    row.getInt("attempt"),
                                    row.getLong("build_number"),
                                    row.getString("master"),
                                    row.getLong("epoch"),
                                    row.getInt("max_attempts"),
                                    row.getObject("queue_timeout_micros", Long.class)));
                });
        return rows;
    }

    private static Map<Long, Progress> progress(JdbcClient jdbc) {
        Map<Long, Progress> rows = new HashMap<>();
        jdbc.sql(PROGRESS)
                .withFetchSize(ReadingConnection.ROW_BY_ROW)
                .query(row -> {
                    rows.put(
                            row.getLong("buildset_id"),
                            new Progress(row.getInt("remaining"), row.getInt("worst")));
                });
        return rows;
    }

    private static Map<LockTicket, LockRow> tickets(JdbcClient jdbc) {
        Map<LockTicket, LockRow> rows = new HashMap<>();
        jdbc.sql(TICKETS)
                .withFetchSize(ReadingConnection.ROW_BY_ROW)
                .query(row -> {
                    rows.put(
                            new LockTicket(row.getString("lock_name"), row.getLong("ticket")),
                            new LockRow(
                                    row.getString("mode"),
                                    row.getInt("amount"),
                                    row.getInt("max_count"),
                                    row.getBoolean("held"),
                                    row.getString("builder"),
                                    row.getLong("build_number"),
                                    row.getLong("request_id"),
                                    row.getInt("attempt"),
                                    row.getObject("step", Integer.class),
                                    row.getString("master"),
                                    row.getLong("epoch")));
                });
        return rows;
    }

    /** Whether an event was in the log at this moment. */
    boolean has(long index) {
        return index <= settled || recent.contains(index);
    }
}
