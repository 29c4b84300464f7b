package io.buildledger.builder.claiming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.artifacts.DiskArtifacts;
import io.buildledger.attaching.OpenCommands;
import io.buildledger.builder.logging.LogShipper;
import io.buildledger.builder.processes.LocalWorkplaces;
import io.buildledger.builder.running.BuildRunner;
import io.buildledger.builder.running.TestSecrets;
import io.buildledger.builder.triggering.SchedulerAnswers;
import io.buildledger.builder.uploading.Uploads;
import io.buildledger.commanding.BuildTriggers;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.locking.Locks;
import io.buildledger.log.Author;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.metering.Meters;
import io.buildledger.steplog.StepLogs;
import io.buildledger.testing.GitRepository;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds of buildsets that have several source stamps, from the claim to the result. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SeveralCodebasesTest {

    private static final Author B1 = new Author("b1", 1);

    private final TestLog test = new TestLog();
    private final GroupCommit commit = new GroupCommit(test.log, B1);

    @TempDir Path directory;
    private GitRepository app;
    private GitRepository lib;
    private LogShipper shipper;
    private ClaimLoop loop;

    @BeforeEach
    void open() throws Exception {
        app = GitRepository.create(directory.resolve("app"), "main");
        lib = GitRepository.create(directory.resolve("lib"), "stable");
        shipper = new LogShipper(new StepLogs(test.jdbc), directory.resolve("spool"));
        LocalWorkplaces workplaces = new LocalWorkplaces(directory.resolve("workers"));
        loop =
                new ClaimLoop(
                        new ConfiguredBuilders(file().configuration()),
                        test.claims,
                        commit,
                        new OpenCommands(test.dataSource),
                        new BuildTriggers(test.log, commit),
                        new StepLocks(new Locks(test.log, test.dataSource), B1),
                        new BuildRunner(
                                workplaces,
                                workplaces.masterShell(() -> false),
                                shipper,
                                TestSecrets.NONE,
                                new Uploads(
                                        new DiskArtifacts(directory.resolve("artifacts"), "b1"),
                                        directory.resolve("uploads")),
                                new SchedulerAnswers(test.log, Duration.ofMillis(20)),
                                directory),
                        PlainAvailability.LOCAL,
                        new FingerprintWatch(Map::of),
                        B1,
                        new ClaimMeters(Meters.none(), InstantSource.system()),
                        System::nanoTime);
    }

    private ConfigurationFile file() throws IOException {
        return ConfigurationFile.read(
                Files.writeString(
                        directory.resolve("cluster.yaml"),
                        """
                        db_url: jdbc:mysql://unused/unused
                        db_user: unused
                        builders:
                          - name: both
                            worker_names: [one]
                            factory:
                              - git: {repourl: "%1$s", codebase: app, workdir: app}
                              - git: {repourl: "%2$s", codebase: lib, workdir: lib}
                              - shell: {command: "cat ../app/a.txt ../lib/l.txt > %3$s"}
                          - name: strange
                            worker_names: [one]
                            factory: [git: {repourl: "%1$s", codebase: docs}]
                        workers: [{name: one}]
                        """
                                .formatted(app.directory(), lib.directory(), result())));
    }

    private Path result() {
        return directory.resolve("result");
    }

    @AfterEach
    void close() throws Exception {
        loop.stop("the test is over", Duration.ofSeconds(10));
        commit.close();
        shipper.close();
        test.close();
    }

    private BuildRequestCompleted build(String builder, SourceStamp... stamps) {
        BuildsetOrder order =
                new BuildsetOrder(
                        "main",
                        1,
                        "because",
                        List.of(stamps),
                        List.of(),
                        Map.of(),
                        List.of(builder),
                        0,
                        null,
                        false,
                        null,
                        null,
                        null);
        test.log.inTransaction(() ->
                test.buildsets.submit(
                        TestStory.SCHEDULER, "scheduler/main@0", order, TestStory.NOON));
        await().until(() -> {
            loop.runOnce();
            return test.log.read(Streams.buildRequest(1)).getLast().event()
                    instanceof BuildRequestCompleted;
        });
        Recorded last = test.log.read(Streams.buildRequest(1)).getLast();
        return (BuildRequestCompleted) last.event();
    }

    private SourceStamp app(@Nullable String revision) {
        return new SourceStamp("a label", "main", revision, "", "app");
    }

    private SourceStamp lib(@Nullable String revision) {
        return new SourceStamp("a label", "stable", revision, "", "lib");
    }

    @Test
    void each_repository_is_checked_out_at_the_revision_of_its_codebase() throws Exception {
        String older = app.commit("app 1,", "a.txt");
        app.commit("app 2,", "a.txt");
        lib.commit("lib 1", "l.txt");
        lib.commit("lib 2", "l.txt");

        BuildRequestCompleted completed = build("both", app(older), lib(null));

        assertThat(completed.results()).as(completed.summary()).isEqualTo(Results.SUCCESS);
        assertThat(result()).hasContent("app 1,lib 2");
    }

    @Test
    void a_patch_is_applied_to_its_own_codebase() throws Exception {
        String base = app.commit("app\n", "a.txt");
        lib.commit("lib\n", "l.txt");
        Files.writeString(app.directory().resolve("a.txt"), "tried\n");
        Patch patch = new Patch(app.git("diff", "HEAD") + "\n", 1, "ann", "", "");

        BuildRequestCompleted completed =
                build("both", new SourceStamp("", "main", base, "", "app", patch), lib(null));

        assertThat(completed.results()).as(completed.summary()).isEqualTo(Results.SUCCESS);
        assertThat(result()).hasContent("tried\nlib\n");
    }

    @Test
    void a_step_of_a_codebase_that_the_build_lacks_says_what_to_mend() throws Exception {
        app.commit("app", "a.txt");
        lib.commit("lib", "l.txt");

        BuildRequestCompleted completed = build("strange", app(null), lib(null));

        assertThat(completed.results()).isEqualTo(Results.EXCEPTION);
        assertThat(completed.summary()).contains("the build has no codebase 'docs'");
    }
}
