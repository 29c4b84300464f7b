package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import io.buildledger.testing.SentStatements;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bare JDBC: sends statements that were recorded again, one after the other, over as many
 * connections, and reads what they return. It makes no text, no objects and no decisions.
 */
final class Replay implements AutoCloseable {

    private final Database database;
    private final Map<Integer, Statement> connections = new HashMap<>();

    Replay(Database database) {
        this.database = database;
    }

    /** Opens what the statements will need, so that opening it costs them nothing. */
    void connectFor(List<SentStatements.Statement> statements) throws SQLException {
        for (SentStatements.Statement statement : statements) {
            if (!connections.containsKey(statement.connection())) {
                Connection connection =
                        DriverManager.getConnection(
                                database.url()
                                        + (database.url().contains("?") ? "&" : "?")
                                        + "allowMultiQueries=true",
                                database.user(),
                                database.password());
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
                connections.put(statement.connection(), connection.createStatement());
            }
        }
    }

    void run(List<SentStatements.Statement> statements) throws SQLException {
        for (SentStatements.Statement recorded : statements) {
            Statement statement = connections.get(recorded.connection());
            if (statement == null) {
                throw new IllegalStateException("not connected");
            }
            boolean isResult = statement.execute(recorded.sql());
            while (isResult || statement.getUpdateCount() >= 0) {
                if (isResult) {
                    readAll(statement);
                }
                isResult = statement.getMoreResults();
            }
        }
    }

    private static void readAll(Statement statement) throws SQLException {
        try (ResultSet rows = statement.getResultSet()) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                for (int column = 1; column <= columns; column++) {
                    rows.getString(column);
                }
            }
        }
    }

    @Override
    public void close() throws SQLException {
        for (Statement statement : connections.values()) {
            statement.getConnection().close();
        }
    }
}
