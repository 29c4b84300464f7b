package io.buildledger.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Directories of tests, in memory where the machine has room for them there, else where temporary
 * files are as a rule. A good third of the time of many tests would be waiting for a disk to have
 * written down what is deleted at once.
 */
public final class MemoryDirectory implements TempDirFactory {

    private static final Path MEMORY = Path.of("/dev/shm");
    private static final Path MOUNTS = Path.of("/proc/mounts");

    /** Two servers with their programs take one; a container often has but 64 MB of it. */
    private static final long ROOM = 4L << 30;

    private static final boolean IS_FIT = isFit();

    /** A new one, which whoever asks for it deletes. */
    public static Path create(String prefix) throws IOException {
        return IS_FIT
                ? Files.createTempDirectory(MEMORY, prefix)
                : Files.createTempDirectory(prefix);
    }

    /** JUnit deletes it. */
    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
            throws IOException {
        return create("junit-");
    }

    private static boolean isFit() {
        try {
            return Files.isWritable(MEMORY)
                    && Files.getFileStore(MEMORY).getUsableSpace() >= ROOM
                    && runsPrograms();
        } catch (IOException e) {
            System.out.println("no directories in memory for the tests: " + e);
            return false;
        }
    }

    private static boolean runsPrograms() throws IOException {
        try (Stream<String> mounts = Files.lines(MOUNTS)) {
            return mounts.map(it -> it.split(" ", -1))
                    .filter(it -> it[1].equals(MEMORY.toString()))
                    .noneMatch(it -> it[3].matches("(.*,)?noexec(,.*)?"));
        }
    }
}
