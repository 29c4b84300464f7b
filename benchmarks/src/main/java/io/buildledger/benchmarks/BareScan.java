package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import tools.jackson.databind.json.JsonMapper;

/** Plain JDBC: one statement reads the whole log, row by row, and the JSON of each is parsed. */
final class BareScan {

    private static final JsonMapper JSON = new JsonMapper();

    private static final String ALL =
            """
            SELECT global_index, stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             ORDER BY global_index
            """;

    private BareScan() {}

    /** Returns how many rows there were. */
    static long of(Database database) {
        try (Connection connection =
                        DriverManager.getConnection(
                                database.url(), database.user(), database.password());
                Statement statement =
                        connection.createStatement(
                                ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
            statement.setFetchSize(Integer.MIN_VALUE);
            long rows = 0;
            try (ResultSet row = statement.executeQuery(ALL)) {
                while (row.next()) {
                    if (!JSON.readTree(row.getString("payload")).isObject()) {
                        throw new RunFailedException("an event is no object");
                    }
                    rows++;
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new RunFailedException("the log can't be scanned: " + e.getMessage(), e);
        }
    }
}
