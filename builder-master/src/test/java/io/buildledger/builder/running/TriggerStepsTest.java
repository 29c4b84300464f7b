package io.buildledger.builder.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.builder.processes.LocalWorkplaces;
import io.buildledger.builder.running.BuildBench.Finished;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.rendering.BuildProperties;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.Calendar;
import io.buildledger.domain.scheduling.CatchUp;
import io.buildledger.domain.scheduling.Cron;
import io.buildledger.domain.scheduling.NightlyTriggerableScheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerSettings;
import io.buildledger.domain.scheduling.TryScheduler;
import io.buildledger.log.Author;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestScheduler;
import io.buildledger.testing.TestStory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The step in a build, and schedulers that act when the test lets them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class TriggerStepsTest {

    private static final Author B1 = new Author("b1", 1);
    private static final SourceStamp STAMP = new SourceStamp("r", "main", null, "p", "");

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    @TempDir Path directory;
    private BuildBench bench;

    /** Where steps find them, as the file says it. */
    private String secrets = "";

    @BeforeEach
    void open() {
        bench = new BuildBench(test, directory);
    }

    @AfterEach
    void close() {
        bench.close();
        test.close();
    }

    private RunningBuild prepare(String factory) {
        return bench.prepare(STAMP, Map.of(), WrittenSteps.of(directory, factory, secrets));
    }

    private Finished last() {
        return bench.finished.getLast();
    }

    private void awaitAsked(String scheduler, int times) {
        await().until(() -> asked(scheduler).size() == times);
    }

    private List<BuildTriggered> asked(String scheduler) {
        return test.log.read(Streams.schedulerCommand(scheduler)).stream()
                .map(Recorded::event)
                .map(BuildTriggered.class::cast)
                .toList();
    }

    private BuildsetSubmitted buildset(long number) {
        return (BuildsetSubmitted) test.log.find(Streams.buildset(number), 0).orElseThrow().event();
    }

    @Test
    void without_waiting_it_ends_when_the_schedulers_have_asked_for_the_builds() {
        TestScheduler tests = TestScheduler.triggerable(test, "tests", "linux", "docs");
        TestScheduler docs = TestScheduler.triggerable(test, "docs", "docs");
        CompletableFuture<BuildOutcome> outcome =
                BuildBench.start(prepare("- trigger: {scheduler_names: [tests, docs]}"));
        awaitAsked("docs", 1);
        assertThat(outcome).isNotDone();
        docs.act();
        tests.act();

        assertThat(outcome.join().results()).isEqualTo(Results.SUCCESS);
        assertThat(last())
                .isEqualTo(new Finished(1, Results.SUCCESS, null, "triggered tests, docs"));
        assertThat(bench.text(1))
                .containsExactly(
                        "tests: buildset 2, request 2 (linux), request 3 (docs)",
                        "docs: buildset 1, request 1 (docs)",
                        "triggered tests, docs");
        BuildsetSubmitted triggered = buildset(2);
        assertThat(triggered.parent())
                .isEqualTo(new ParentBuild("linux", bench.build(), "Triggered from"));
        assertThat(triggered.waitedFor()).isFalse();
        assertThat(triggered.sourceStamps()).containsExactly(STAMP);
    }

    @Test
    void waiting_it_ends_with_the_last_build_as_the_worst_of_them() {
        TestScheduler tests = TestScheduler.triggerable(test, "tests", "a", "b");
        TestScheduler lint = TestScheduler.triggerable(test, "lint", "c");
        CompletableFuture<BuildOutcome> outcome =
                BuildBench.start(
                        prepare(
                                """
                                - trigger:
                                    scheduler_names: [tests, lint]
                                    wait_for_finish: true
                                    unimportant_scheduler_names: [lint]
                                """));
        awaitAsked("lint", 1);
        tests.act();
        lint.act();
        assertThat(buildset(1).waitedFor()).isTrue();
        story.build(B1, "a", Results.SUCCESS);
        story.build(B1, "c", Results.EXCEPTION);
        assertThat(outcome).isNotDone();
        story.build(B1, "b", Results.WARNINGS);

        assertThat(outcome.join().results()).isEqualTo(Results.WARNINGS);
        assertThat(last())
                .isEqualTo(
                        new Finished(
                                1,
                                Results.WARNINGS,
                                null,
                                "triggered tests: WARNINGS, lint: EXCEPTION (unimportant)"));
        assertThat(bench.text(1))
                .contains("tests: buildset 1: WARNINGS", "lint: buildset 2: EXCEPTION");
    }

    @Test
    void a_red_build_that_is_waited_for_makes_the_step_and_its_build_red() {
        TestScheduler tests = TestScheduler.triggerable(test, "tests", "a");
        CompletableFuture<BuildOutcome> outcome =
                BuildBench.start(
                        prepare(
                                """
                                - trigger: {scheduler_names: [tests], wait_for_finish: true, halt_on_failure: true}
                                - set_property: {property: late, value: 1}
                                """));
        awaitAsked("tests", 1);
        tests.act();
        story.build(B1, "a", Results.FAILURE);

        assertThat(outcome.join())
                .isEqualTo(new BuildOutcome(Results.FAILURE, "triggered tests: FAILURE"));
        assertThat(bench.finished).hasSize(1);
    }

    private BuildTriggered commandOf(BuildProperties given, String keys) {
        TestScheduler.triggerable(test, "tests", "a");
        bench.given = given;
        RunningBuild build =
                prepare("- trigger: {scheduler_names: [tests], kw: {k: v}, %s}".formatted(keys));
        CompletableFuture<BuildOutcome> outcome = BuildBench.start(build);
        awaitAsked("tests", 1);
        build.interrupt("seen");
        assertThat(outcome.join().results()).isEqualTo(Results.CANCELLED);
        return asked("tests").getFirst();
    }

    private static SourceStamp at(String revision) {
        return new SourceStamp("r", "main", revision, "p", "");
    }

    @Test
    void the_builds_are_of_the_revision_that_this_one_has_got() {
        BuildProperties got = BuildProperties.NONE.with("got_revision", "abc", "Git");

        assertThat(commandOf(got, "").sourceStamps()).containsExactly(at("abc"));
    }

    @Test
    void or_of_what_it_was_asked_for_where_the_step_says_so() {
        BuildProperties got = BuildProperties.NONE.with("got_revision", "abc", "Git");

        assertThat(commandOf(got, "update_source_stamp: false").sourceStamps())
                .containsExactly(STAMP);
    }

    @Test
    void or_of_what_the_scheduler_has_by_default() {
        assertThat(commandOf(BuildProperties.NONE, "always_use_latest: true").sourceStamps())
                .isEmpty();
    }

    @Test
    void or_of_what_the_step_names() {
        BuildProperties given = BuildProperties.NONE.with("next", "release/2", "x");

        assertThat(
                        commandOf(
                                        given,
                                        "source_stamps: [{codebase: app, branch: '%(prop:next)s', revision: '%(prop:no)s'}, {repository: x}]")
                                .sourceStamps())
                .containsExactly(
                        new SourceStamp("", "release/2", null, "", "app"),
                        new SourceStamp("x", null, null, "", ""));
    }

    @Test
    void properties_are_set_or_copied_as_what_they_are() {
        BuildProperties given =
                BuildProperties.NONE
                        .with("arches", List.of("amd64", "arm64"), "x")
                        .with("channel", "nightly", "x")
                        .with("buildnumber", 12L, "Build");

        BuildTriggered command =
                commandOf(
                        given,
                        "copy_properties: [arches, channel, buildnumber, missing], set_properties: {channel: '%(kw:k)s', retries: 3, of: '%(prop:arches)s', none: '%(prop:no)s'}");

        assertThat(command.properties())
                .isEqualTo(
                        Map.of(
                                "arches", new Property(List.of("amd64", "arm64"), "Trigger"),
                                "buildnumber", new Property(12, "Trigger"),
                                "channel", new Property("v", "Trigger"),
                                "retries", new Property(3, "Trigger"),
                                "of", new Property(List.of("amd64", "arm64"), "Trigger"),
                                "none", new Property("", "Trigger")));
        assertThat(command.waitedFor()).isFalse();
    }

    @Test
    void secrets_are_not_passed_on() throws Exception {
        Path vault = Files.createDirectory(directory.resolve("secrets"));
        Files.setPosixFilePermissions(vault, PosixFilePermissions.fromString("rwx------"));
        Path token = Files.writeString(vault.resolve("token"), "hunter2hunter2");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        secrets = "secrets: [file: {directory: '%s'}]\n".formatted(vault);
        Path builds = directory.resolve("builds");
        bench.close();
        bench =
                new BuildBench(
                        test,
                        directory,
                        new LocalWorkplaces(builds, Duration.ofMillis(300)),
                        builds.resolve("w").resolve("linux"),
                        TestSecrets.of(secrets));

        BuildTriggered command =
                commandOf(
                        BuildProperties.NONE,
                        "source_stamp: {repository: 'https://x:%(secret:token)s@h/'}, parent_relationship: 'by %(secret:token)s', set_properties: {a: ['%(secret:token)s']}");

        assertThat(command.toString()).contains("https://x:").doesNotContain("hunter2");
        assertThat(
                        test.count(
                                "SELECT COUNT(*) FROM event WHERE payload LIKE '%hunter2%' OR metadata LIKE '%hunter2%'"))
                .isZero();
    }

    @Test
    void a_scheduler_that_nobody_has_ever_run_ends_the_step_before_any_other_is_asked() {
        TestScheduler.triggerable(test, "tests", "a");

        BuildOutcome outcome = prepare("- trigger: {scheduler_names: [tests, nobody]}").run();

        assertThat(outcome)
                .isEqualTo(
                        new BuildOutcome(
                                Results.EXCEPTION,
                                "exception in trigger: there is no scheduler 'nobody': no master has ever run one of this name"));
        assertThat(asked("tests")).isEmpty();
    }

    @Test
    void so_does_one_that_can_not_be_triggered() {
        TestScheduler _ =
                new TestScheduler(test, new TryScheduler(SchedulerSettings.of("try", "a")));

        assertThat(prepare("- trigger: {scheduler_names: [try]}").run().summary())
                .isEqualTo(
                        "exception in trigger: scheduler 'try' is of type try: only triggerable and nightly_triggerable can be triggered");
    }

    @Test
    void a_scheduler_that_is_disabled_fails_the_step_at_once_also_if_that_would_wait() {
        TestScheduler tests = TestScheduler.triggerable(test, "tests", "a");
        tests.disable();
        CompletableFuture<BuildOutcome> outcome =
                BuildBench.start(
                        prepare("- trigger: {scheduler_names: [tests], wait_for_finish: true}"));
        awaitAsked("tests", 1);
        tests.act();

        assertThat(outcome.join())
                .isEqualTo(
                        new BuildOutcome(
                                Results.FAILURE, "tests refused: the scheduler is disabled"));
    }

    @Test
    void what_is_kept_until_its_moment_is_not_waited_for() {
        TestScheduler nightly =
                new TestScheduler(
                        test,
                        new NightlyTriggerableScheduler(
                                SchedulerSettings.of("nightly", "a"),
                                new Calendar(Cron.parse("@daily"), ZoneOffset.UTC, CatchUp.ONCE)));
        CompletableFuture<BuildOutcome> outcome =
                BuildBench.start(
                        prepare("- trigger: {scheduler_names: [nightly], wait_for_finish: true}"));
        awaitAsked("nightly", 1);
        nightly.act();

        assertThat(outcome.join().results()).isEqualTo(Results.SUCCESS);
        assertThat(last().summary()).isEqualTo("triggered nightly");
        assertThat(bench.text(1)).contains("nightly: kept until its next moment");
    }

    @Test
    void a_scheduler_that_no_master_runs_any_more_ends_the_step_after_its_timeout() {
        TestScheduler.triggerable(test, "tests", "a");

        assertThat(prepare("- trigger: {scheduler_names: [tests], timeout: 0.1}").run())
                .isEqualTo(
                        new BuildOutcome(
                                Results.EXCEPTION,
                                "exception in trigger: no master that runs scheduler tests has come to it within 0.1 s: it stays asked"));
    }

    @Test
    void an_interrupted_build_waits_no_more_whether_or_not_the_scheduler_has_decided() {
        TestScheduler tests = TestScheduler.triggerable(test, "tests", "a");
        RunningBuild undecided =
                prepare("- trigger: {scheduler_names: [tests], wait_for_finish: true}");
        CompletableFuture<BuildOutcome> first = BuildBench.start(undecided);
        awaitAsked("tests", 1);
        undecided.interrupt("cancelled by ann: wrong branch");
        assertThat(first.join().results()).isEqualTo(Results.CANCELLED);

        RunningBuild decided =
                prepare("- trigger: {scheduler_names: [tests], wait_for_finish: true}");
        CompletableFuture<BuildOutcome> second = BuildBench.start(decided);
        awaitAsked("tests", 2);
        tests.act();
        await().until(() -> bench.text(1).stream().anyMatch(it -> it.startsWith("tests: ")));
        decided.interrupt("cancelled by ann: wrong branch");

        assertThat(second.join().results()).isEqualTo(Results.CANCELLED);
        assertThat(last().summary()).isEqualTo("cancelled: cancelled by ann: wrong branch");
    }
}
