package io.buildledger.viewing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.testing.TestLog;
import io.buildledger.viewing.IndexWalks.Numbers;
import io.buildledger.viewing.IndexWalks.Times;
import io.buildledger.viewing.IndexWalks.Walk;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Over 20,000 builds, requests, buildsets and changes, of which half of the requests wait. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class IndexWalksTest {

    private static final int ROWS = 20;

    private static final String DIGIT =
            "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";

    private static final String NUMBERS =
            """
             FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n
                     FROM %1$s a, %1$s b, %1$s c, %1$s e, (SELECT 0 AS d UNION ALL SELECT 1) f) AS numbers
            """
                    .formatted(DIGIT);

    private static final Map<String, String> FILLED =
            Map.of(
                    "build_view",
                    """
                    (builder, build_number, request_id, attempt, master, epoch, worker, state, results, claimed_at)
                    SELECT CONCAT('b', n MOD 50), n DIV 50 + 1, n + 1, 1, CONCAT('m', n MOD 3), 1, 'w', 'finished',
                           'SUCCESS', TIMESTAMPADD(SECOND, n, '2026-01-01')
                    """,
                    "request_view",
                    """
                    (request_id, buildset_id, builder, priority, submitted_at, state, attempt)
                    SELECT n + 1, n DIV 2 + 1, CONCAT('b', n MOD 50), 0, TIMESTAMPADD(SECOND, n, '2026-01-01'),
                           'unclaimed', 1
                    """,
                    "build_request_queue",
                    """
                    (request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence)
                    SELECT n + 1, n DIV 2 + 1, CONCAT('b', n MOD 50), n MOD 3, TIMESTAMPADD(SECOND, n, '2026-01-01'), 0, 1
                    """,
                    "claim",
                    """
                    (request_id, buildset_id, builder, priority, submitted_at, attempt, build_number, master, epoch)
                    SELECT n + 1, n DIV 2 + 1, 'b1', 0, '2026-01-01', 1, n DIV 50 + 1, 'm1', 1
                    """,
                    "buildset_view",
                    """
                    (buildset_id, scheduler, reason, repository, change_ids, submitted_at)
                    SELECT n + 1, 's', '', 'r', '[]', '2026-01-01'
                    """,
                    "buildset_progress",
                    "(buildset_id, remaining, worst) SELECT n + 1, 1, 0",
                    "source_stamp_view",
                    """
                    (buildset_id, stamp_number, codebase, source_stamp_id, repository, project, has_patch)
                    SELECT n + 1, 1, '', LPAD('1', 32, '0'), 'r', '', 0
                    """,
                    "change_buildset_view",
                    "(change_id, buildset_id) SELECT n DIV 10000 + 7, n MOD 10000 + 1",
                    "change_view",
                    """
                    (change_id, repository, project, author, comments, file_count, source, received_at)
                    SELECT n + 1, 'r', '', 'a', 'c', 1, 'base', '2026-01-01'
                    """);

    private static TestLog test;
    private static SingleConnectionDataSource connection;
    private static JdbcClient jdbc;
    private static IndexWalks walks;

    @BeforeAll
    static void fill() throws SQLException {
        test = new TestLog();
        connection = new SingleConnectionDataSource(test.dataSource.getConnection(), true);
        jdbc = JdbcClient.create(connection);
        walks = new IndexWalks(jdbc);
        FILLED.forEach((table, rows) -> {
            jdbc.sql("INSERT INTO " + table + " " + rows + NUMBERS).update();
            jdbc.sql("ANALYZE TABLE " + table).query().listOfRows();
        });
    }

    @AfterAll
    static void end() {
        connection.destroy();
        test.close();
    }

    private static final Numbers MIDDLE = new Numbers(5000, 15_000);
    private static final Times HOURS =
            new Times(Instant.parse("2026-01-01T01:00:00Z"), Instant.parse("2026-01-01T05:00:00Z"));

    @SuppressWarnings("unused") // by the test below
    static final List<BiFunction<IndexWalks, Walk, List<?>>> LISTS =
            List.of(
                    (them, walk) -> them.builds(Times.ALL, walk),
                    (them, walk) -> them.builds(HOURS, walk),
                    (them, walk) -> them.buildsOf("b7", Numbers.ALL, walk),
                    (them, walk) -> them.buildsOf("b7", new Numbers(100, 300), walk),
                    (them, walk) -> them.buildsByRequest(Numbers.ALL, walk),
                    (them, walk) -> them.buildsByRequest(MIDDLE, walk),
                    (them, walk) -> them.buildsOfChange(7, walk),
                    (them, walk) -> them.buildsOfMaster("m1", Times.ALL, walk),
                    (them, walk) -> them.buildsOn("w", null, HOURS, walk),
                    (them, walk) -> them.buildsOn("w", "m1", Times.ALL, walk),
                    (them, walk) -> them.requests(Numbers.ALL, walk),
                    (them, walk) -> them.requests(MIDDLE, walk),
                    (them, walk) -> them.requestsOf("b7", Times.ALL, walk),
                    (them, walk) -> them.requestsOf("b7", HOURS, walk),
                    (them, walk) -> them.waiting(Numbers.ALL, walk),
                    (them, walk) -> them.waitingFor("b7", walk),
                    (them, walk) -> them.held(MIDDLE, walk),
                    (them, walk) -> them.buildsets(MIDDLE, walk),
                    (them, walk) -> them.openBuildsets(Numbers.ALL, walk),
                    (them, walk) -> them.changes(MIDDLE, walk));

    @ParameterizedTest
    @FieldSource("LISTS")
    void a_list_reads_no_more_rows_than_some_for_each_that_is_asked_for(
            BiFunction<IndexWalks, Walk, List<?>> list) {
        for (boolean newestFirst : List.of(true, false)) {
            long before = reads();
            List<?> found = list.apply(walks, new Walk(newestFirst, ROWS));
            long reads = reads() - before;

            assertThat(found).hasSize(ROWS);
            assertThat(reads).isLessThan(10 * ROWS);
        }
    }

    @Test
    void what_is_asked_for_by_number_is_looked_up() {
        long before = reads();
        List<Long> some = Stream.iterate(1L, it -> it + 500).limit(ROWS).toList();

        assertThat(walks.buildsOfRequests(some, new Walk(true, 5000))).hasSize(ROWS);
        assertThat(walks.requestsOfIds(some, new Walk(true, 5000))).hasSize(ROWS);
        assertThat(walks.requestsOfBuildsets(some, new Walk(true, 5000))).hasSize(2 * ROWS);
        assertThat(walks.buildsetsOfIds(some, new Walk(true, 5000))).hasSize(ROWS);
        assertThat(reads() - before).isLessThan(30 * ROWS);
    }

    @Test
    void the_first_buildset_of_a_source_stamp_is_found_among_many() {
        long before = reads();

        assertThat(walks.stamps(List.of(7000L, 9000L)))
                .extracting(IndexWalks.Stamp::firstBuildset)
                .containsExactly(1L, 1L);
        assertThat(reads() - before).isLessThan(10 * ROWS);
    }

    @Test
    void of_a_long_comment_a_list_of_changes_holds_the_beginning() {
        jdbc.sql("UPDATE change_view SET comments = REPEAT('x', 60000) WHERE change_id = 7")
                .update();

        assertThat(walks.changes(new Numbers(7, 7), new Walk(false, 1)).getFirst().comments())
                .hasSize(IndexWalks.COMMENT);
    }

    private static long reads() {
        return jdbc
                .sql("SHOW SESSION STATUS LIKE 'Handler_read%'")
                .query((row, _) -> row.getLong(2))
                .list()
                .stream()
                .mapToLong(Long::longValue)
                .sum();
    }
}
