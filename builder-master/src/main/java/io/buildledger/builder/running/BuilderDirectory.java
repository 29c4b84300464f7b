package io.buildledger.builder.running;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

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

    /** Deletes a directory and what is in it, without following symbolic links. */
    static void clear(Path directory) throws IOException {
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path visited, @Nullable IOException failure) throws IOException {
                        if (failure != null) {
                            throw failure;
                        }
                        if (!visited.equals(directory)) {
                            Files.delete(visited);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
