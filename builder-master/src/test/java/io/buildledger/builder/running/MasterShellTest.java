package io.buildledger.builder.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.builder.running.BuildBench.Finished;
import io.buildledger.domain.building.Results;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
class MasterShellTest {

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

    private Finished run(String step) {
        bench.run(BuildBench.HEAD, WrittenSteps.of(directory, "- master_shell: " + step));
        return bench.finished.getFirst();
    }

    private void assertNothingIsLeft() throws IOException {
        try (Stream<Path> left = Files.list(directory.resolve("master/%-"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void a_command_runs_on_the_master_only_if_the_configuration_allows_it() {
        Path file = directory.resolve("ran");

        assertThat(run("{command: [touch, %s]}".formatted(file)))
                .isEqualTo(
                        new Finished(
                                1,
                                Results.EXCEPTION,
                                null,
                                "exception in master_shell: nothing may run on the master itself: set allow_master_shell: true if it may"));
        assertThat(file).doesNotExist();

        bench.masterShellAllowed = true;
        assertThat(run("{command: [touch, %s]}".formatted(file)))
                .isEqualTo(
                        new Finished(
                                1, Results.SUCCESS, 0, "master_shell successful (exit code 0)"));
        assertThat(file).exists();
        assertThat(bench.text(1)).contains("on the builder master b1", "touch " + file);
    }

    @Test
    void it_runs_in_an_empty_directory_that_goes_with_it_or_where_it_is_told_to() throws Exception {
        bench.masterShellAllowed = true;

        run("{command: 'pwd; ls -A; touch here; echo $BUILDLEDGER_BUILDER'}");
        assertThat(bench.text(1)).contains("linux");
        assertNothingIsLeft();

        run("{command: touch here, workdir: %s}".formatted(directory));
        assertThat(directory.resolve("here")).exists();

        assertThat(run("{command: ls, workdir: /no/such/directory}").summary())
                .isEqualTo(
                        "exception in master_shell: there is no directory /no/such/directory on the master");
        assertThat(run("{command: ls, workdir: ../..}").results()).isEqualTo(Results.EXCEPTION);
        assertNothingIsLeft();
    }

    @Test
    void a_failure_halts_the_build() {
        bench.masterShellAllowed = true;

        bench.run(
                BuildBench.HEAD,
                WrittenSteps.of(
                        directory, "- master_shell: {command: exit 4}\n- shell: {command: ls}"));

        assertThat(bench.finished)
                .containsExactly(
                        new Finished(1, Results.FAILURE, 4, "failed master_shell (exit code 4)"));
    }

    @Test
    void an_interruption_ends_it() throws Exception {
        bench.masterShellAllowed = true;
        Path begun = directory.resolve("begun");
        RunningBuild running =
                bench.prepare(
                        BuildBench.HEAD,
                        Map.of(),
                        WrittenSteps.of(
                                directory,
                                "- master_shell: {command: 'touch %s; sleep 60'}"
                                        .formatted(begun)));
        CompletableFuture<BuildOutcome> outcome = BuildBench.start(running);
        await().atMost(10, TimeUnit.SECONDS).until(() -> Files.exists(begun));

        running.interrupt("enough");

        assertThat(outcome.get(10, TimeUnit.SECONDS).results()).isEqualTo(Results.CANCELLED);
        assertNothingIsLeft();
    }
}
