package io.buildledger.builder.processes;

import io.buildledger.builder.logging.LogsOfStep;
import io.buildledger.builder.working.Interruption;
import io.buildledger.builder.working.MasterShell;
import io.buildledger.naming.DirectoryName;
import io.buildledger.stepping.CurrentBuild;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.Invocation;
import io.buildledger.stepping.OutputTap;
import io.buildledger.stepping.StepAbortedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/** Runs each command in a directory of its own, which goes with it. */
final class LocalMasterShell implements MasterShell {

    private static final Logger LOG = LoggerFactory.getLogger(LocalMasterShell.class);

    /** In the place of a worker's name, which is never empty. */
    private static final String NO_WORKER = "";

    private final Path basedir;
    private final CommandRunner runner;
    private final Map<String, String> inherited;
    private final BooleanSupplier allowed;

    LocalMasterShell(
            Path basedir,
            CommandRunner runner,
            Map<String, String> inherited,
            BooleanSupplier allowed) {
        this.basedir = basedir;
        this.runner = runner;
        this.inherited = inherited;
        this.allowed = allowed;
    }

    @Override
    public Ending run(
            CurrentBuild build,
            int step,
            Invocation invocation,
            LogsOfStep logs,
            Interruption interruption)
            throws IOException, StepAbortedException {
        if (!allowed.getAsBoolean()) {
            throw StepAbortedException.refused(
                    "nothing may run on the master itself: set allow_master_shell: true if it may");
        }
        BuilderDirectory own = directoryOf(basedir, build, step);
        Files.createDirectories(own.path());
        try {
            LocalCommand command =
                    LocalCommand.of(invocation, directory(own, invocation.workdir()), inherited);
            logs.log(invocation.log()).header("on the builder master " + build.master());
            try (FollowedFiles _ =
                    FollowedFiles.follow(command.directory(), invocation.logFiles(), logs)) {
                return runner.run(
                        command,
                        logs.log(invocation.log()),
                        OutputTap.NONE,
                        new RunningMark(own),
                        interruption);
            }
        } finally {
            remove(own);
        }
    }

    private static BuilderDirectory directoryOf(Path basedir, CurrentBuild build, int step) {
        return BuilderDirectory.of(
                basedir, NO_WORKER, build.builder() + "/" + build.number() + "/" + step);
    }

    /** Whether a directory is one in which a command on the master has run. */
    static boolean owns(BuilderDirectory directory) {
        Path worker = directory.path().getParent();
        return worker != null && worker.endsWith(DirectoryName.of(NO_WORKER));
    }

    static void remove(BuilderDirectory own) {
        try {
            boolean _ = FileSystemUtils.deleteRecursively(own.path());
        } catch (IOException e) {
            LOG.warn("{}, in which a step ran, can't be removed", own.path(), e);
        }
    }

    private static Path directory(BuilderDirectory own, String workdir)
            throws IOException, StepAbortedException {
        Path named = Path.of(workdir);
        if (!named.isAbsolute()) {
            return own.workdir(workdir);
        }
        if (!Files.isDirectory(named)) {
            throw StepAbortedException.refused(
                    "there is no directory %s on the master".formatted(workdir));
        }
        return named;
    }
}
