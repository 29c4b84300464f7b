package io.buildledger.builder.processes;

import static io.buildledger.builder.running.ScriptStep.script;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.builder.running.BuildBench;
import io.buildledger.builder.running.BuildOutcome;
import io.buildledger.domain.building.Results;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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
class OrphansTest {

    private static final long NOBODY = 999_999_999L;

    private static final TestLog DATABASE = new TestLog();

    @TempDir Path directory;
    private LocalWorkplaces workplaces;
    private BuildBench bench;
    private Process orphan;

    @BeforeEach
    void leaveAProcessBehind() throws IOException {
        workplaces = new LocalWorkplaces(directory.resolve("builds"), Duration.ofMillis(300));
        bench =
                new BuildBench(
                        DATABASE,
                        directory,
                        workplaces,
                        directory.resolve("builds").resolve("w").resolve("linux"));
        Path build = Files.createDirectories(bench.builderDirectory().resolve("build"));
        orphan = new ProcessBuilder("setsid", "sleep", "600").directory(build.toFile()).start();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @AfterEach
    void close() {
        orphan.destroyForcibly();
        bench.close();
    }

    private Path mark() {
        return bench.builderDirectory().resolveSibling("linux" + RunningMark.SUFFIX);
    }

    private void mark(Instant start, long owner, Instant ownerStart) throws IOException {
        Files.writeString(
                mark(),
                "%d %d %d %d\n"
                        .formatted(
                                orphan.pid(),
                                start.toEpochMilli(),
                                owner,
                                ownerStart.toEpochMilli()));
    }

    private static Instant startOf(ProcessHandle process) {
        return process.info().startInstant().orElseThrow();
    }

    @Test
    void at_its_start_a_master_kills_what_its_earlier_life_left_running() throws Exception {
        mark(startOf(orphan.toHandle()), NOBODY, Instant.EPOCH);

        workplaces.reapOrphans();

        assertThat(orphan.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(mark()).doesNotExist();
    }

    @Test
    void the_children_of_an_orphan_are_killed_even_when_it_has_ended_itself() throws Exception {
        orphan.destroyForcibly();
        Path build = bench.builderDirectory().resolve("build");
        orphan =
                new ProcessBuilder("setsid", "sh", "-c", "sleep 600 >/dev/null 2>&1 & exit 0")
                        .directory(build.toFile())
                        .start();
        assertThat(orphan.waitFor(10, TimeUnit.SECONDS)).isTrue();
        ProcessTree tree = new ProcessTree(orphan.pid());
        assertThat(tree.members()).hasSize(1);
        mark(Instant.now(), NOBODY, Instant.EPOCH);

        workplaces.reapOrphans();

        await().atMost(10, TimeUnit.SECONDS).until(() -> tree.members().isEmpty());
    }

    @Test
    void a_build_kills_what_was_left_running_in_its_directory() throws Exception {
        mark(startOf(orphan.toHandle()), NOBODY, Instant.EPOCH);

        assertThat(bench.run(script("test", "true")).results()).isEqualTo(Results.SUCCESS);

        assertThat(orphan.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(mark()).doesNotExist();
    }

    @Test
    void a_process_that_got_the_number_of_an_orphan_is_left_alone() throws Exception {
        mark(startOf(orphan.toHandle()).minusSeconds(60), NOBODY, Instant.EPOCH);

        workplaces.reapOrphans();

        assertThat(orphan.isAlive()).isTrue();
        assertThat(mark()).doesNotExist();
    }

    @Test
    void what_another_living_master_runs_is_left_alone_and_no_build_joins_it() throws Exception {
        ProcessHandle other = ProcessHandle.current().parent().orElseThrow();
        mark(startOf(orphan.toHandle()), other.pid(), startOf(other));

        workplaces.reapOrphans();
        BuildOutcome outcome = bench.run(script("test", "true"));

        assertThat(orphan.isAlive()).isTrue();
        assertThat(outcome.results()).isEqualTo(Results.EXCEPTION);
        assertThat(outcome.summary()).contains("in use by another builder master");
    }

    @Test
    void while_a_command_runs_the_mark_is_there_and_afterwards_it_is_not() {
        bench.run(script("test", "until [ -s '%s' ]; do sleep 0.05; done".formatted(mark())));

        assertThat(bench.finished.getFirst().results()).isEqualTo(Results.SUCCESS);
        assertThat(mark()).doesNotExist();
    }

    @Test
    void a_mark_that_says_nothing_is_ignored() throws Exception {
        Files.writeString(mark(), "12");

        workplaces.reapOrphans();

        assertThat(mark()).doesNotExist();
        assertThat(orphan.isAlive()).isTrue();
    }
}
