package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.util.ArrayList;
import java.util.List;
import org.springframework.dao.DataAccessException;

/** Where the server's time went, by the server's own profile, which MariaDB has switched off. */
final class TopStatements {

    /**
     * @param run which run it was
     * @param perUnit executions for each build or task
     * @param microsPerUnit time in the server for each build or task, waiting for locks and for the
     *     disk too
     */
    record Statement(String run, double perUnit, double microsPerUnit, String statement) {}

    private static final int SHOWN = 12;
    private static final int LONGEST_SHOWN = 100;

    private static final String BY_TIME =
            """
            SELECT COUNT_STAR, SUM_TIMER_WAIT / 1e6, LEFT(DIGEST_TEXT, :length)
              FROM performance_schema.events_statements_summary_by_digest
             WHERE SCHEMA_NAME = :schema
             ORDER BY SUM_TIMER_WAIT DESC
             LIMIT :shown
            """;

    private static final String MICROS =
            """
            SELECT COALESCE(SUM(SUM_TIMER_WAIT), 0) / 1e6
              FROM performance_schema.events_statements_summary_by_digest
             WHERE SCHEMA_NAME = :schema
            """;

    private TopStatements() {}

    /** Time that statements have spent in the server; 0 where the server doesn't tell. */
    static double micros(Observer observer, Database database) {
        try {
            return observer.jdbc()
                    .sql(MICROS)
                    .param("schema", BenchServer.name(database))
                    .query(Double.class)
                    .single();
        } catch (DataAccessException e) {
            return 0;
        }
    }

    /** What was executed in a database since it was made; empty where the server doesn't tell. */
    static List<Statement> of(Observer observer, Database database, String run, int units) {
        List<Statement> top = new ArrayList<>();
        try {
            observer.jdbc()
                    .sql(BY_TIME)
                    .param("schema", BenchServer.name(database))
                    .param("length", LONGEST_SHOWN)
                    .param("shown", SHOWN)
                    .query(row -> {
                        top.add(
                                new Statement(
                                        run,
                                        row.getDouble(1) / units,
                                        row.getDouble(2) / units,
                                        row.getString(3)));
                    });
        } catch (DataAccessException e) {
            // The user may not look; the rest of the figures stand without it.
        }
        return top;
    }
}
