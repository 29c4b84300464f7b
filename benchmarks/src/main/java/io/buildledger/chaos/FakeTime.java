package io.buildledger.chaos;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** A wrong wall clock for one process, by Debian's package {@code libfaketime}. */
final class FakeTime {

    private static final String LIBRARY = "faketime/libfaketimeMT.so.1";

    private FakeTime() {}

    static boolean isPossible() {
        return library().isPresent();
    }

    private static Optional<Path> library() {
        for (Path root : new Path[] {Path.of("/usr/lib"), Path.of("/usr/local/lib")}) {
            if (Files.isRegularFile(root.resolve(LIBRARY))) {
                return Optional.of(root.resolve(LIBRARY));
            }
            try (DirectoryStream<Path> architectures = Files.newDirectoryStream(root, "*-*-*")) {
                for (Path architecture : architectures) {
                    if (Files.isRegularFile(architecture.resolve(LIBRARY))) {
                        return Optional.of(architecture.resolve(LIBRARY));
                    }
                }
            } catch (IOException e) {
                // A system without this directory has no such library in it.
            }
        }
        return Optional.empty();
    }

    /** What a process needs in its environment for its wall clock to be off. */
    static Map<String, String> environment(Duration offset) {
        if (offset.isZero()) {
            return Map.of();
        }
        return Map.of(
                "LD_PRELOAD",
                library().orElseThrow().toString(),
                "FAKETIME",
                "%+ds".formatted(offset.toSeconds()),
                // No machine's monotonic clock jumps.
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                "DONT_FAKE_MONOTONIC",
                "1",
                // A workaround for other versions of glibc, under which timed waits end at once.
                "FAKETIME_FORCE_MONOTONIC_FIX",
                "0");
    }
}
