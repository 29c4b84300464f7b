package io.buildledger.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * One connection that can't write, for one thread. Statements see what is committed when they
 * begin; those {@linkplain #inSnapshot of a snapshot} what was when the first of them did.
 */
public final class ReadingConnection implements AutoCloseable {

    /**
     * Has the driver hand over row by row what a statement finds, instead of all at once. Until the
     * last row is read the connection can do nothing else.
     */
    public static final int ROW_BY_ROW = Integer.MIN_VALUE;

    private final Connection connection;
    private final JdbcClient jdbc;

    ReadingConnection(Connection connection) throws SQLException {
        this.connection = connection;
        connection.setReadOnly(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        this.jdbc = JdbcClient.create(new SingleConnectionDataSource(connection, true));
    }

    public JdbcClient jdbc() {
        return jdbc;
    }

    /** Runs statements that all see the same moment. InnoDB keeps it for them, so they are few. */
    public <T> T inSnapshot(Supplier<T> statements) {
        try {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
            try {
                return statements.get();
            } finally {
                connection.setAutoCommit(true);
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            }
        } catch (SQLException e) {
            throw new DataAccessResourceFailureException("the connection was lost", e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new DataAccessResourceFailureException("the connection was lost", e);
        }
    }
}
