package io.buildledger.builder.running;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.util.FileSystemUtils;

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
     * The directory of a step, which is made if need be.
     *
     * @throws StepRefusedException if it is outside
     */
    Path workdir(String relative) throws IOException, StepRefusedException {
        Path workdir = path.resolve(relative).normalize();
        if (!workdir.startsWith(path)) {
            throw outside(relative);
        }
        Files.createDirectories(workdir);
        // An earlier step may have put a symbolic link there.
        if (!workdir.toRealPath().startsWith(path.toRealPath())) {
            throw outside(relative);
        }
        return workdir;
    }

    private StepRefusedException outside(String relative) {
        return new StepRefusedException(
                "workdir '%s' is outside the builder's directory".formatted(relative));
    }

    /** Deletes what is in a directory, without following symbolic links. */
    static void clear(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                FileSystemUtils.deleteRecursively(entry);
            }
        }
    }
}
