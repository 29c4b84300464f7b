package io.buildledger.builder.running;

import io.buildledger.builder.logging.LogShipper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Runs builds as processes of this builder master, in directories under {@code basedir}. Two
 * masters on one machine need a {@code basedir} each; a build that finds its directory in use by
 * another living master ends as EXCEPTION.
 */
public final class BuildRunner {

    private static final Duration GRACE = Duration.ofSeconds(5);

    /** After so long no process of an interrupted build is left. */
    public static final Duration STOPPED_WITHIN =
            GRACE.plus(ProcessTree.KILLED_WITHIN).plusSeconds(1);

    private final Path basedir;
    private final LogShipper shipper;
    private final CommandRunner runner;
    private final Map<String, String> inherited = StepEnvironment.inheritedFrom(System.getenv());
    private final DirectoriesInUse inUse = new DirectoriesInUse();

    public BuildRunner(Path basedir, LogShipper shipper) {
        this(basedir, shipper, GRACE);
    }

    /**
     * @param grace between asking a command to end and killing it
     */
    public BuildRunner(Path basedir, LogShipper shipper, Duration grace) {
        this.basedir = basedir.toAbsolutePath().normalize();
        this.shipper = shipper;
        this.runner = new CommandRunner(grace);
    }

    /** A build that has not begun; nothing is done before its {@link RunningBuild#run}. */
    public RunningBuild prepare(BuildOrder order, StepListener listener) {
        return new RunningBuild(
                order,
                BuilderDirectory.of(basedir, order.worker(), order.builder().name()),
                new StepEnvironment(inherited, order),
                inUse,
                runner,
                shipper,
                listener);
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

    private void reapOrphansOf(Path worker, Interruption interruption) throws IOException {
        try (DirectoryStream<Path> marks =
                Files.newDirectoryStream(worker, "*" + RunningMark.SUFFIX)) {
            for (Path file : marks) {
                RunningMark mark = RunningMark.ofFile(file);
                if (!inUse.contains(mark.directory())) {
                    boolean _ = mark.reap(interruption);
                }
            }
        }
    }
}
