package io.buildledger.scheduler.fetching;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.scheduler.fetching.Git.GitException;
import io.buildledger.scheduler.fetching.GitAccess.Environment;
import io.buildledger.showing.Printable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.util.FileSystemUtils;

/**
 * How git is run: without a shell, with no more time and no more output than it is given, and with
 * what it says cleaned of credentials. Whatever it has started ends with it.
 *
 * @param limit how long it may take
 */
record GitCommand(RepositoryAddress repository, GitAccess access, Duration limit) {

    /** Nobody's list of branches is that long; a server that goes on for ever is ended there. */
    private static final long MOST_OUTPUT = 64L * 1024 * 1024;

    private static final long MOST_ERRORS = 16L * 1024 * 1024;
    private static final int LONGEST_SAID = 16 * 1024;
    private static final long LOOK_MILLIS = 200;

    /** Runs it and returns what it prints; one that prints too much has failed. */
    String run(List<String> command, String verb, String input) {
        return run(command, verb, input, MOST_OUTPUT, MOST_OUTPUT);
    }

    /**
     * Runs it and returns the beginning of what it prints.
     *
     * @param length of the beginning, in bytes
     */
    String beginning(List<String> command, String verb, int length) {
        return run(command, verb, "", length, Long.MAX_VALUE);
    }

    /** By way of files: a thread that reads from a pipe can't be told to stop. */
    private String run(
            List<String> command, String verb, String input, long length, long mostOutput) {
        try {
            Path directory = Files.createTempDirectory("git");
            try {
                Environment environment = environment();
                Path stdin = directory.resolve("input");
                Path output = directory.resolve("output");
                Path errors = directory.resolve("errors");
                Files.writeString(stdin, input);
                ProcessBuilder builder =
                        new ProcessBuilder(command)
                                .redirectInput(
                                        input.isEmpty() ? new File("/dev/null") : stdin.toFile())
                                .redirectOutput(output.toFile())
                                .redirectError(errors.toFile());
                builder.environment().putAll(environment.variables());
                int status = status(start(builder), verb, output, errors, mostOutput);
                if (status != 0) {
                    String said = beginning(errors, LONGEST_SAID);
                    throw failure(
                            verb, status, environment.cleaned(repository.cleaned(said)).strip());
                }
                return beginning(output, length);
            } finally {
                FileSystemUtils.deleteRecursively(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "what git prints can't be kept among the temporary files: " + e, e);
        }
    }

    private Environment environment() {
        try {
            return access.environment(repository);
        } catch (IOException e) {
            throw GitException.notLetIn(String.valueOf(e.getMessage()), e);
        }
    }

    private static Process start(ProcessBuilder builder) {
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("can't run git: install it (apt-get install git)", e);
        }
    }

    private int status(Process process, String verb, Path output, Path errors, long mostOutput)
            throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        try {
            while (true) {
                long left = Math.max(0, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
                boolean ended = process.waitFor(Math.min(left, LOOK_MILLIS), TimeUnit.MILLISECONDS);
                if (Files.size(output) > mostOutput || Files.size(errors) > MOST_ERRORS) {
                    throw GitException.cutShort(
                            "git %s said more than anybody would need to know".formatted(verb));
                }
                if (ended) {
                    return process.exitValue();
                }
                if (left == 0) {
                    throw GitException.cutShort(
                            "git %s took more than %d s".formatted(verb, limit.toSeconds()));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw GitException.cutShort("git " + verb + " was interrupted");
        } finally {
            kill(process);
        }
    }

    private static GitException failure(String verb, int status, String said) {
        return new GitException(
                "git %s ended with status %d: %s".formatted(verb, status, Printable.of(said)),
                false,
                said,
                null);
    }

    private static String beginning(Path file, long length) throws IOException {
        try (InputStream bytes = Files.newInputStream(file)) {
            return new String(
                    bytes.readNBytes((int) Math.min(length, MOST_OUTPUT)), StandardCharsets.UTF_8);
        }
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
