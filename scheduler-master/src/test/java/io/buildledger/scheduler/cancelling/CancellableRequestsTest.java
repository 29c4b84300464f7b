package io.buildledger.scheduler.cancelling;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.cancelling.Branch;
import io.buildledger.domain.cancelling.OldBuildCanceller.Made;
import io.buildledger.domain.cancelling.OldBuildCanceller.Newer;
import io.buildledger.domain.cancelling.OldBuildCanceller.Watched;
import io.buildledger.testing.TestLog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CancellableRequestsTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123456Z");
    private static final Branch MAIN = new Branch("", "", "repo", "main");
    private static final Branch LIB = new Branch("lib", "", "repo", "main");

    private final TestLog test = new TestLog();
    private final CancellableRequests newest = new CancellableRequests("newest", test.dataSource);
    private final CancellableRequests other = new CancellableRequests("other", test.dataSource);

    @AfterEach
    void close() {
        test.close();
    }

    private static Newer newer(String builder, Branch branch) {
        return new Newer(99, builder, branch, new Made(7, NOON));
    }

    @Test
    void each_canceller_finds_its_own_by_builder_and_branch_as_they_were_until_they_are_removed() {
        Watched both = new Watched(1, "linux", MAIN, 3L, NOON);
        Watched bothInLib = new Watched(1, "linux", LIB, null, NOON);
        Watched docs = new Watched(2, "docs", MAIN, null, NOON);
        newest.add(List.of(both, bothInLib, docs));
        other.add(List.of(both));

        assertThat(newest.find(List.of(newer("linux", MAIN)))).containsExactly(both);
        assertThat(newest.find(List.of(newer("linux", LIB), newer("docs", MAIN))))
                .contains(bothInLib, docs);
        assertThat(newest.find(List.of(newer("mac", MAIN)))).isEmpty();
        assertThat(newest.find(List.of())).isEmpty();

        newest.remove(List.of(1L, 5L));
        assertThat(newest.find(List.of(newer("linux", MAIN), newer("linux", LIB)))).isEmpty();
        assertThat(newest.find(List.of(newer("docs", MAIN)))).containsExactly(docs);
        assertThat(other.find(List.of(newer("linux", MAIN)))).containsExactly(both);
    }

    @Test
    void no_statement_looks_at_more_rows_than_it_needs_however_few_or_many_there_are() {
        looksUp();
        List<Watched> many = new ArrayList<>();
        for (int i = 1; i <= 3_000; i++) {
            Branch branch = new Branch("", "", "repo", "branch " + i % 50);
            many.add(new Watched(i, "builder " + i % 10, branch, null, NOON));
        }
        newest.add(many);
        other.add(many.subList(0, 10));
        looksUp();
        test.jdbc.sql("ANALYZE TABLE cancellable_request").query().listOfRows();
        looksUp();
    }

    private void looksUp() {
        assertThat(
                        explain(
                                CancellableRequests.FIND
                                        .replace(":canceller", "'newest'")
                                        .replace(":builders", "'builder 1', 'builder 2'")
                                        .replace(
                                                ":branches",
                                                "UNHEX(SHA2('a', 256)), UNHEX(SHA2('b', 256))")))
                .isSubsetOf("range", "ref");
        assertThat(
                        explain(
                                CancellableRequests.REMOVE
                                        .replace(":canceller", "'newest'")
                                        .replace(":requests", "'[3, 4, 5, 6, 7]'")))
                .isSubsetOf("range", "ref");
    }

    /** How the database says that it will get at the table's rows. */
    private List<String> explain(String sql) {
        // MySQL 9 would draw a tree.
        List<Map<String, Object>> plan =
                test.jdbc.sql("EXPLAIN FORMAT=TRADITIONAL " + sql).query().listOfRows();
        List<String> ways =
                plan.stream()
                        .filter(it -> "cancellable_request".equals(it.get("table")))
                        .map(it -> String.valueOf(it.get("type")))
                        .toList();
        assertThat(ways).as("%s", plan).isNotEmpty();
        return ways;
    }
}
