package io.buildledger.builder.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.builder.running.BuildBench.Finished;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.Property;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.testing.TestLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
class WarningStepsTest {

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

    private Finished run(String factory) {
        bench.run(BuildBench.HEAD, WrittenSteps.of(directory, factory));
        return bench.finished.getFirst();
    }

    private List<String> warnings(int count) {
        return bench.lines(1, "warnings (%d)".formatted(count)).stream().map(Line::text).toList();
    }

    @Test
    void warnings_are_counted_on_both_streams_and_have_a_log_of_their_own() {
        Finished end =
                run(
                        "- compile: {command: 'echo a.c:1: warning: x; echo fine; printf \"b.c: WARNING y\" >&2'}");

        assertThat(end)
                .isEqualTo(
                        new Finished(1, Results.WARNINGS, 0, "warnings in compile (2 warnings)"));
        assertThat(warnings(2)).containsExactlyInAnyOrder("a.c:1: warning: x", "b.c: WARNING y");
        assertThat(bench.properties).containsEntry("warnings-count", new Property(2L, "compile"));
    }

    @Test
    void the_property_has_the_warnings_of_all_steps() {
        run(
                """
                - compile: {command: "echo 'warning: x'"}
                - test: {command: "echo 'warning: y'; echo 'warning: z'"}
                - compile: {command: "echo fine"}
                """);

        assertThat(bench.properties).containsEntry("warnings-count", new Property(3L, "compile"));
        assertThat(bench.finished)
                .extracting(Finished::results)
                .containsExactly(Results.WARNINGS, Results.WARNINGS, Results.SUCCESS);
    }

    @Test
    void more_warnings_than_it_may_have_fail_the_step() {
        assertThat(
                        run(
                                "- compile: {command: \"echo 'warning: x'; echo 'warning: y'\", max_warn_count: 1}"))
                .isEqualTo(
                        new Finished(
                                1,
                                Results.FAILURE,
                                0,
                                "failed compile (2 warnings, of at most 1)"));
        assertThat(run("- compile: {command: \"echo 'warning: x'\", max_warn_count: 1}").results())
                .isEqualTo(Results.WARNINGS);
    }

    @Test
    void a_command_that_fails_has_failed_whatever_it_has_warned_of() {
        assertThat(run("- compile: {command: \"echo 'warning: x'; exit 2\"}"))
                .isEqualTo(new Finished(1, Results.FAILURE, 2, "failed compile (exit code 2)"));
        assertThat(warnings(1)).containsExactly("warning: x");
    }

    @Test
    void without_a_pattern_nothing_is_counted() {
        assertThat(run("- test: {command: \"echo 'warning: x'\", warning_pattern: ''}").results())
                .isEqualTo(Results.SUCCESS);
        assertThat(bench.properties).containsEntry("warnings-count", new Property(0L, "test"));
    }

    @Test
    void make_all_is_what_compile_runs_and_make_test_is_what_test_runs() throws Exception {
        Path build = Files.createDirectories(bench.builderDirectory().resolve("build"));
        Files.writeString(
                build.resolve("Makefile"), "all:\n\t@echo made all\ntest:\n\t@echo made test\n");

        run("- compile: {}\n- test: {}");

        assertThat(bench.finished).extracting(Finished::results).containsOnly(Results.SUCCESS);
        assertThat(bench.text(1)).contains("make all", "made all");
        assertThat(bench.text(2)).contains("make test", "made test");
    }

    @Test
    void a_file_of_the_source_says_which_warnings_do_not_count() {
        String step =
                """
                - shell: {command: "printf 'old.c : .*unused.* : 10-20\\n' > known"}
                - compile:
                    command: "echo 'old.c:15: warning: unused x'; echo 'old.c:25: warning: unused y'"
                    warning_pattern: "(?P<file>[^:]+):(?P<line>[0-9]+): warning: (?P<text>.*)"
                    suppression_file: %s
                """;
        run(step.formatted("known"));
        assertThat(bench.finished.getLast().summary()).isEqualTo("warnings in compile (1 warning)");

        run(step.formatted("unknown"));
        assertThat(bench.finished.getLast().results()).isEqualTo(Results.FAILURE);
        assertThat(bench.finished.getLast().summary()).contains("can't read build/unknown");
    }

    @Test
    void a_failing_compile_halts_the_build_and_a_failing_test_does_not() {
        run("- test: {command: exit 1}\n- compile: {command: exit 1}\n- test: {command: exit 0}");

        assertThat(bench.started).containsExactly("test", "compile");
    }
}
