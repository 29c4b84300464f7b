package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.scheduler.commandline.RunCommand.Answer;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestStory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ReplayCommandTest {

    @TempDir Path directory;

    private final TestLog test = new TestLog();

    @BeforeEach
    void begin() {
        Author b1 =
                new MasterRegistry(test.log, test.dataSource, test.dataSource)
                        .register(TestMasters.builder("b1"));
        TestStory story = new TestStory(test);
        story.fire(List.of(story.change("a <a@example.org>", "abc", "x")), "abc", "linux", "docs");
        story.build(b1, "linux", Results.SUCCESS);
        story.project();
    }

    @AfterEach
    void end() {
        test.close();
    }

    private Answer replay(String... more) throws Exception {
        return RunCommand.run(test.database, directory, "replay", more);
    }

    private void update(String sql) {
        assertThat(test.jdbc.sql(sql).update()).isPositive();
    }

    @Test
    void of_a_healthy_cluster_no_difference_is_told() throws Exception {
        Answer answer = replay("--check");

        assertThat(answer.out()).isEqualTo("0 differences, after 12 events\n");
        assertThat(answer.err()).isEmpty();
        assertThat(answer.status()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "UPDATE change_view SET author = 'eve'; changes; change_view change_id 1",
                "UPDATE buildset_view SET reason = 'x'; buildsets; buildset_view buildset_id 1",
                "DELETE FROM source_stamp_view; source-stamps; source_stamp_view buildset_id 1",
                "UPDATE request_view SET attempt = 7 WHERE request_id = 1; requests; request_view request_id 1",
                "DELETE FROM build_view; builds; build_view builder linux",
                "INSERT INTO artifact_view VALUES ('linux', 1, 1, 1, 'x', 1, 'x', 'x', 'x', '2026-01-01'); artifacts; artifact_view builder linux"
            })
    void a_view_that_somebody_has_touched_is_told_of_and_made_anew(
            String sql, String name, String told) throws Exception {
        update(sql);

        Answer found = replay("--check");
        Answer elsewhere = replay("--check", "queue");
        Answer anew = replay(name);
        Answer afterwards = replay("--check");

        assertThat(found.status()).isEqualTo(1);
        assertThat(found.out()).startsWith(told).contains("\n1 differences, after 12 events\n");
        assertThat(elsewhere.status()).isZero();
        assertThat(anew.status()).as(anew.err()).isZero();
        assertThat(anew.out()).isEqualTo("made anew: %s\n".formatted(name));
        assertThat(afterwards.status()).as(afterwards.out()).isZero();
    }

    @Test
    void what_masters_work_by_is_mended() throws Exception {
        update("DELETE FROM build_request_queue");

        Answer found = replay("--check", "queue");
        Answer elsewhere = replay("claims");
        Answer mended = replay("queue");

        assertThat(found.out())
                .isEqualTo(
                        """
                        build_request_queue has no row with request_id 2 (build-request/2@0)
                        1 differences, after 12 events
                        """);
        assertThat(elsewhere.out())
                .isEqualTo("nothing to mend: all of it is what the log makes of it\n");
        assertThat(mended.out())
                .isEqualTo("mended: build_request_queue has no row with request_id 2\n");
        assertThat(replay("--check").status()).isZero();
    }

    @Test
    void all_is_made_anew_where_nothing_is_named() throws Exception {
        update("DELETE FROM build_view");
        update("DELETE FROM build_request_queue");

        Answer answer = replay();

        assertThat(answer.out())
                .isEqualTo(
                        """
                        made anew: changes, buildsets, source-stamps, requests, builds, artifacts, actions, change-buildsets
                        mended: build_request_queue has no row with request_id 2
                        """);
        assertThat(replay("--check").status()).isZero();
    }

    @Test
    void one_scheduler_can_be_named() throws Exception {
        assertThat(replay("--scheduler", "main").out())
                .isEqualTo("nothing to mend: all of it is what the log makes of it\n");
        assertThat(replay("--check", "--scheduler", "main").status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--check --scheduler mian", "--scheduler mian"})
    void a_scheduler_that_never_was_is_no_scheduler_without_differences(String args)
            throws Exception {
        Answer answer = replay(args.split(" "));

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.err()).startsWith("--scheduler: the log tells of no scheduler 'mian'");
    }

    @Test
    void the_differences_can_be_had_as_JSON() throws Exception {
        update("DELETE FROM build_request_queue");

        JsonNode answer = Master.JSON.readTree(replay("--check", "--json").out());

        assertThat(answer.path("events").asLong()).isEqualTo(12);
        JsonNode difference = answer.path("differences").path(0);
        assertThat(difference.path("table").asString()).isEqualTo("build_request_queue");
        assertThat(difference.path("events").path(0).path("event").asString())
                .isEqualTo("build-request/2@0");
    }

    @ParameterizedTest
    @CsvSource({
        "reqests, there is no 'reqests' to be made anew: it is one of changes",
        "queue --scheduler main, --scheduler goes without NAME"
    })
    void what_can_t_be_is_told(String args, String message) throws Exception {
        Answer answer = replay(args.split(" "));

        assertThat(answer.status()).isEqualTo(2);
        assertThat(answer.err()).startsWith(message);
    }

    @Test
    void what_masters_work_by_is_checked_and_mended_from_a_snapshot() throws Exception {
        update("DELETE FROM build_request_queue");

        Answer found = replay("--from-snapshot", "--check");
        Answer mended = replay("--from-snapshot", "queue");
        Answer views = replay("--from-snapshot", "builds");

        assertThat(found.out())
                .isEqualTo(
                        """
                        build_request_queue has no row with request_id 2
                        1 differences, after 10 events
                        """);
        assertThat(found.status()).isEqualTo(1);
        assertThat(mended.out())
                .isEqualTo("mended: build_request_queue has no row with request_id 2\n");
        assertThat(mended.status()).isZero();
        assertThat(views.err()).contains("--from-snapshot is about what masters work by");
        assertThat(views.status()).isEqualTo(2);
        assertThat(replay("--check").status()).isZero();
    }
}
