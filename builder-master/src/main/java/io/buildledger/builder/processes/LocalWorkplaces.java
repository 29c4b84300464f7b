package io.buildledger.builder.processes;

import io.buildledger.builder.logging.LogsOfStep;
import io.buildledger.builder.working.CommandJournal;
import io.buildledger.builder.working.Interruption;
import io.buildledger.builder.working.MasterShell;
import io.buildledger.builder.working.Workplace;
import io.buildledger.builder.working.Workplaces;
import io.buildledger.stepping.CurrentBuild;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.Worker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/**
 * Runs builds as processes of this builder master, in directories under {@code basedir}. Two
 * masters on one machine need a {@code basedir} each; a build that finds its directory in use by
 * another living master is refused.
 */
public final class LocalWorkplaces implements Workplaces {

    private static final Duration GRACE = Duration.ofSeconds(5);

    /** After so long no process of an interrupted build is left. */
    public static final Duration STOPPED_WITHIN =
            GRACE.plus(ProcessTree.KILLED_WITHIN).plusSeconds(1);

    private static final Pattern SECRET =
            Pattern.compile(
                    "BUILDLEDGER_.*|SPRING_DATASOURCE_.*|(?i:.*(PASSWORD|PASSWD|_PWD|DB_PASS).*)");

    private final Path basedir;
    private final CommandRunner runner;
    private final Map<String, String> inherited = inheritedFrom(System.getenv());
    private final DirectoriesInUse inUse = new DirectoriesInUse();

    public LocalWorkplaces(Path basedir) {
        this(basedir, GRACE);
    }

    /**
     * @param grace between asking a command to end and killing it
     */
    public LocalWorkplaces(Path basedir, Duration grace) {
        this.basedir = basedir.toAbsolutePath().normalize();
        this.runner = new CommandRunner(grace);
    }

    /** What a command may have of its master's environment: all but what looks like a secret. */
    public static Map<String, String> inheritedFrom(Map<String, String> ofMaster) {
        Map<String, String> inherited = new HashMap<>(ofMaster);
        inherited.keySet().removeIf(name -> SECRET.matcher(name).matches());
        return Map.copyOf(inherited);
    }

    /**
     * Runs commands on the master itself.
     *
     * @param allowed asked before each
     */
    public MasterShell masterShell(BooleanSupplier allowed) {
        return new LocalMasterShell(basedir, runner, inherited, allowed);
    }

    @Override
    public Workplace take(CurrentBuild build, CommandJournal journal, Interruption interruption)
            throws IOException, StepAbortedException {
        BuilderDirectory directory = BuilderDirectory.of(basedir, build.worker(), build.builder());
        DirectoriesInUse.Use use = inUse.take(directory);
        try {
            Files.createDirectories(directory.path());
            RunningMark mark = new RunningMark(directory);
            if (!mark.reap(interruption)) {
                throw StepAbortedException.workerRefused(
                        "%s is in use by another builder master; give each its own basedir"
                                .formatted(directory.path()));
            }
            return new LocalWorkplace(build.worker(), use, mark, interruption);
        } catch (IOException | StepAbortedException | RuntimeException e) {
            use.close();
            throw e;
        }
    }

    private final class LocalWorkplace implements Workplace {

        private final String worker;
        private final DirectoriesInUse.Use use;
        private final RunningMark mark;
        private final Interruption interruption;

        LocalWorkplace(
                String worker,
                DirectoriesInUse.Use use,
                RunningMark mark,
                Interruption interruption) {
            this.worker = worker;
            this.use = use;
            this.mark = mark;
            this.interruption = interruption;
        }

        @Override
        public Worker during(int step, LogsOfStep logs) {
            return new LocalWorker(
                    worker, use.directory(), inherited, runner, mark, logs, interruption);
        }

        @Override
        public void close() {
            use.close();
        }
    }

    /**
     * Kills what an earlier life of this master has left running under {@code basedir}. For the
     * start; each build looks once more at its own directory.
     */
    public void reapOrphans() {
        if (!Files.isDirectory(basedir)) {
            return;
        }
        Interruption interruption = new Interruption();
        try (DirectoryStream<Path> workers =
                Files.newDirectoryStream(basedir, file -> Files.isDirectory(file))) {
            for (Path worker : workers) {
                reapOrphansOf(worker, interruption);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("can't look for orphans in " + basedir, e);
        } finally {
            interruption.restoreThread();
        }
    }

    private static void reap(RunningMark mark, Interruption interruption) throws IOException {
        if (mark.reap(interruption) && LocalMasterShell.owns(mark.directory())) {
            LocalMasterShell.remove(mark.directory());
        }
    }

    private void reapOrphansOf(Path worker, Interruption interruption) throws IOException {
        try (DirectoryStream<Path> marks =
                Files.newDirectoryStream(worker, "*" + RunningMark.SUFFIX)) {
            for (Path file : marks) {
                RunningMark mark = RunningMark.ofFile(file);
                if (!inUse.contains(mark.directory())) {
                    reap(mark, interruption);
                }
            }
        }
    }
}
