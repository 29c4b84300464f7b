package io.buildledger.builder.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.builder.running.BuildBench.Finished;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.ConfiguredStep;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which steps run, and which are shown. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class ConditionalStepsTest {

    private static final TestLog DATABASE = new TestLog();
    private static final SourceStamp MAIN = new SourceStamp("repository", "main", null, "", "");

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

    /**
     * @param factory the steps, as in a file
     */
    private List<ConfiguredStep> steps(String factory) throws IOException {
        return ConfigurationFile.read(
                        Files.writeString(
                                directory.resolve("c.yaml"),
                                """
                                db_url: jdbc:mysql://db/buildledger
                                db_user: buildledger
                                workers: [{name: w}]
                                builders:
                                  - name: linux
                                    worker_names: [w]
                                    factory:
                                """
                                        + factory.indent(6)))
                .configuration()
                .builders()
                .getFirst()
                .factory();
    }

    private BuildOutcome run(List<ConfiguredStep> steps) {
        return bench.run(MAIN, steps.toArray(ConfiguredStep[]::new));
    }

    private List<Results> results() {
        return bench.finished.stream().map(Finished::results).toList();
    }

    @Test
    void a_step_whose_condition_does_not_hold_is_skipped_and_says_why() throws IOException {
        BuildOutcome outcome =
                run(
                        steps(
                                """
                                - shell: {name: deploy, command: touch deployed, do_step_if: {branch: release}}
                                - shell: {name: docs, command: "true", do_step_if: {branch: main}}
                                """));

        String why = "skipped deploy (branch 'main' is not release)";
        assertThat(outcome).isEqualTo(new BuildOutcome(Results.SUCCESS, "build successful"));
        assertThat(bench.started).containsExactly("deploy", "docs");
        assertThat(bench.finished)
                .containsExactly(
                        new Finished(1, Results.SKIPPED, null, why),
                        new Finished(2, Results.SUCCESS, 0, "docs successful (exit code 0)"));
        assertThat(bench.hidden).isEmpty();
        assertThat(bench.lines(1)).containsExactly(new Line(Source.HEADER, why));
        assertThat(bench.builderDirectory().resolve("build").resolve("deployed")).doesNotExist();
    }

    @Test
    void a_skipped_step_halts_nothing() throws IOException {
        BuildOutcome outcome =
                run(
                        steps(
                                """
                                - shell: {command: "false", halt_on_failure: true, do_step_if: false}
                                - shell: {command: "true"}
                                """));

        assertThat(outcome.results()).isEqualTo(Results.SUCCESS);
        assertThat(results()).containsExactly(Results.SKIPPED, Results.SUCCESS);
        assertThat(bench.finished.getFirst().summary())
                .isEqualTo("skipped false (the condition is false)");
    }

    @Test
    void a_step_that_always_runs_does_so_only_if_its_condition_holds() throws IOException {
        run(
                steps(
                        """
                        - shell: {name: test, command: "false", halt_on_failure: true}
                        - shell: {name: next, command: "true"}
                        - shell: {name: tidy, command: "true", always_run: true, do_step_if: {build_results: [SUCCESS]}}
                        - shell: {name: tell, command: "true", always_run: true, do_step_if: {build_results: [FAILURE]}}
                        """));

        assertThat(bench.started).containsExactly("test", "tidy", "tell");
        assertThat(results()).containsExactly(Results.FAILURE, Results.SKIPPED, Results.SUCCESS);
        assertThat(bench.finished.get(1).summary())
                .isEqualTo("skipped tidy (the build is FAILURE and not SUCCESS)");
    }

    @StepType("says")
    record Says(String property, Object value) implements Step {

        @Override
        public StepEnd run(StepRun run) {
            run.setProperty(property, value);
            return StepEnd.succeeded("said");
        }
    }

    @Test
    void a_condition_sees_what_steps_before_have_set() throws IOException {
        List<ConfiguredStep> steps = new ArrayList<>();
        steps.addAll(steps("- shell: {command: 'true', do_step_if: {property: {deploy: true}}}"));
        steps.add(new ConfiguredStep(new Says("deploy", true), ScriptStep.NOTHING_SAID));
        steps.addAll(List.copyOf(steps.subList(0, 1)));

        run(steps);

        assertThat(results()).containsExactly(Results.SKIPPED, Results.SUCCESS, Results.SUCCESS);
        assertThat(bench.finished.getFirst().summary())
                .isEqualTo("skipped true (property deploy '' is not true)");
    }

    @Test
    void a_step_is_hidden_by_how_it_has_ended_and_what_the_build_comes_to_with_it()
            throws IOException {
        run(
                steps(
                        """
                        - shell: {command: "false", do_step_if: false, hide_step_if: {step_results: [SKIPPED]}}
                        - shell: {command: "true", hide_step_if: {step_results: [SKIPPED]}}
                        - shell: {command: "true", hide_step_if: true}
                        - shell: {command: "true", hide_step_if: {build_results: [FAILURE]}}
                        - shell: {command: "false", hide_step_if: {build_results: [FAILURE], step_results: [FAILURE]}}
                        """));

        assertThat(results())
                .containsExactly(
                        Results.SKIPPED,
                        Results.SUCCESS,
                        Results.SUCCESS,
                        Results.SUCCESS,
                        Results.FAILURE);
        assertThat(bench.hidden).containsExactly(1, 3, 5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    check: {branch: main}                      | SUCCESS | assert successful
                    check: {branch: next}                      | FAILURE | failed assert (branch 'main' is not next)
                    check: {branch: next}, message: wrong line | FAILURE | failed assert (wrong line: branch 'main' is not next)
                    name: line, check: {branch: next}          | FAILURE | failed line (branch 'main' is not next)
                    check: {build_results: [SUCCESS]}          | SUCCESS | assert successful
                    check: false                               | FAILURE | failed assert (the condition is false)
                    """)
    void an_assert_step_fails_unless_its_condition_holds(
            String keys, Results results, String summary) throws IOException {
        BuildOutcome outcome = run(steps("- assert: {" + keys + "}"));

        assertThat(bench.finished).containsExactly(new Finished(1, results, null, summary));
        assertThat(outcome.results()).isEqualTo(results);
        assertThat(bench.text(1)).containsExactly(summary);
    }

    @Test
    void an_assert_step_asks_for_what_the_steps_before_have_come_to() throws IOException {
        run(
                steps(
                        """
                        - shell: {command: "false", flunk_on_failure: false, warn_on_failure: true}
                        - assert: {check: {build_results: [SUCCESS]}}
                        """));

        assertThat(bench.finished.getLast().summary())
                .isEqualTo("failed assert (the build is WARNINGS and not SUCCESS)");
    }
}
