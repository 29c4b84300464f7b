package io.buildledger.builder.running;

import io.buildledger.artifacts.ArtifactStore;
import io.buildledger.artifacts.DiskArtifacts;
import io.buildledger.artifacts.KeptArtifact;
import io.buildledger.builder.logging.LogShipper;
import io.buildledger.builder.processes.LocalWorkplaces;
import io.buildledger.builder.triggering.SchedulerAnswers;
import io.buildledger.builder.uploading.Uploads;
import io.buildledger.builder.working.Interruption;
import io.buildledger.builder.working.Workplaces;
import io.buildledger.commanding.BuildTriggers;
import io.buildledger.commanding.Question;
import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfiguredStep;
import io.buildledger.configuring.NextBuildRule;
import io.buildledger.configuring.NextWorkerRule;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.rendering.BuildProperties;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.log.Author;
import io.buildledger.log.GroupCommit;
import io.buildledger.secrets.Secrets;
import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Page;
import io.buildledger.stepping.CurrentBuild;
import io.buildledger.stepping.LockAccess;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs builds of one builder with real processes, and reads their logs from the database. */
public final class BuildBench implements AutoCloseable {

    public static final SourceStamp HEAD = new SourceStamp("repository", null, null, "", "");

    /** Each build of a test run has a number of its own, so that they can share a database. */
    private static final AtomicLong BUILDS = new AtomicLong();

    /** What the listener was told of a step that ended. */
    public record Finished(int step, Results results, @Nullable Integer exitCode, String summary) {}

    public final List<String> commands = new ArrayList<>();
    public final Map<String, Property> properties = new LinkedHashMap<>();
    public final List<KeptArtifact> artifacts = new ArrayList<>();
    public final List<String> started = new ArrayList<>();
    public final List<Finished> finished = new ArrayList<>();

    /** The numbers of the steps that are not shown. */
    public final List<Integer> hidden = new ArrayList<>();

    private final Path builderDirectory;

    /** Of the master, which steps may read. */
    public final Path files;

    /** Where the master puts what arrives. */
    public final Path uploads;

    public final BuildRunner runner;
    private final StepLogs logs;
    private final LogShipper shipper;
    private final SchedulerAnswers answers;
    private final GroupCommit commit;
    private final BuildTriggers triggers;
    private long build;

    /** Whether steps may run commands on the master. */
    public boolean masterShellAllowed;

    /** What the builds that follow are given. */
    public BuildProperties given = BuildProperties.NONE;

    /** With a local worker. */
    public BuildBench(TestLog test, Path directory) {
        this(test, directory, new DiskArtifacts(directory.resolve("artifacts"), "b1"));
    }

    /** With a local worker, whose artifacts are kept in the store. */
    public BuildBench(TestLog test, Path directory, ArtifactStore store) {
        this(
                test,
                directory,
                new LocalWorkplaces(directory.resolve("builds"), Duration.ofMillis(300)),
                directory.resolve("builds").resolve("w").resolve("linux"),
                TestSecrets.NONE,
                store);
    }

    /**
     * @param builderDirectory where the builder's builds run
     */
    public BuildBench(TestLog test, Path directory, Workplaces workplaces, Path builderDirectory) {
        this(test, directory, workplaces, builderDirectory, TestSecrets.NONE);
    }

    /**
     * @param secrets that steps may name
     */
    public BuildBench(
            TestLog test,
            Path directory,
            Workplaces workplaces,
            Path builderDirectory,
            Secrets secrets) {
        this(
                test,
                directory,
                workplaces,
                builderDirectory,
                secrets,
                new DiskArtifacts(directory.resolve("artifacts"), "b1"));
    }

    private BuildBench(
            TestLog test,
            Path directory,
            Workplaces workplaces,
            Path builderDirectory,
            Secrets secrets,
            ArtifactStore store) {
        logs = new StepLogs(test.jdbc);
        answers = new SchedulerAnswers(test.log, Duration.ofMillis(20)).start();
        commit = new GroupCommit(test.log, new Author("b1", 1));
        triggers = new BuildTriggers(test.log, commit);
        shipper = new LogShipper(logs, directory.resolve("spool"));
        files = directory.resolve("files");
        uploads = directory.resolve("uploads");
        runner =
                new BuildRunner(
                        workplaces,
                        new LocalWorkplaces(directory.resolve("master"), Duration.ofMillis(300))
                                .masterShell(() -> masterShellAllowed),
                        shipper,
                        secrets,
                        new Uploads(store, uploads),
                        answers,
                        files);
        this.builderDirectory = builderDirectory;
    }

    public Path builderDirectory() {
        return builderDirectory;
    }

    /** The number of the last build. */
    public long build() {
        return build;
    }

    public RunningBuild prepare(
            SourceStamp stamp, Map<String, String> env, ConfiguredStep... steps) {
        return prepare(List.of(stamp), env, steps);
    }

    public RunningBuild prepare(
            List<SourceStamp> stamps, Map<String, String> env, ConfiguredStep... steps) {
        build = BUILDS.incrementAndGet();
        properties.clear();
        artifacts.clear();
        started.clear();
        finished.clear();
        hidden.clear();
        return runner.prepare(
                new CurrentBuild("linux", build, 7, stamps, "w", "b1"),
                new Configuration.Builder(
                        "linux",
                        List.of("w"),
                        env,
                        Map.of(),
                        Map.of(),
                        3,
                        List.of(steps),
                        null,
                        List.of(),
                        null,
                        null,
                        new NextBuildRule(NextBuildRule.Order.IN_ORDER, null),
                        NextWorkerRule.FIRST_FREE,
                        null,
                        List.of(),
                        null),
                given,
                new StepListener() {
                    private long asked;

                    @Override
                    public void stepStarted(int step, String name) {
                        started.add(name);
                    }

                    @Override
                    public void takeLocks(
                            int step,
                            List<LockAccess> locks,
                            Interruption interruption,
                            Consumer<String> told) {
                        throw new UnsupportedOperationException("no cluster, no locks");
                    }

                    @Override
                    public void releaseLocks(int step) {}

                    @Override
                    public void commandStarted(int step, String commandId) {
                        commands.add(commandId);
                    }

                    @Override
                    public void commandEnded() {}

                    @Override
                    public void propertySet(int step, String name, Property property) {
                        properties.put(name, property);
                    }

                    @Override
                    public void artifactStored(int step, int artifact, KeptArtifact kept) {
                        artifacts.add(kept);
                    }

                    @Override
                    public Question schedulerAsked(int step, BuildTriggered command)
                            throws IOException {
                        try {
                            // Nothing else of these builds is on their streams.
                            return triggers.ask(command, step, asked++).orElseThrow();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                    }

                    @Override
                    public void stepFinished(
                            int step,
                            Results results,
                            @Nullable Integer exitCode,
                            String summary,
                            boolean isHidden) {
                        if (isHidden) {
                            hidden.add(step);
                        }
                        finished.add(new Finished(step, results, exitCode, summary));
                    }
                });
    }

    public BuildOutcome run(SourceStamp stamp, ConfiguredStep... steps) {
        return prepare(stamp, Map.of(), steps).run();
    }

    public BuildOutcome run(ScriptStep... steps) {
        ConfiguredStep[] all = new ConfiguredStep[steps.length];
        for (int i = 0; i < steps.length; i++) {
            all[i] = steps[i].step();
        }
        return run(HEAD, all);
    }

    public static CompletableFuture<BuildOutcome> start(RunningBuild running) {
        CompletableFuture<BuildOutcome> outcome = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> outcome.complete(running.run()));
        return outcome;
    }

    public List<Line> lines(int step) {
        return lines(step, "stdio");
    }

    public List<Line> lines(int step, String log) {
        boolean more = true;
        while (more) {
            more = shipper.runOnce();
        }
        List<Line> lines = new ArrayList<>();
        Page page = logs.read("linux", build, step, log, 0);
        while (!page.lines().isEmpty()) {
            lines.addAll(page.lines());
            page = logs.read("linux", build, step, log, page.next());
        }
        return lines;
    }

    public List<String> text(int step) {
        return lines(step).stream().map(Line::text).toList();
    }

    @Override
    public void close() {
        answers.close();
        commit.close();
        shipper.close();
    }
}
