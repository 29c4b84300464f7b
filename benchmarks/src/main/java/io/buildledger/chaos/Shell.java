package io.buildledger.chaos;

import io.buildledger.benchmarks.RunFailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs that are run for their effect. */
final class Shell {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** The status of a command, and what it printed. */
    record Ended(int status, String said) {}

    private Shell() {}

    /**
     * @throws RunFailedException with what the command said, if it fails
     */
    static String run(String... command) throws InterruptedException {
        return run(List.of(command));
    }

    static String run(List<String> command) throws InterruptedException {
        Ended ended = end(command);
        if (ended.status() != 0) {
            throw new RunFailedException(
                    "%s failed: %s".formatted(String.join(" ", command), ended.said().strip()));
        }
        return ended.said().strip();
    }

    /** Waits for the end of a command, whatever its status. */
    static Ended end(String... command) throws InterruptedException {
        return end(List.of(command));
    }

    static Ended end(List<String> command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new RunFailedException(
                        "%s does not end".formatted(String.join(" ", command)));
            }
            return new Ended(process.exitValue(), said);
        } catch (IOException e) {
            throw new RunFailedException(
                    "%s can't be run: %s".formatted(command.getFirst(), e.getMessage()), e);
        }
    }

    /** Whether a command can be run here and succeeds. */
    static boolean succeeds(String... command) throws InterruptedException {
        try {
            run(command);
            return true;
        } catch (RunFailedException e) {
            return false;
        }
    }
}
