package io.buildledger.builder.running;

import static io.buildledger.builder.running.ScriptStep.command;
import static io.buildledger.builder.running.ScriptStep.script;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.builder.running.BuildBench.Finished;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class ShellStepsTest {

    private static final TestLog DATABASE = new TestLog();

    @TempDir Path directory;
    private BuildBench bench;

    @BeforeEach
    void open() {
        bench = new BuildBench(DATABASE, directory);
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private long pidIn(String file) {
        Path path = bench.builderDirectory().resolve("build").resolve(file);
        return await().atMost(10, TimeUnit.SECONDS)
                .until(() -> read(path), Optional::isPresent)
                .orElseThrow();
    }

    private static Optional<Long> read(Path path) throws IOException {
        String text = Files.exists(path) ? Files.readString(path) : "";
        return text.endsWith("\n") ? Optional.of(Long.parseLong(text.strip())) : Optional.empty();
    }

    /** A zombie, which nobody may be there to bury, counts as dead. */
    private static boolean isAlive(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return !stat.substring(stat.lastIndexOf(')')).startsWith(") Z");
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void exit_code_0_is_success() {
        BuildOutcome outcome = bench.run(script("test", "echo out; echo err >&2"));

        assertThat(outcome).isEqualTo(new BuildOutcome(Results.SUCCESS, "build successful"));
        assertThat(bench.finished)
                .containsExactly(
                        new Finished(1, Results.SUCCESS, 0, "test successful (exit code 0)"));
        assertThat(bench.lines(1))
                .contains(new Line(Source.STDOUT, "out"), new Line(Source.STDERR, "err"));
        assertThat(bench.text(1).getFirst()).isEqualTo("/bin/sh -c 'echo out; echo err >&2'");
        assertThat(bench.text(1).get(1)).startsWith("in ").endsWith("/w/linux/build");
        assertThat(bench.text(1).getLast()).matches("exit code 0, took [0-9.]+ s");
    }

    @Test
    void any_other_exit_code_is_failure() {
        BuildOutcome outcome = bench.run(script("test", "exit 3"));

        assertThat(outcome)
                .isEqualTo(new BuildOutcome(Results.FAILURE, "failed test (exit code 3)"));
        assertThat(bench.finished.getFirst().exitCode()).isEqualTo(3);
    }

    @Test
    void a_command_killed_by_a_signal_has_failed() {
        assertThat(bench.run(script("test", "kill -9 $$")).results()).isEqualTo(Results.FAILURE);
    }

    @Test
    void decode_rc_says_what_an_exit_code_means() {
        Map<Integer, Results> codes = Map.of(0, Results.SUCCESS, 2, Results.WARNINGS);

        assertThat(bench.run(script("lint", "exit 2").decoding(codes)))
                .isEqualTo(new BuildOutcome(Results.WARNINGS, "warnings in lint (exit code 2)"));
        assertThat(bench.run(script("lint", "exit 3").decoding(codes)).results())
                .isEqualTo(Results.FAILURE);
    }

    @Test
    void a_program_that_does_not_exist_is_an_exception_that_names_it() {
        BuildOutcome outcome = bench.run(command("test", "no-such-program", "--fast"));

        assertThat(outcome)
                .isEqualTo(
                        new BuildOutcome(
                                Results.EXCEPTION,
                                "exception in test: there is no program 'no-such-program'"));
        assertThat(bench.text(1)).contains("no-such-program --fast", outcome.summary());
    }

    @Test
    void a_step_that_halts_leaves_out_the_others_but_for_those_that_always_run() {
        BuildOutcome outcome =
                bench.run(
                        script("compile", "exit 1").haltOnFailure(),
                        script("test", "exit 0"),
                        script("clean", "exit 0").alwaysRun());

        assertThat(bench.started).containsExactly("compile", "clean");
        assertThat(bench.finished).extracting(Finished::step).containsExactly(1, 3);
        assertThat(outcome)
                .isEqualTo(new BuildOutcome(Results.FAILURE, "failed compile (exit code 1)"));
    }

    @Test
    void a_failure_without_halt_lets_the_build_go_on() {
        BuildOutcome outcome = bench.run(script("test", "exit 1"), script("docs", "exit 0"));

        assertThat(bench.started).containsExactly("test", "docs");
        assertThat(outcome.results()).isEqualTo(Results.FAILURE);
    }

    @Test
    void a_failure_that_does_not_flunk_leaves_the_build_as_it_was() {
        assertThat(bench.run(script("test", "exit 1").notFlunking()))
                .isEqualTo(new BuildOutcome(Results.SUCCESS, "build successful"));
    }

    @Test
    void a_failure_that_warns_leaves_a_warning() {
        assertThat(bench.run(script("lint", "exit 1").warning()))
                .isEqualTo(new BuildOutcome(Results.WARNINGS, "failed lint (exit code 1)"));
    }

    @Test
    void a_command_without_output_is_killed_after_its_timeout() {
        BuildOutcome outcome =
                bench.run(
                        script("test", "echo begun; echo $$ > pid; sleep 600; echo never")
                                .timeout(Duration.ofMillis(500)));

        assertThat(outcome)
                .isEqualTo(
                        new BuildOutcome(
                                Results.FAILURE, "failed test (timeout: no output for 0.5 s)"));
        assertThat(bench.finished.getFirst().exitCode()).isNull();
        assertThat(bench.text(1))
                .contains("begun", "timeout: no output for 0.5 s; killing the command");
        assertThat(isAlive(pidIn("pid"))).isFalse();
    }

    @Test
    void output_keeps_a_command_within_its_timeout_but_not_within_max_time() {
        BuildOutcome outcome =
                bench.run(
                        script("test", "while :; do echo more; sleep 0.1; done")
                                .timeout(Duration.ofMillis(800))
                                .maxTime(Duration.ofSeconds(2)));

        assertThat(outcome)
                .isEqualTo(
                        new BuildOutcome(
                                Results.FAILURE, "failed test (max_time: not done after 2 s)"));
        assertThat(bench.text(1)).contains("max_time: not done after 2 s; killing the command");
    }

    @Test
    void a_command_that_ignores_the_request_to_end_is_killed() {
        BuildOutcome outcome =
                bench.run(
                        script("test", "trap '' TERM; while :; do sleep 0.1; done")
                                .timeout(Duration.ofMillis(300)));

        assertThat(outcome.results()).isEqualTo(Results.FAILURE);
    }

    @Test
    void a_background_child_that_holds_the_pipes_neither_hangs_the_step_nor_outlives_it() {
        BuildOutcome outcome =
                bench.run(script("test", "sleep 600 & echo $! > pid; echo done; exit 0"));

        assertThat(outcome.results()).isEqualTo(Results.SUCCESS);
        assertThat(bench.text(1)).contains("done");
        assertThat(isAlive(pidIn("pid"))).isFalse();
    }

    @Test
    void a_process_that_has_left_the_group_does_not_hang_the_step() {
        BuildOutcome outcome =
                bench.run(script("test", "setsid sh -c 'echo $$ > pid; exec sleep 600' & exit 0"));

        long escaped = pidIn("pid");
        assertThat(outcome.results()).isEqualTo(Results.SUCCESS);
        ProcessHandle.of(escaped).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void an_interrupt_kills_the_whole_group_and_starts_no_further_step() throws Exception {
        RunningBuild running =
                bench.prepare(
                        BuildBench.HEAD,
                        Map.of(),
                        script("test", "sh -c 'echo $$ > child; sleep 600'; true").step(),
                        script("clean", "exit 0").alwaysRun().step());
        CompletableFuture<BuildOutcome> outcome = BuildBench.start(running);
        long child = pidIn("child");
        assertThat(isAlive(child)).isTrue();

        running.interrupt("its request was taken back");
        running.interrupt("a second reason");

        assertThat(outcome.get(20, TimeUnit.SECONDS))
                .isEqualTo(
                        new BuildOutcome(
                                Results.CANCELLED, "cancelled: its request was taken back"));
        assertThat(bench.started).containsExactly("test");
        assertThat(bench.finished.getFirst().results()).isEqualTo(Results.CANCELLED);
        assertThat(isAlive(child)).isFalse();
    }

    @Test
    void a_build_interrupted_before_it_begins_runs_nothing() {
        RunningBuild running =
                bench.prepare(BuildBench.HEAD, Map.of(), script("test", "exit 0").step());

        running.interrupt("the master stops");

        assertThat(running.run().results()).isEqualTo(Results.CANCELLED);
        assertThat(bench.started).isEmpty();
    }

    @Test
    void an_interrupt_of_the_thread_interrupts_the_build_and_is_not_lost() throws Exception {
        RunningBuild running =
                bench.prepare(
                        BuildBench.HEAD,
                        Map.of(),
                        script("test", "echo $$ > pid; sleep 600").step());
        CompletableFuture<Boolean> kept = new CompletableFuture<>();
        CompletableFuture<BuildOutcome> outcome = new CompletableFuture<>();
        Thread thread =
                Thread.ofPlatform()
                        .start(() -> {
                            outcome.complete(running.run());
                            kept.complete(Thread.currentThread().isInterrupted());
                        });
        long pid = pidIn("pid");

        thread.interrupt();

        assertThat(outcome.get(20, TimeUnit.SECONDS).results()).isEqualTo(Results.CANCELLED);
        assertThat(kept.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(isAlive(pid)).isFalse();
    }

    @Test
    void two_builds_never_share_a_directory() throws Exception {
        RunningBuild running =
                bench.prepare(
                        BuildBench.HEAD,
                        Map.of(),
                        script("first", "echo $$ > pid; until [ -e go ]; do sleep 0.05; done")
                                .step());
        CompletableFuture<BuildOutcome> first = BuildBench.start(running);
        long _ = pidIn("pid");

        BuildOutcome second = bench.run(script("second", "true"));
        Files.createFile(bench.builderDirectory().resolve("build/go"));

        assertThat(second.results()).isEqualTo(Results.EXCEPTION);
        assertThat(second.summary()).contains("another build is running in");
        assertThat(first.get(20, TimeUnit.SECONDS).results()).isEqualTo(Results.SUCCESS);
    }

    @Test
    void stdin_is_empty() {
        assertThat(bench.run(command("read", "cat")).results()).isEqualTo(Results.SUCCESS);
    }

    @Test
    void a_workdir_is_relative_to_the_builders_directory() {
        bench.run(script("where", "pwd").in("sub/dir"));

        assertThat(bench.text(1)).anyMatch(line -> line.endsWith("/w/linux/sub/dir"));
    }

    @Test
    void a_workdir_outside_the_builders_directory_is_an_exception() throws IOException {
        assertThat(bench.run(script("test", "true").in("../windows")).summary())
                .isEqualTo("exception in test: '../windows' is outside the builder's directory");
        assertThat(bench.run(script("test", "true").in("/tmp")).results())
                .isEqualTo(Results.EXCEPTION);

        Files.createSymbolicLink(bench.builderDirectory().resolve("link"), directory);
        assertThat(bench.run(script("test", "true").in("link")).results())
                .isEqualTo(Results.EXCEPTION);
    }

    @Test
    void the_environment_is_the_builders_then_the_steps_then_what_says_which_build_it_is() {
        RunningBuild running =
                bench.prepare(
                        new SourceStamp("repo", "main", "abc", "", ""),
                        Map.of("A", "builder", "B", "builder"),
                        command("env", "env")
                                .env(Map.of("B", "step", "BUILDLEDGER_WORKER", "forged"))
                                .step());

        running.run();

        assertThat(bench.text(1))
                .contains(
                        "A=builder",
                        "B=step",
                        "BUILDLEDGER_BUILDER=linux",
                        "BUILDLEDGER_BUILD_NUMBER=" + bench.build(),
                        "BUILDLEDGER_REQUEST=7",
                        "BUILDLEDGER_MASTER=b1",
                        "BUILDLEDGER_WORKER=w",
                        "BUILDLEDGER_BRANCH=main",
                        "BUILDLEDGER_REVISION=abc",
                        "BUILDLEDGER_REPOSITORY=repo");
    }

    @Test
    void credentials_in_addresses_are_not_shown() {
        bench.run(command("echo", "true", "https://me:s@cret@example.org/r.git"));

        assertThat(bench.text(1).getFirst()).isEqualTo("true 'https://***@example.org/r.git'");
    }

    @Test
    void a_line_of_200_000_characters_arrives_whole_and_in_order() {
        bench.run(script("long", "head -c 200000 /dev/zero | tr '\\0' x; echo; echo after"));

        List<String> output =
                bench.lines(1).stream()
                        .filter(line -> line.source() == Source.STDOUT)
                        .map(Line::text)
                        .toList();
        assertThat(output).hasSize(5).last().isEqualTo("after");
        assertThat(String.join("", output.subList(0, 4))).isEqualTo("x".repeat(200_000));
    }
}
