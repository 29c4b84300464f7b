package io.buildledger.testing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What the views and the tables of masters hold on a farm that has built for long, written without
 * the events that it would have come of: made in a minute where those would take an hour. The
 * numbers of all kinds begin with 1, changes and buildsets have the same; whoever lets more happen
 * takes other ones.
 *
 * <p>Each builder has built and is asked to build in turn. Of every twelve builders one is red.
 *
 * @param builders {@code b1} and so on
 * @param builds that have finished
 * @param pending requests that nobody has claimed, the newest ones
 * @param running builds that run, at most one of a builder
 * @param buildersOfChange how many builders were asked to build each change
 */
public record GrownFarm(int builders, int builds, int pending, int running, int buildersOfChange) {

    private static final int MASTERS = 4;
    private static final int WORKERS = 200;

    /** So that no statement takes longer than a connection waits for. */
    private static final int ROWS_A_STATEMENT = 50_000;

    private static final String DIGIT =
            IntStream.range(0, 10)
                    .mapToObj(digit -> "SELECT " + digit + " AS d")
                    .collect(Collectors.joining(" UNION ALL ", "(", ")"));

    /** Numbers from :from, and less than :until. */
    private static final String NUMBERS =
            """
            (SELECT :from + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n
               FROM %1$s AS a CROSS JOIN %1$s AS b CROSS JOIN %1$s AS c CROSS JOIN %1$s AS e
                    CROSS JOIN (SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3
                                UNION ALL SELECT 4) AS f
              WHERE :from + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d < :until) AS numbers
            """
                    .formatted(DIGIT);

    /** When the request of a number from 0 was there: the newest now, and one a second. */
    private static final String ASKED_AT = "UTC_TIMESTAMP(6) - INTERVAL :requests - n SECOND";

    private static final String CHANGE_AT =
            "UTC_TIMESTAMP(6) - INTERVAL :requests - n * :of SECOND";

    /** Of the builder n % :builders + 1 the build n DIV :builders + 1. */
    private static final String RESULTS =
            """
            CASE WHEN MOD(MOD(n, :builders), 12) = 7 AND n >= :builds - 3 * :builders THEN 'FAILURE'
                 WHEN MOD(n, 23) = 5 AND n < :builds - 3 * :builders THEN 'FAILURE'
                 WHEN MOD(n, 31) = 3 THEN 'WARNINGS'
                 ELSE 'SUCCESS' END
            """;

    private static final String MASTER_OF = "CONCAT('m', MOD(n, " + MASTERS + ") + 1)";

    private static final String WORKER_OF = "CONCAT('w', MOD(n, " + WORKERS + ") + 1)";

    private static final String BUILDER = "CONCAT('b', MOD(n, :builders) + 1)";

    private static final String BUILD = "n DIV :builders + 1";

    private static final String INSERT_CHANGES =
            """
            INSERT INTO change_view (change_id, repository, branch, revision, project, author, comments, file_count,
                                     revlink, source, received_at)
            SELECT n + 1, 'https://git.example.org/app.git', 'main', LEFT(SHA2(n, 256), 40), 'app',
                   CONCAT('dev', MOD(n, 50), ' <dev', MOD(n, 50), '@example.org>'),
                   CONCAT('Mend what change ', n, ' has broken\\n\\nAnd say why.'), 3,
                   CONCAT('https://git.example.org/app/commit/', LEFT(SHA2(n, 256), 40)), 'git_poller',
            """
                    + CHANGE_AT;

    private static final String INSERT_BUILDSETS =
            """
            INSERT INTO buildset_view (buildset_id, scheduler, reason, repository, branch, revision, change_ids,
                                       submitted_at)
            SELECT n + 1, 'main', 'scheduler main fired for 1 change', 'https://git.example.org/app.git', 'main',
                   LEFT(SHA2(n, 256), 40), CONCAT('[', n + 1, ']'),
            """
                    + CHANGE_AT;

    private static final String INSERT_STAMPS =
            """
            INSERT INTO source_stamp_view (buildset_id, stamp_number, codebase, source_stamp_id, repository, branch,
                                           revision, project, has_patch)
            SELECT n + 1, 1, '', LEFT(SHA2(n, 256), 32), 'https://git.example.org/app.git', 'main', LEFT(SHA2(n, 256), 40), 'app', 0
            """;

    private static final String INSERT_CHANGE_BUILDSETS =
            "INSERT INTO change_buildset_view (change_id, buildset_id) SELECT n + 1, n + 1";

    private static final String INSERT_ACTIONS =
            """
            INSERT INTO action_view (stream, sequence_number, actor, recorded_at)
            SELECT CONCAT('change/', n + 1), 0, CONCAT('dev', MOD(n, 50), ' <dev', MOD(n, 50), '@example.org>'),
            """
                    + CHANGE_AT;

    private static final String INSERT_FINISHED_REQUESTS =
            """
            INSERT INTO request_view (request_id, buildset_id, builder, priority, submitted_at, state, attempt, master,
                                      build_number, results, completed_at)
            SELECT n + 1, n DIV :of + 1, %s, 0, %s, 'completed', 1, %s, %s, %s, UTC_TIMESTAMP(6)
            """
                    .formatted(BUILDER, ASKED_AT, MASTER_OF, BUILD, RESULTS);

    private static final String INSERT_BUILDS =
            """
            INSERT INTO build_view (builder, build_number, request_id, attempt, master, epoch, worker, state, results,
                                    summary, claimed_at, started_at, finished_at)
            SELECT %1$s, %2$s, n + 1, 1, %3$s, 1, %4$s, 'finished', %5$s, 'test: 1,204 tests in 3 min', %6$s, %6$s,
                   %6$s + INTERVAL 60 + MOD(n, 240) SECOND
            """
                    .formatted(BUILDER, BUILD, MASTER_OF, WORKER_OF, RESULTS, ASKED_AT);

    private static final String INSERT_OPEN_REQUESTS =
            """
            INSERT INTO request_view (request_id, buildset_id, builder, priority, submitted_at, state, attempt, master,
                                      build_number)
            SELECT n + 1, n DIV :of + 1, %1$s, 0, %2$s,
                   CASE WHEN n < :builds + :running THEN 'running' ELSE 'unclaimed' END,
                   CASE WHEN n < :builds + :running THEN 1 ELSE 0 END,
                   CASE WHEN n < :builds + :running THEN %3$s END,
                   CASE WHEN n < :builds + :running THEN %4$s END
            """
                    .formatted(BUILDER, ASKED_AT, MASTER_OF, BUILD);

    private static final String INSERT_RUNNING_BUILDS =
            """
            INSERT INTO build_view (builder, build_number, request_id, attempt, master, epoch, worker, state, claimed_at,
                                    started_at)
            SELECT %1$s, %2$s, n + 1, 1, %3$s, 1, %4$s, 'running', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
            """
                    .formatted(BUILDER, BUILD, MASTER_OF, WORKER_OF);

    private static final String INSERT_CLAIMS =
            """
            INSERT INTO claim (request_id, buildset_id, builder, priority, submitted_at, attempt, build_number, master,
                               epoch)
            SELECT n + 1, n DIV :of + 1, %s, 0, %s, 1, %s, %s, 1
            """
                    .formatted(BUILDER, ASKED_AT, BUILD, MASTER_OF);

    private static final String INSERT_QUEUE =
            """
            INSERT INTO build_request_queue (request_id, buildset_id, builder, priority, submitted_at, attempts,
                                             next_sequence)
            SELECT n + 1, n DIV :of + 1, %s, 0, %s, 0, 1
            """
                    .formatted(BUILDER, ASKED_AT);

    private static final String INSERT_MASTERS =
            """
            INSERT INTO master (name, epoch, role, state, host, pid, lease_micros, started_at, leased_until)
            SELECT CONCAT('m', n + 1), 1, 'builder', 'live', 'ci.example.org', 4711 + n, 30000000,
                   UTC_TIMESTAMP(6) - INTERVAL 9 DAY, UTC_TIMESTAMP(6) + INTERVAL 1 DAY
            """;

    private static final String INSERT_MASTER_BUILDERS =
            """
            INSERT INTO master_builder (builder, master, fingerprint, since, published_at, tags, description, project,
                                        project_description)
            SELECT CONCAT('b', n DIV 4 + 1), CONCAT('m', MOD(n, 4) + 1), '0123456789ab',
                   UTC_TIMESTAMP(6) - INTERVAL 9 DAY, UTC_TIMESTAMP(6) - INTERVAL 9 DAY,
                   CONCAT('["tier ', MOD(n DIV 4, 4), '"]'), 'Debug build and all tests', 'app', 'The application'
            """;

    private static final String INSERT_WORKERS =
            """
            INSERT INTO worker (name, sequence_number, master, epoch, version, platform, attached_at, shut_down,
                                failures)
            SELECT CONCAT('w', n + 1), 0, CONCAT('m', MOD(n, 4) + 1), 1, '4.3.0', 'posix',
                   UTC_TIMESTAMP(6) - INTERVAL 1 DAY, FALSE, 0
            """;

    private static final String INSERT_MASTER_WORKERS =
            """
            INSERT INTO master_worker (worker, master, attaches, max_builds)
            SELECT CONCAT('w', n DIV 4 + 1), CONCAT('m', MOD(n, 4) + 1), TRUE, 2
            """;

    private int requests() {
        return builds + running + pending;
    }

    /** How many changes there are, and buildsets. */
    public int changes() {
        return (requests() + buildersOfChange - 1) / buildersOfChange;
    }

    /** Writes all of it into a database that has none of it. */
    public void fill(JdbcClient jdbc) {
        insert(jdbc, INSERT_MASTERS, 0, MASTERS);
        insert(jdbc, INSERT_MASTER_BUILDERS, 0, MASTERS * builders);
        insert(jdbc, INSERT_WORKERS, 0, WORKERS);
        insert(jdbc, INSERT_MASTER_WORKERS, 0, MASTERS * WORKERS);
        for (String each :
                List.of(
                        INSERT_CHANGES,
                        INSERT_BUILDSETS,
                        INSERT_STAMPS,
                        INSERT_CHANGE_BUILDSETS,
                        INSERT_ACTIONS)) {
            insert(jdbc, each, 0, changes());
        }
        insert(jdbc, INSERT_FINISHED_REQUESTS, 0, builds);
        insert(jdbc, INSERT_BUILDS, 0, builds);
        insert(jdbc, INSERT_OPEN_REQUESTS, builds, requests());
        insert(jdbc, INSERT_RUNNING_BUILDS, builds, builds + running);
        insert(jdbc, INSERT_CLAIMS, builds, builds + running);
        insert(jdbc, INSERT_QUEUE, builds + running, requests());
    }

    private void insert(JdbcClient jdbc, String insertion, int from, int until) {
        for (int first = from; first < until; first += ROWS_A_STATEMENT) {
            jdbc.sql(insertion + " FROM " + NUMBERS + " ORDER BY n")
                    .param("from", first)
                    .param("until", Math.min(until, first + ROWS_A_STATEMENT))
                    .param("builders", builders)
                    .param("builds", builds)
                    .param("running", running)
                    .param("requests", requests())
                    .param("of", buildersOfChange)
                    .update();
        }
    }

    /** Has the server count anew what its optimizer goes by. */
    public static void analyze(JdbcClient jdbc) {
        List<String> tables =
                new ArrayList<>(
                        jdbc.sql(
                                        """
                                        SELECT table_name FROM information_schema.tables
                                         WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'
                                        """)
                                .query(String.class)
                                .list());
        Collections.sort(tables);
        tables.forEach(table -> jdbc.sql("ANALYZE TABLE `" + table + "`").query().listOfRows());
    }
}
