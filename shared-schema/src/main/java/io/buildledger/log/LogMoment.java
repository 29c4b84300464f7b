package io.buildledger.log;

import io.buildledger.database.ReadingConnection;
import io.buildledger.database.UtcColumn;
import java.time.Instant;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which events were in the log at a moment. These never change, so they can be read when the moment
 * is gone and InnoDB need not keep it.
 *
 * @param at by the database's clock
 * @param head index of the last event; -1 in an empty log
 * @param settled up to here every event was there that will ever be; of those after it only the
 *     {@code recent} were, as an index is taken before its event is committed
 */
public record LogMoment(Instant at, long head, long settled, NumberSet recent) {

    /** Before the first event. */
    public static final LogMoment NONE = new LogMoment(Instant.MIN, -1, -1, new NumberSet());

    private record Head(Instant at, long index) {}

    private static final String HEAD =
            "SELECT UTC_TIMESTAMP(6) AS moment, COALESCE(MAX(global_index), -1) AS head FROM event";

    private static final String RECENT =
            "SELECT global_index FROM event WHERE global_index > :settled ORDER BY global_index";

    /**
     * The moment of the snapshot in which a connection reads.
     *
     * @param connection {@linkplain ReadingConnection#inSnapshot in a snapshot}, or what is read
     *     here is of several moments
     */
    public static LogMoment of(ReadingConnection connection) {
        JdbcClient jdbc = connection.jdbc();
        Head head =
                jdbc.sql(HEAD)
                        .query((row, _) ->
                                new Head(UtcColumn.read(row, "moment"), row.getLong("head")))
                        .single();
        long settled = new WholeLog(connection).settled(head.index());
        NumberSet recent = new NumberSet();
        jdbc.sql(RECENT)
                .param("settled", settled)
                .withFetchSize(ReadingConnection.ROW_BY_ROW)
                .query(row -> {
                    recent.add(row.getLong(1));
                });
        return new LogMoment(head.at(), head.index(), settled, recent);
    }

    /** Whether an event was in the log at this moment. */
    public boolean has(long index) {
        return index <= settled || recent.contains(index);
    }
}
