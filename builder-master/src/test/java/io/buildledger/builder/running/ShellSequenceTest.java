package io.buildledger.builder.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.builder.running.BuildBench.Finished;
import io.buildledger.domain.building.Results;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.testing.TestLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
class ShellSequenceTest {

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

    private Finished run(String... commands) {
        String written = String.join("\n    - ", commands);
        bench.run(
                BuildBench.HEAD,
                WrittenSteps.of(
                        directory,
                        """
                        - shell_sequence:
                            name: all
                            commands:
                            - %s
                        """
                                .formatted(written)));
        return bench.finished.getFirst();
    }

    private List<String> text(String log) {
        return bench.lines(1, log).stream().map(Line::text).toList();
    }

    @Test
    void commands_run_one_after_the_other_and_print_to_the_logs_that_they_name() {
        Finished end =
                run(
                        "{command: echo one; echo two >&2, log_name: first}",
                        "{command: [echo, three]}",
                        "{command: echo four, log_name: first}");

        assertThat(end)
                .isEqualTo(new Finished(1, Results.SUCCESS, 0, "all successful (3 commands)"));
        assertThat(text("first")).contains("one", "two", "four").doesNotContain("three");
        assertThat(text("stdio")).contains("three").doesNotContain("one", "four");
    }

    @Test
    void a_failure_lets_the_rest_run_and_fails_the_step() {
        Finished end =
                run("{command: exit 3}", "{command: touch ran}", "{command: [sh, -c, exit 4]}");

        assertThat(end)
                .isEqualTo(
                        new Finished(
                                1,
                                Results.FAILURE,
                                3,
                                "failed all (command 1 of 3, exit: exit code 3)"));
        assertThat(bench.builderDirectory().resolve("build/ran")).exists();
    }

    @Test
    void a_failure_that_halts_leaves_out_the_rest() {
        assertThat(
                        run("{command: exit 3, halt_on_failure: true}", "{command: touch ran}")
                                .results())
                .isEqualTo(Results.FAILURE);
        assertThat(bench.builderDirectory().resolve("build/ran")).doesNotExist();
    }

    @Test
    void each_command_has_its_say_as_steps_have_in_their_build() {
        assertThat(run("{command: exit 1, flunk_on_failure: false}").results())
                .isEqualTo(Results.SUCCESS);
        assertThat(run("{command: exit 1, flunk_on_failure: false, warn_on_failure: true}"))
                .isEqualTo(
                        new Finished(
                                1,
                                Results.WARNINGS,
                                1,
                                "warnings in all (command 1 of 1, exit: exit code 1)"));
    }

    @Test
    void a_program_that_does_not_exist_ends_the_sequence() {
        assertThat(run("{command: [no-such-program]}", "{command: touch ran}"))
                .isEqualTo(
                        new Finished(
                                1,
                                Results.EXCEPTION,
                                null,
                                "exception in all: there is no program 'no-such-program'"));
    }

    @Test
    void a_command_without_anything_in_it_is_skipped() {
        assertThat(run("{command: ' '}", "{command: exit 0}").results()).isEqualTo(Results.SUCCESS);
        assertThat(bench.text(1)).contains("command 1 is empty: skipped");
    }

    @Test
    void an_interruption_ends_the_command_and_the_sequence() throws Exception {
        RunningBuild running =
                bench.prepare(
                        BuildBench.HEAD,
                        Map.of(),
                        WrittenSteps.of(
                                directory,
                                """
                                - shell_sequence:
                                    commands: [{command: touch begun; sleep 60}, {command: touch ran}]
                                """));
        CompletableFuture<BuildOutcome> outcome = BuildBench.start(running);
        Path begun = bench.builderDirectory().resolve("build/begun");
        await().atMost(10, TimeUnit.SECONDS).until(() -> Files.exists(begun));

        running.interrupt("enough");

        assertThat(outcome.get(10, TimeUnit.SECONDS).results()).isEqualTo(Results.CANCELLED);
        assertThat(begun.resolveSibling("ran")).doesNotExist();
        assertThat(bench.finished.getFirst().summary()).isEqualTo("cancelled: enough");
    }
}
