package io.buildledger.testing;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.log.EventLog;
import java.time.Duration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * One session with a log's database and what the server counts of it, which nothing else that goes
 * on there changes.
 */
public final class CountedSession implements AutoCloseable {

    /** Has one connection, for one user at a time. */
    public final HikariDataSource dataSource;

    public final JdbcClient jdbc;

    public CountedSession(TestLog test) {
        dataSource = test.database.pool("counted", 1);
        jdbc = JdbcClient.create(dataSource);
    }

    /** A log that is read and written in this session, and looks for events when it is told to. */
    public EventLog log() {
        return new EventLog(
                dataSource, new JdbcTransactionManager(dataSource), Duration.ofHours(1));
    }

    /** A counter as {@code SHOW STATUS} calls it. */
    public long counter(String name) {
        return counters(name);
    }

    /** How many statements some work sends. */
    public long statementsOf(Runnable work) {
        long before = counter("Questions");
        work.run();
        // The last question is this one.
        return counter("Questions") - before - 1;
    }

    /** How many rows some work reads, which is done twice. */
    public long rowsReadBy(Runnable work) {
        // To open a table for the first time, MySQL reads its own.
        work.run();
        long before = rowsRead();
        work.run();
        return rowsRead() - before;
    }

    private long rowsRead() {
        // SHOW itself reads a table without a key.
        return counters("Handler\\_read\\_%") - counters("Handler\\_read\\_rnd%");
    }

    private long counters(String pattern) {
        return jdbc
                .sql("SHOW SESSION STATUS LIKE '" + pattern + "'")
                .query((row, _) -> row.getLong(2))
                .list()
                .stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    @Override
    public void close() {
        dataSource.close();
    }
}
