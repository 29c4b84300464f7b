package io.buildledger.chaos;

import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What must hold when every request has ended, asked of the tables by SQL alone. */
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

    private static final String CLAIMS_WITHOUT_ONE_END =
            """
            SELECT COUNT(*)
              FROM (SELECT stream
                      FROM event
                     WHERE stream LIKE 'build-request/%'
                     GROUP BY stream
                    HAVING SUM(type = 'build-request-claimed')
                        <> SUM(type IN ('build-request-released', 'build-request-completed'))) AS requests
            """;

    private static final String AFTER_THE_END =
            """
            SELECT COUNT(*)
              FROM event AS ended
                   JOIN event AS late ON late.stream = ended.stream
                                     AND late.sequence_number > ended.sequence_number
             WHERE ended.type IN ('build-request-completed', 'build-request-given-up')
            """;

    private static final String HOLES =
            """
            SELECT COUNT(*)
              FROM (SELECT stream FROM event GROUP BY stream
                    HAVING MIN(sequence_number) <> 0 OR COUNT(*) <> MAX(sequence_number) + 1) AS streams
            """;

    private static final String BUILDSETS =
            """
            SELECT COUNT(*)
              FROM (SELECT stream FROM event WHERE stream LIKE 'buildset/%' GROUP BY stream
                    HAVING SUM(type = 'buildset-submitted') = 1
                       AND SUM(type = 'buildset-completed') = 1) AS buildsets
            """;

    private static final String BUILD_NUMBERS_TAKEN_TWICE =
            """
            SELECT COUNT(*)
              FROM (SELECT 1 FROM event WHERE type = 'build-request-claimed'
                     GROUP BY JSON_VALUE(payload, '$.builder'), JSON_VALUE(payload, '$.buildNumber')
                    HAVING COUNT(*) > 1) AS numbers
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
                equal(
                        "requests with a claim that was neither completed nor released once",
                        0,
                        count(jdbc, CLAIMS_WITHOUT_ONE_END)));
        checks.add(equal("events after a request's end", 0, count(jdbc, AFTER_THE_END)));
        checks.add(equal("streams with holes", 0, count(jdbc, HOLES)));
        checks.add(equal("buildsets completed once", requests, count(jdbc, BUILDSETS)));
        checks.add(
                equal(
                        "build numbers that were given twice",
                        0,
                        count(jdbc, BUILD_NUMBERS_TAKEN_TWICE)));
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
