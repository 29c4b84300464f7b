package io.buildledger.database;

import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;

/**
 * Connections that are kept for transactions of one or two statements, so that leases and numbers
 * never wait for somebody who holds a connection while working, or who waits for a number while
 * holding one.
 */
public record ShortTransactions(HikariDataSource pool) implements AutoCloseable {

    public static final int CONNECTIONS = 3;

    public DataSource dataSource() {
        return pool;
    }

    @Override
    public void close() {
        pool.close();
    }
}
