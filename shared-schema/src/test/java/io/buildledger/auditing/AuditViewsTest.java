package io.buildledger.auditing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.testing.CountedSession;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** The views for people who audit with SQL, and the claims of a master that are read by them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class AuditViewsTest {

    private static final Author B1 = new Author("b1", 3);
    private static final Author B2 = new Author("b2", 1);

    /** As the documentation has them. */
    private static final List<String> QUESTIONS =
            List.of(
                    "SELECT * FROM audit_claims WHERE master = 'b1' AND claimed_at >= '2026-01-01' ORDER BY claimed_at DESC LIMIT 3",
                    "SELECT * FROM audit_claims WHERE worker = 'b1-worker' AND claimed_at >= '2026-01-01' ORDER BY claimed_at DESC LIMIT 3",
                    "SELECT * FROM audit_claims WHERE builder = 'linux' AND build_number = 2",
                    "SELECT * FROM audit_claims WHERE request_id = 2",
                    "SELECT * FROM audit_events WHERE stream = 'build-request/2' ORDER BY sequence_number",
                    "SELECT * FROM audit_events WHERE global_index > 20 ORDER BY global_index LIMIT 3",
                    "SELECT * FROM audit_events WHERE recorded_at >= '2126-01-01' ORDER BY recorded_at LIMIT 3");

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final ClaimAudit claims = new ClaimAudit(test.jdbc);

    @AfterEach
    void close() {
        test.close();
    }

    /**
     * b1 loses one build, has one cancelled by ann, one retried by bob, completes one, runs one.
     */
    private void fiveClaimsOfB1() {
        for (int i = 0; i < 5; i++) {
            story.fire(List.of(), "abc", "linux");
        }
        Won lost = story.claim(B1, "linux");
        story.start(B1, lost);
        test.claims.releaseAllOf(B2, B1, "master b1 was lost: its lease ended");
        story.build(B2, "linux", Results.SUCCESS);
        Won cancelled = story.claim(B1, "linux");
        test.commands.cancel(B2, cancelled.claim().requestId(), "ann", "no need");
        Won retried = story.claim(B1, "linux");
        test.commands.retry(B2, "linux", retried.claim().buildNumber(), "bob", "again");
        story.build(B1, "linux", Results.FAILURE);
        story.claim(B1, "linux");
        story.project();
    }

    private List<Claimed> all(String master) {
        List<Claimed> all = new ArrayList<>();
        claims.read(master, null, null, all::addAll);
        return all;
    }

    @Test
    void the_claims_of_a_master_are_told_with_how_they_ended_and_by_whom() {
        fiveClaimsOfB1();

        List<Claimed> all = all("b1");

        assertThat(all)
                .extracting(
                        Claimed::endedAs,
                        Claimed::results,
                        Claimed::endedByMaster,
                        Claimed::endedByActor)
                .containsExactly(
                        tuple("released", "RETRY", "b2", null),
                        tuple("cancelled", "CANCELLED", "b2", "ann"),
                        tuple("released", "RETRY", "b2", "bob"),
                        tuple("completed", "FAILURE", "b1", null),
                        tuple(null, null, null, null));
        Claimed lost = all.getFirst();
        assertThat(lost.fingerprint()).isEqualTo("f00d");
        assertThat(lost.worker()).isEqualTo("b1-worker");
        assertThat(lost.epoch()).isEqualTo(3);
        assertThat(lost.attempt()).isEqualTo(1);
        assertThat(lost.claimEvent()).isEqualTo("build-request/1@1");
        assertThat(lost.endEvent()).isEqualTo("build-request/1@3");
        assertThat(lost.endedByEpoch()).isEqualTo(1);
        assertThat(all("b2")).hasSize(1);
        assertThat(all("B1")).isEmpty();
    }

    @Test
    void claims_are_read_page_by_page_and_none_twice() {
        fiveClaimsOfB1();
        List<Claimed> read = new ArrayList<>();
        Subject after = null;
        while (true) {
            List<Claimed> page = claims.page("b1", null, null, after, 2).orElseThrow();
            read.addAll(page);
            if (page.size() < 2) {
                break;
            }
            Claimed last = page.getLast();
            after = Subject.of("build", "%s/%d".formatted(last.builder(), last.buildNumber()));
        }

        assertThat(read).containsExactlyElementsOf(all("b1"));
        Claimed third = read.get(2);
        assertThat(claims.page("b1", third.claimedAt(), third.claimedAt(), null, 10).orElseThrow())
                .containsExactly(third);
        assertThat(claims.page("b2", null, null, Subject.of("build", "linux/1"), 10)).isEmpty();
    }

    @Test
    void an_account_that_may_read_the_views_alone_reads_them_and_nothing_else()
            throws SQLException {
        fiveClaimsOfB1();
        String schema = test.jdbc.sql("SELECT DATABASE()").query(String.class).single();
        String name = "auditor_" + ProcessHandle.current().pid();
        // A server may have an account of nobody at localhost, which would go before one of
        // anywhere.
        List<String> accounts =
                List.of("'%s'@'localhost'".formatted(name), "'%s'@'%%'".formatted(name));
        for (String account : accounts) {
            update("CREATE USER %s IDENTIFIED BY 'auditor-4711'".formatted(account));
            update("GRANT SELECT ON %s.audit_events TO %s".formatted(schema, account));
            update("GRANT SELECT ON %s.audit_claims TO %s".formatted(schema, account));
        }
        try (Connection connection =
                        DriverManager.getConnection(test.database.url(), name, "auditor-4711");
                Statement statement = connection.createStatement()) {
            JdbcClient auditor =
                    JdbcClient.create(new SingleConnectionDataSource(connection, true));
            assertThat(auditor.sql("SELECT COUNT(*) FROM audit_events").query(Long.class).single())
                    .isEqualTo(test.count("SELECT COUNT(*) FROM event"));
            assertThat(
                            auditor.sql(
                                            "SELECT ended_by_actor FROM audit_claims WHERE master = 'b1' AND ended_as = 'cancelled'")
                                    .query(String.class)
                                    .list())
                    .containsExactly("ann");
            for (String forbidden :
                    List.of(
                            "SELECT * FROM event",
                            "SELECT * FROM build_view",
                            "DELETE FROM audit_events",
                            "UPDATE audit_claims SET master = 'b2'")) {
                assertThatThrownBy(() -> statement.execute(forbidden))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("denied");
            }
        } finally {
            accounts.forEach(account -> update("DROP USER " + account));
        }
    }

    private void update(String statement) {
        test.jdbc.sql(statement).update();
    }

    @Test
    void a_question_that_a_key_answers_reads_no_more_in_a_longer_history() {
        builds(20);
        Map<String, Long> few = rowsOfQuestions();

        builds(180);

        assertThat(rowsOfQuestions())
                .allSatisfy((question, rows) ->
                        assertThat(rows).isLessThan(few.getOrDefault(question, 0L) + 60));
    }

    private Map<String, Long> rowsOfQuestions() {
        return QUESTIONS.stream().collect(Collectors.toMap(Function.identity(), this::rows));
    }

    private void builds(int count) {
        for (int i = 0; i < count; i++) {
            story.fire(List.of(), "abc", "linux");
            story.build(i % 2 == 0 ? B1 : B2, "linux", Results.SUCCESS);
        }
        story.project();
        test.jdbc.sql("ANALYZE TABLE event, build_view").query((_, _) -> 1).list();
    }

    private long rows(String question) {
        try (CountedSession session = new CountedSession(test)) {
            return session.rowsReadBy(
                    () -> assertThat(session.jdbc.sql(question).query().listOfRows()).isNotNull());
        }
    }

    @Test
    void an_event_that_somebody_has_damaged_does_not_hide_the_others() {
        fiveClaimsOfB1();
        test.jdbc
                .sql("UPDATE event SET payload = 'no JSON' WHERE stream = 'build-request/1'")
                .update();

        List<Map<String, Object>> rows =
                test.jdbc
                        .sql(
                                "SELECT payload, actor FROM audit_events WHERE stream = 'build-request/1'")
                        .query()
                        .listOfRows();

        assertThat(rows).isNotEmpty().allMatch(row -> "no JSON".equals(row.get("payload")));
    }

    @Test
    void a_claim_that_somebody_has_damaged_does_not_hide_the_others() {
        fiveClaimsOfB1();
        List<Claimed> before = all("b1");
        test.jdbc
                .sql(
                        "UPDATE event SET payload = 'no JSON', metadata = 'none either' WHERE stream = 'build-request/1' AND type = 'build-request-claimed'")
                .update();
        test.jdbc
                .sql(
                        "UPDATE event SET payload = 'no JSON', metadata = 'none either' WHERE type = 'build-request-cancelled'")
                .update();

        List<Claimed> after = all("b1");

        assertThat(after)
                .extracting(Claimed::claimEvent, Claimed::endedAs, Claimed::endedByActor)
                .containsExactly(
                        tuple(null, null, null),
                        tuple(before.get(1).claimEvent(), "cancelled", null),
                        tuple(before.get(2).claimEvent(), "released", "bob"),
                        tuple(before.get(3).claimEvent(), "completed", null),
                        tuple(before.get(4).claimEvent(), null, null));
        assertThat(after)
                .extracting(Claimed::buildNumber)
                .containsExactlyElementsOf(before.stream().map(Claimed::buildNumber).toList());
    }
}
