package io.buildledger.viewing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.buildledger.artifacts.ArtifactPath;
import io.buildledger.artifacts.KeptArtifact;
import io.buildledger.artifacts.UnfitArtifactException;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.log.Author;
import io.buildledger.log.Follower;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Recorded;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestStory;
import io.buildledger.viewing.BuildSteps.Step;
import io.buildledger.viewing.Views.Artifact;
import io.buildledger.viewing.Views.Build;
import io.buildledger.viewing.Views.Change;
import io.buildledger.viewing.Views.Request;
import io.buildledger.viewing.Views.SourceStamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ViewsTest {

    private static final Author B1 = new Author("b1", 1);
    private static final Author B2 = new Author("b2", 1);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final Views views = new Views(test.jdbc);
    private final BuildSteps steps = new BuildSteps(test.log);
    private final ViewProjector projector = new ViewProjector(test.dataSource);
    private int followers;

    @AfterEach
    void close() {
        test.close();
    }

    /** Reads the whole log from its first event on. */
    private void project() {
        project(projector);
    }

    private void project(Follower.Reader reader) {
        long head = views.headOfLog();
        String name = "rebuild-" + ++followers;
        try (Follower follower =
                Follower.of(
                        name,
                        Follower.Start.FIRST_EVENT,
                        test.log,
                        test.dataSource,
                        new Author("s", 1),
                        reader)) {
            follower.start();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> follower.position(name).orElse(-1) >= head);
        }
    }

    private long aChange(String comments) {
        return story.change(
                "a <a@example.org>", "0123456789abcdef0123456789abcdef01234567", comments);
    }

    @Test
    void a_request_goes_from_unclaimed_over_claimed_and_running_to_completed() {
        story.fire(List.of(aChange("x")), "abc", "linux", "docs", "mac", "win");
        story.claim(B1, "docs");
        story.start(B1, story.claim(B1, "mac"));
        story.build(B2, "win", Results.WARNINGS);

        project();

        assertThat(views.requests(10))
                .extracting(Request::builder, Request::state, Request::master, Request::results)
                .containsExactly(
                        tuple("win", "completed", "b2", "WARNINGS"),
                        tuple("mac", "running", "b1", null),
                        tuple("docs", "claimed", "b1", null),
                        tuple("linux", "unclaimed", null, null));
        Request first = views.request(1).orElseThrow();
        assertThat(first.scheduler()).isEqualTo("main");
        assertThat(first.revision()).isEqualTo("abc");
        assertThat(first.reason()).isEqualTo("scheduler main fired for 1 change");
        assertThat(views.request(99)).isEmpty();
    }

    @Test
    void of_artifacts_at_one_path_the_newest_is_there() throws Exception {
        story.fire(List.of(aChange("x")), "abc", "linux");
        Won won = story.claim(B1, "linux");
        story.start(B1, won);
        story.startStep(B1, won, 1, "upload");
        story.store(B1, won, 1, 1, artifact("report.txt", 10));
        story.store(B1, won, 1, 2, artifact("dist/app.tgz", 20));
        story.store(B1, won, 1, 3, artifact("report.txt", 30));

        project();

        assertThat(views.artifacts("linux", 1, 0, 10))
                .extracting(Artifact::artifact, Artifact::path, Artifact::size)
                .containsExactly(tuple(2, "dist/app.tgz", 20L), tuple(3, "report.txt", 30L));
        assertThat(views.artifacts("linux", 1, 2, 10))
                .extracting(Artifact::path)
                .containsExactly("report.txt");
        assertThat(views.artifacts("linux", 1, 0, 1)).hasSize(1);
        assertThat(views.artifacts("linux", 2, 0, 10)).isEmpty();
        Artifact report = views.artifact("linux", 1, "report.txt").orElseThrow();
        assertThat(report.size()).isEqualTo(30);
        assertThat(report.location()).isEqualTo("linux/1/report.txt");
        assertThat(views.artifact("linux", 1, "dist")).isEmpty();
    }

    private static KeptArtifact artifact(String path, long size) throws UnfitArtifactException {
        return new KeptArtifact(ArtifactPath.of(path), size, "f00d", "disk", "linux/1/" + path);
    }

    @Test
    void a_released_attempt_is_a_finished_build_with_RETRY_and_its_open_step_was_interrupted() {
        story.fire(List.of(aChange("x")), "abc", "linux");
        Won lost = story.claim(B1, "linux");
        story.start(B1, lost);
        story.startStep(B1, lost, 1, "test");
        test.claims.releaseAllOf(B2, B1, "its lease ended");

        project();
        Build build = views.build("linux", 1).orElseThrow();
        Request request = views.request(1).orElseThrow();

        assertThat(build.state()).isEqualTo("finished");
        assertThat(build.results()).isEqualTo("RETRY");
        assertThat(build.summary()).isEqualTo("its lease ended");
        assertThat(steps.of(build).all()).extracting(Step::state).containsExactly("interrupted");
        assertThat(request.state()).isEqualTo("unclaimed");
        assertThat(request.attempt()).isEqualTo(1);
        assertThat(request.master()).isNull();
    }

    @Test
    void source_stamps_that_say_the_same_are_one_whatever_buildset_they_are_of() {
        story.fire(List.of(aChange("x")), "abc", "linux");
        story.fire(List.of(aChange("y")), "abc", "docs");
        story.fire(List.of(aChange("z")), "def", "linux");

        project();
        SourceStamp abc = views.sourceStamps(1).getFirst();

        assertThat(abc)
                .isEqualTo(
                        new SourceStamp(
                                abc.id(),
                                "",
                                "https://example.org/app.git",
                                "main",
                                "abc",
                                "",
                                false));
        assertThat(views.sourceStamps(2)).containsExactly(abc);
        assertThat(views.sourceStamp(abc.id())).contains(abc);
        assertThat(views.buildsetsOf(abc.id(), Long.MAX_VALUE, 10)).containsExactly(2L, 1L);
        assertThat(views.buildsetsOf(abc.id(), Long.MAX_VALUE, 1)).containsExactly(2L);
        assertThat(views.sourceStamps(3).getFirst().id()).isNotEqualTo(abc.id());
        assertThat(views.sourceStamps(4)).isEmpty();
        assertThat(views.sourceStamp("nothing")).isEmpty();
        assertThat(views.sourceStamp("é".repeat(abc.id().length()))).isEmpty();
    }

    @Test
    void codebases_that_a_key_would_take_for_one_have_a_source_stamp_each() {
        List<String> codebases = List.of("", " ", "c".repeat(100) + "1", "c".repeat(100) + "2");
        test.log.inTransaction(() ->
                test.buildsets.submit(
                        TestStory.SCHEDULER,
                        "scheduler/main@0",
                        new BuildsetOrder(
                                "main",
                                1,
                                "why",
                                codebases.stream()
                                        .map(it ->
                                                new io.buildledger.domain.changing.SourceStamp(
                                                        "r", "main", it, "", it))
                                        .toList(),
                                List.of(),
                                Map.of(),
                                List.of("linux"),
                                0,
                                null,
                                false,
                                null,
                                null,
                                null),
                        TestStory.NOON));

        project();
        List<SourceStamp> stamps = views.sourceStamps(1);

        assertThat(stamps).extracting(SourceStamp::revision).containsExactlyElementsOf(codebases);
        assertThat(stamps).extracting(SourceStamp::id).doesNotHaveDuplicates();
        assertThat(stamps).extracting(SourceStamp::codebase).startsWith("", " ");
    }

    @Test
    void lists_show_the_newest_first_and_no_more_than_asked_for() {
        for (int i = 0; i < 5; i++) {
            aChange("change " + i);
        }

        project();

        assertThat(views.changes(2)).extracting(Change::changeId).containsExactly(5L, 4L);
        assertThat(views.changes(0)).hasSize(1);
        assertThat(views.changes(Integer.MAX_VALUE)).hasSize(5);
    }

    @Test
    void a_text_that_is_longer_than_its_column_is_cut_and_no_character_is_halved() {
        story.change("🙂".repeat(700), "r", "ö".repeat(60_000));

        project();
        Change change = views.changes(1).getFirst();

        assertThat(change.author())
                .startsWith("🙂🙂")
                .endsWith("🙂…")
                .hasSizeLessThanOrEqualTo(500);
        assertThat(change.comments()).startsWith("öö").endsWith("…");
    }

    @Test
    void the_views_can_be_thrown_away_and_rebuilt() {
        story.fire(List.of(aChange("x"), aChange("y")), "abc", "linux", "docs");
        Won lost = story.claim(B1, "linux");
        story.start(B1, lost);
        test.claims.releaseAllOf(B2, B1, "its lease ended");
        story.build(B2, "linux", Results.SUCCESS);
        story.build(B2, "docs", Results.FAILURE);
        project();
        Map<String, List<Map<String, Object>>> before = dump();

        projector.clear();
        assertThat(views.requests(1)).isEmpty();
        assertThat(views.builds(1)).isEmpty();
        project();

        assertThat(dump()).isEqualTo(before);
        assertThat(before.get("build_view")).hasSize(3);
    }

    private Map<String, List<Map<String, Object>>> dump() {
        Map<String, List<Map<String, Object>>> tables = new TreeMap<>();
        for (String table :
                List.of(
                        "change_view",
                        "buildset_view",
                        "request_view",
                        "build_view",
                        "source_stamp_view")) {
            tables.put(
                    table,
                    test.jdbc
                            .sql("SELECT * FROM " + table + " ORDER BY 1, 2")
                            .query()
                            .listOfRows());
        }
        return tables;
    }

    @Test
    void a_batch_that_was_rolled_back_leaves_nothing_behind() {
        aChange("x");
        Recorded change = test.log.read("change/1").getFirst();

        projector.read(change);
        projector.rolledBack();
        projector.read(change);
        projector.endOfBatch();

        assertThat(views.changes(10)).hasSize(1);
    }

    private static Recorded newer(String stream, String type, String revision) {
        return new Recorded(
                stream, 0, new NewerEvent(stream, 0, type, revision), Instant.EPOCH, Map.of());
    }

    @Test
    void an_event_of_a_newer_program_is_passed_over() {
        projector.read(newer("weather/1", "it-rains", "1"));
        projector.read(newer("change/1", "change-received", "2"));
        projector.read(newer("build-request/1", "build-request-held", "1"));
        projector.read(newer("build/linux/1", "step-finished", "99"));
        projector.endOfBatch();

        assertThat(views.changes(10)).isEmpty();
    }

    @Test
    void masters_are_shown_with_their_lease_and_the_claims_they_hold() {
        MasterRegistry registry = new MasterRegistry(test.log, test.dataSource, test.dataSource);
        registry.register(TestMasters.scheduler("s"));
        Author b1 =
                registry.register(
                        new Registration(
                                "b1",
                                "builder",
                                "host",
                                2,
                                Duration.ofSeconds(30),
                                Map.of(),
                                null));
        Author b2 =
                registry.register(
                        new Registration(
                                "b2",
                                "builder",
                                "host",
                                3,
                                Duration.ofSeconds(30),
                                Map.of(),
                                null));
        registry.stop(b2);
        story.fire(List.of(aChange("x")), "abc", "linux");
        story.claim(b1, "linux");

        List<Views.Master> masters = views.masters();

        assertThat(masters).extracting(Views.Master::name).containsExactly("b1", "b2", "s");
        assertThat(masters).extracting(Views.Master::claims).containsExactly(1L, 0L, 0L);
        assertThat(masters)
                .extracting(Views.Master::state)
                .containsExactly("live", "stopped", "live");
        assertThat(masters.getFirst().leaseSeconds()).isBetween(1.0, 30.0);
    }
}
