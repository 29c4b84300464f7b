package io.buildledger.log;

import io.buildledger.database.ReadingConnection;
import io.buildledger.log.EventImport.Row;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.function.Consumer;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The table of events as it is stored, for those to whom it is text and not events. What was moved
 * to the archive is not there: {@link WholeLog#readRows} reads that, too.
 */
public final class EventRows {

    /** The order in which a stream is read. */
    static final Comparator<Row> BY_STREAM =
            Comparator.comparing(Row::stream).thenComparingLong(Row::sequence);

    private static final String PAGE =
            """
            SELECT global_index, stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE global_index > :after AND global_index <= :last
             ORDER BY global_index
             LIMIT :limit
            """;

    private final JdbcClient jdbc;

    public EventRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Reads rows in the order of the log, one by one, by one statement that locks nothing.
     *
     * @param after index before the first that is wanted
     * @param last index of the last that is wanted
     * @param limit how many at most
     */
    public void read(long after, long last, int limit, Consumer<Row> reader) {
        jdbc.sql(PAGE)
                .param("after", after)
                .param("last", last)
                .param("limit", limit)
                .withFetchSize(ReadingConnection.ROW_BY_ROW)
                .query(row -> {
                    reader.accept(of(row));
                });
    }

    /** By their places, in the order above: there are millions of rows. */
    public static Row of(ResultSet row) throws SQLException {
        return new Row(
                row.getLong(1),
                row.getString(2),
                row.getLong(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getObject(8, LocalDateTime.class).toInstant(ZoneOffset.UTC));
    }
}
