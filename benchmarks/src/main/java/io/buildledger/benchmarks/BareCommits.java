package io.buildledger.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The least that a chain of recorded facts can take: as many commits, one after the other. */
final class BareCommits {

    private static final String APPEND =
            """
            INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
            VALUES (?, ?, 'build-started', '1', '{"requestId":1,"attempt":1}', '{"master":"bench","epoch":1}')
            """;

    private BareCommits() {}

    /** How long so many commits of one row each take in a row; median of so many times. */
    static double medianMillis(Database database, int commits, int times) throws SQLException {
        List<Double> millis = new ArrayList<>();
        try (HikariDataSource pool = database.pool("bare", 1);
                Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(APPEND)) {
            connection.setAutoCommit(false);
            for (int i = 0; i < times; i++) {
                long began = System.nanoTime();
                for (int sequence = 0; sequence < commits; sequence++) {
                    statement.setString(1, "build-request/" + i);
                    statement.setLong(2, sequence);
                    statement.executeUpdate();
                    connection.commit();
                }
                millis.add((System.nanoTime() - began) / 1e6);
            }
        }
        return Percentiles.of(millis).median();
    }
}
