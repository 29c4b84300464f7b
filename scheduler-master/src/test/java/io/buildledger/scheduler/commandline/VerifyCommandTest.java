package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.database.Database;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.scheduler.commandline.RunCommand.Answer;
import io.buildledger.sealing.Checkpoint;
import io.buildledger.testing.TestDatabase;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestSealing;
import io.buildledger.testing.TestStory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class VerifyCommandTest {

    @TempDir Path directory;

    private final TestLog test = new TestLog();

    @BeforeEach
    void begin() throws IOException {
        Author b1 =
                new MasterRegistry(test.log, test.dataSource, test.dataSource)
                        .register(TestMasters.builder("b1"));
        TestStory story = new TestStory(test);
        story.fire(List.of(story.change("a <a@example.org>", "abc", "x")), "abc", "linux", "docs");
        story.build(b1, "linux", Results.SUCCESS);
    }

    @AfterEach
    void end() {
        test.close();
    }

    private Answer verify(String url, String... more) {
        return RunCommand.run(
                new Database(url, test.database.user(), test.database.password()),
                directory,
                "verify",
                more);
    }

    private void loseTheQueue() {
        test.jdbc.sql("DELETE FROM build_request_queue").update();
    }

    @Test
    void a_history_without_violations_is_told_with_how_much_was_looked_at() {
        Answer answer = verify(test.database.url());

        assertThat(answer.err()).isEmpty();
        assertThat(answer.status()).isZero();
        assertThat(answer.out().lines().findFirst().orElseThrow())
                .matches("12 events up to index \\d+, as of .*, in .* s");
        assertThat(answer.out())
                .containsPattern("claims +1 +claims +0 +a request has one live claim at most")
                .contains("the views are 12 events behind")
                .doesNotContain("VIOLATED");
    }

    @Test
    void a_violation_is_told_with_its_events_and_ends_with_1() {
        loseTheQueue();

        Answer answer = verify(test.database.url());

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.out())
                .contains("VIOLATED: the queue holds the requests that the log leaves unclaimed")
                .contains("  build_request_queue has no row with request_id 2")
                .containsPattern(" {6}\\d{4}-\\d\\d-\\d\\d .*  build-request/2@0 by s#1");
    }

    @Test
    void json_is_one_object() {
        loseTheQueue();

        Answer answer = verify(test.database.url(), "--json");

        assertThat(answer.status()).isEqualTo(1);
        JsonNode verdict = new JsonMapper().readTree(answer.out());
        assertThat(verdict.path("events").asLong()).isEqualTo(12);
        assertThat(verdict.path("checks").path(2).path("check").asString()).isEqualTo("claims");
        assertThat(verdict.path("checks").path(2).path("lookedAt").asLong()).isEqualTo(1);
        JsonNode violation = verdict.path("violations").path(0);
        assertThat(violation.path("check").asString()).isEqualTo("queue");
        assertThat(violation.path("events").path(0).path("event").asString())
                .isEqualTo("build-request/2@0");
        assertThat(violation.path("events").path(0).path("master").asString()).isEqualTo("s");
    }

    @Test
    void a_cluster_s_file_names_the_database_as_well() throws IOException {
        Files.writeString(directory.resolve("password"), test.database.password());
        Path file = directory.resolve("cluster.yaml");
        Files.writeString(
                file,
                """
                db_url: "%s"
                db_user: "%s"
                db_password_file: password
                """
                        .formatted(test.database.url(), test.database.user()));

        Answer answer = RunCommand.run("verify", "--config", file.toString());

        assertThat(answer.err()).isEmpty();
        assertThat(answer.status()).isZero();
    }

    @Test
    void the_database_is_named_in_one_way() {
        assertThat(RunCommand.run("verify").status()).isEqualTo(2);
        assertThat(RunCommand.run("verify", "--db-url", "jdbc:mysql://127.0.0.1/x").status())
                .isEqualTo(2);
        assertThat(verify(test.database.url(), "--config", "cluster.yaml").status()).isEqualTo(2);
    }

    @Test
    void a_database_that_can_t_be_used_is_told_in_one_line() {
        Answer unreachable = verify("jdbc:mysql://127.0.0.1:1/x");
        assertThat(unreachable.status()).isEqualTo(1);
        assertThat(unreachable.out()).isEmpty();
        assertThat(unreachable.err().lines()).hasSize(1);
        assertThat(unreachable.err()).contains("can't connect to jdbc:mysql://127.0.0.1:1/x");

        var empty = TestDatabase.fresh();
        Answer none = verify(empty.url());
        TestDatabase.drop(empty);
        assertThat(none.status()).isEqualTo(1);
        assertThat(none.err().lines()).hasSize(1);
        assertThat(none.err()).contains("holds no cluster");
    }

    @Test
    void a_schema_that_is_older_than_the_program_is_left_as_it_is() {
        long newest =
                test.count(
                        "SELECT MAX(CAST(version AS SIGNED)) FROM flyway_schema_history WHERE version IS NOT NULL");
        test.jdbc
                .sql("DELETE FROM flyway_schema_history WHERE version = :newest")
                .param("newest", String.valueOf(newest))
                .update();

        Answer answer = verify(test.database.url());

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.err())
                .contains("has version %d, which is older than this program".formatted(newest - 1));
        assertThat(
                        test.count(
                                "SELECT COUNT(*) FROM flyway_schema_history WHERE version = '%d'"
                                        .formatted(newest)))
                .isZero();
    }

    @Test
    void a_file_of_the_password_that_is_not_there_is_told() throws IOException {
        List<String> args = new ArrayList<>(List.of("verify"));
        args.addAll(RunCommand.options(test.database, directory));
        Files.delete(directory.resolve("password"));

        Answer answer = RunCommand.run(args.toArray(String[]::new));

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.err()).contains("--password-file: there is no file").hasLineCount(1);
    }

    private Checkpoint seal() {
        TestSealing sealing = new TestSealing(test, TestStory.SCHEDULER);
        sealing.seal();
        return sealing.checkpoint();
    }

    private Answer checkpoint() {
        return RunCommand.run(test.database, directory, "checkpoint");
    }

    private void alter(long index) {
        test.jdbc
                .sql("UPDATE event SET metadata = '{}' WHERE global_index = :index")
                .param("index", index)
                .update();
    }

    @Test
    void a_log_that_is_what_was_sealed_is_told_with_the_next_checkpoint() {
        Checkpoint sealed = seal();
        test.insertRaw("master/x");

        Answer answer = verify(test.database.url(), "--chain");

        assertThat(answer.err()).isEmpty();
        assertThat(answer.status()).isZero();
        assertThat(answer.out().lines())
                .satisfiesExactly(
                        line ->
                                assertThat(line)
                                        .matches(
                                                "12 events up to index %d held against 1 blocks, in .* s"
                                                        .formatted(sealed.lastIndex())),
                        line ->
                                assertThat(line)
                                        .startsWith(
                                                "1 events are not sealed yet, the first of which was recorded at "),
                        line -> assertThat(line).isEqualTo("checkpoint " + sealed.text()));
    }

    @Test
    void a_log_that_still_goes_through_a_checkpoint_says_so() throws IOException {
        assertThat(checkpoint().status()).isEqualTo(1);
        assertThat(checkpoint().err()).contains("nothing of this log is sealed yet");
        Checkpoint first = seal();
        Answer printed = checkpoint();
        assertThat(printed.status()).isZero();
        assertThat(printed.out()).isEqualTo(first.text() + System.lineSeparator());
        test.insertRaw("master/x");
        Path file = directory.resolve("checkpoints");
        Files.writeString(file, first.text() + "\n\n" + seal().text() + "\n");

        Answer both = verify(test.database.url(), "--chain", "--since", file.toString());
        Answer line = verify(test.database.url(), "--chain", "--since", first.text());
        Answer newer =
                verify(test.database.url(), "--chain", "--newer-only", "--since", first.text());

        assertThat(both.out()).contains("the chain goes through 2 of 2 checkpoints");
        assertThat(line.out()).contains("the chain goes through 1 of 1 checkpoint");
        assertThat(newer.out()).startsWith("1 events up to index ");
        assertThat(List.of(both.status(), line.status(), newer.status())).containsOnly(0);
    }

    @Test
    void what_was_tampered_with_is_told_and_ends_with_1() {
        Checkpoint checkpoint = seal();
        alter(checkpoint.lastIndex());

        Answer answer = verify(test.database.url(), "--chain", "--since", checkpoint.text());
        Answer all = verify(test.database.url());
        JsonNode json =
                new JsonMapper().readTree(verify(test.database.url(), "--chain", "--json").out());

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.out())
                .contains(
                        "VIOLATED: event %d, build-request/1@3, is not what was sealed"
                                .formatted(checkpoint.lastIndex()))
                .doesNotContain("checkpoint {");
        assertThat(all.status()).isEqualTo(1);
        assertThat(all.out())
                .contains("VIOLATED: the log is what was sealed, block by block")
                .contains("  event %d, ".formatted(checkpoint.lastIndex()));
        assertThat(json.path("violationsInAll").asLong()).isEqualTo(1);
        assertThat(json.path("violations").path(0).path("kind").asString()).isEqualTo("altered");
        assertThat(json.path("violations").path(0).path("index").asLong())
                .isEqualTo(checkpoint.lastIndex());
        assertThat(json.path("violations").path(0).path("event").asString())
                .isEqualTo("build-request/1@3");
        assertThat(json.path("checkpoint").isNull()).isTrue();
    }

    @Test
    void a_checkpoint_that_can_t_be_read_is_told_in_one_line() throws IOException {
        Path file = directory.resolve("checkpoints");
        String good = seal().text();

        Files.writeString(file, good + "\n{\"log\":17}\n");
        assertUnreadable(file.toString(), "line 2 of " + file, "'log' is 17, and must be 64");
        Files.writeString(file, "\n");
        assertUnreadable(file.toString(), "has no checkpoint");
        Files.write(file, new byte[] {(byte) 0xFF, (byte) 0xFE});
        assertUnreadable(file.toString(), "is not UTF-8 text");
        Files.delete(file);
        assertUnreadable(file.toString(), "there is no file");
        assertUnreadable(directory.toString(), "can't be read");
        assertUnreadable("{\"block\":", "it is no checkpoint", "it is no JSON");
        assertUnreadable(good.replace("\"events\"", "\"even\""), "it lacks 'events'");
    }

    private void assertUnreadable(String since, String... told) {
        Answer answer = verify(test.database.url(), "--chain", "--since", since);

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err()).startsWith("--since: ").contains(told).hasLineCount(1);
    }

    @Test
    void options_of_the_chain_go_together() {
        Answer alone = verify(test.database.url(), "--since", "x");
        assertThat(alone.status()).isEqualTo(2);
        assertThat(alone.err()).contains("--since goes with --chain");
        assertThat(verify(test.database.url(), "--chain", "--newer-only").status()).isEqualTo(2);
    }
}
