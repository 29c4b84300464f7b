package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.util.HashMap;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** One connection that looks on; what it does is not counted. */
final class Observer implements AutoCloseable {

    private static final String GLOBAL =
            "SHOW GLOBAL STATUS WHERE Variable_name = 'Questions' OR Variable_name LIKE 'Com\\_%'";

    private static final String OWN =
            "SHOW SESSION STATUS WHERE Variable_name = 'Questions' OR Variable_name LIKE 'Com\\_%'";

    private static final int IN_ONE_PACKET = 5;

    private final SingleConnectionDataSource dataSource;
    private final JdbcClient jdbc;

    Observer(Database database) {
        dataSource =
                new SingleConnectionDataSource(
                        database.url()
                                + (database.url().contains("?") ? "&" : "?")
                                + "allowMultiQueries=true",
                        database.user(),
                        database.password(),
                        true);
        jdbc = JdbcClient.create(dataSource);
        requireThatEachStatementCounts();
    }

    /** Batches go to the server many statements a packet; a count of packets would flatter. */
    private void requireThatEachStatementCounts() {
        long before = new StatementCount(status(OWN)).all();
        jdbc.sql("DO 1" + "; DO 1".repeat(IN_ONE_PACKET - 1)).update();
        // Less the count before.
        long counted = new StatementCount(status(OWN)).all() - before - 1;
        if (counted != IN_ONE_PACKET) {
            throw new RunFailedException(
                    "this server counts %d statements in one packet as %d"
                            .formatted(IN_ONE_PACKET, counted));
        }
    }

    JdbcClient jdbc() {
        return jdbc;
    }

    /** What the server has executed so far for everybody else. */
    StatementCount statements() {
        Map<String, Long> all = status(GLOBAL);
        status(OWN).forEach((name, own) -> all.merge(name, -own, Long::sum));
        return new StatementCount(all);
    }

    private Map<String, Long> status(String sql) {
        Map<String, Long> status = new HashMap<>();
        jdbc.sql(sql)
                .query(row -> {
                    status.put(row.getString(1), row.getLong(2));
                });
        return status;
    }

    @Override
    public void close() {
        dataSource.destroy();
    }
}
