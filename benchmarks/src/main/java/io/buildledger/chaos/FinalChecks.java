package io.buildledger.chaos;

import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What this run expects and the log of any other need not say, asked by SQL. */
final class FinalChecks {

    /** One of them. */
    record Check(String statement, boolean holds, String found) {}

    private static final String REQUESTED =
            "SELECT COUNT(*) FROM event WHERE type = 'build-requested'";

    private static final String CLAIMED_AND_ENDED_ONCE =
            """
            SELECT COUNT(*)
              FROM (SELECT stream
                      FROM event
                     WHERE stream LIKE 'build-request/%'
                     GROUP BY stream
                    HAVING SUM(type = 'build-request-claimed') > 0
                       AND SUM(type IN ('build-request-completed', 'build-request-cancelled',
                                        'build-request-expired', 'build-request-given-up')) = 1) AS requests
            """;

    private static final String LEFT =
            """
            SELECT (SELECT COUNT(*) FROM build_request_queue) + (SELECT COUNT(*) FROM claim)
                 + (SELECT COUNT(*) FROM buildset_progress)
            """;

    private static final String LIVING = "SELECT COUNT(*) FROM master WHERE state = 'live'";

    private FinalChecks() {}

    static List<Check> of(JdbcClient jdbc, int requests) {
        List<Check> checks = new ArrayList<>();
        checks.add(equal("requests in the log", requests, count(jdbc, REQUESTED)));
        checks.add(
                equal(
                        "requests that were claimed and have one end",
                        requests,
                        count(jdbc, CLAIMED_AND_ENDED_ONCE)));
        checks.add(
                equal("rows in the queue, of claims and of open buildsets", 0, count(jdbc, LEFT)));
        checks.add(equal("masters that did not end in order", 0, count(jdbc, LIVING)));
        return checks;
    }

    private static Check equal(String statement, long expected, long found) {
        return new Check(
                statement,
                found == expected,
                found == expected
                        ? "%,d".formatted(found)
                        : "%,d instead of %,d".formatted(found, expected));
    }

    private static long count(JdbcClient jdbc, String sql) {
        return jdbc.sql(sql).query(Long.class).single();
    }
}
