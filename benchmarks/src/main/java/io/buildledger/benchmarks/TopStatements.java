package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    private record Executed(long count, double micros) {}

    private static final int SHOWN = 12;
    private static final int LONGEST_SHOWN = 100;

    private static final String EXECUTED =
            """
            SELECT LEFT(DIGEST_TEXT, :length) AS statement, SUM(COUNT_STAR) AS count,
                   SUM(SUM_TIMER_WAIT) / 1e6 AS micros
              FROM performance_schema.events_statements_summary_by_digest
             WHERE SCHEMA_NAME = :schema
             GROUP BY statement
            """;

    private final Observer observer;
    private final Database database;
    private final Map<String, Executed> before;

    /** From here on. */
    TopStatements(Observer observer, Database database) {
        this.observer = observer;
        this.database = database;
        this.before = executed();
    }

    /** The most expensive; empty where the server doesn't tell. */
    List<Statement> perUnit(String run, int units) {
        return executed().entrySet().stream()
                .map(entry -> {
                    Executed earlier = before.getOrDefault(entry.getKey(), new Executed(0, 0));
                    return new Statement(
                            run,
                            (double) (entry.getValue().count() - earlier.count()) / units,
                            (entry.getValue().micros() - earlier.micros()) / units,
                            entry.getKey());
                })
                .sorted(Comparator.comparingDouble(Statement::microsPerUnit).reversed())
                .limit(SHOWN)
                .toList();
    }

    /** Time that all statements have spent in the server; 0 where the server doesn't tell. */
    double micros() {
        return executed().values().stream().mapToDouble(Executed::micros).sum()
                - before.values().stream().mapToDouble(Executed::micros).sum();
    }

    private Map<String, Executed> executed() {
        Map<String, Executed> executed = new HashMap<>();
        try {
            observer.jdbc()
                    .sql(EXECUTED)
                    .param("schema", FreshDatabase.name(database))
                    .param("length", LONGEST_SHOWN)
                    .query(row -> {
                        executed.put(
                                String.valueOf(row.getString("statement")),
                                new Executed(row.getLong("count"), row.getDouble("micros")));
                    });
        } catch (DataAccessException e) {
            // The user may not look; the rest of the figures stand without it.
        }
        return executed;
    }
}
