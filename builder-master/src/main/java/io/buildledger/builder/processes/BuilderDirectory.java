package io.buildledger.builder.processes;

import io.buildledger.naming.DirectoryName;
import io.buildledger.stepping.StepAbortedException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where one builder's builds run on one worker: {@code BASEDIR/WORKER/BUILDER}. */
record BuilderDirectory(Path path) {

    static BuilderDirectory of(Path basedir, String worker, String builder) {
        return new BuilderDirectory(
                basedir.toAbsolutePath()
                        .normalize()
                        .resolve(DirectoryName.of(worker))
                        .resolve(DirectoryName.of(builder)));
    }

    /**
     * A path within.
     *
     * @throws StepAbortedException if it is outside
     */
    Path inside(String relative) throws StepAbortedException {
        Path inside = path.resolve(relative).normalize();
        if (!inside.startsWith(path)) {
            throw outside(relative);
        }
        return inside;
    }

    /**
     * The directory of a command, which is made if need be.
     *
     * @throws StepAbortedException if it is outside
     */
    Path workdir(String relative) throws IOException, StepAbortedException {
        Path workdir = inside(relative);
        try {
            Files.createDirectories(workdir);
        } catch (FileAlreadyExistsException e) {
            // An earlier step has put a file in its way.
            throw StepAbortedException.refused("%s is no directory".formatted(e.getFile()));
        } catch (IOException e) {
            throw StepAbortedException.workerRefused(
                    "the directory %s can't be made: %s".formatted(workdir, e));
        }
        // An earlier step may have put a symbolic link there.
        if (!workdir.toRealPath().startsWith(path.toRealPath())) {
            throw outside(relative);
        }
        return workdir;
    }

    private static StepAbortedException outside(String relative) {
        return StepAbortedException.refused(
                "'%s' is outside the builder's directory".formatted(relative));
    }
}
