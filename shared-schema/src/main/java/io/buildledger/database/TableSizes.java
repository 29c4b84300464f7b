package io.buildledger.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * How large the tables are that grow with what a cluster does, as the server estimates it. Two
 * statements, which read none of their rows.
 */
public final class TableSizes {

    private static final String SIZES =
            """
            SELECT table_name AS name, data_length + index_length AS bytes
              FROM information_schema.tables
             WHERE table_schema = DATABASE()
               AND table_name IN ('event', 'step_log_chunk', 'artifact_chunk')
            """;

    // Else MySQL would tell for a day what it has told once.
    private static final String NOW = "SET SESSION information_schema_stats_expiry = 0";

    private final JdbcTemplate jdbc;

    public TableSizes(DataSource dataSource) {
        this.jdbc = new JdbcTemplate(dataSource);
    }

    /** Bytes by the name of the table, with its indexes. */
    public Map<String, Long> bytes() {
        ConnectionCallback<Map<String, Long>> read = this::bytes;
        return Map.copyOf(jdbc.execute(read));
    }

    private Map<String, Long> bytes(Connection connection) throws SQLException {
        if (!connection.getMetaData().getDatabaseProductVersion().contains("MariaDB")) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(NOW);
            }
        }
        Map<String, Long> bytes = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(SIZES);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                bytes.put(row.getString("name"), row.getLong("bytes"));
            }
        }
        return bytes;
    }
}
