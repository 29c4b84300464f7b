package io.buildledger.scheduler.changing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The {@code git} command on a bare repository of our own that holds what was fetched from another.
 * Names that come from outside are never taken for options, and git never asks anybody for a
 * password.
 */
final class Git {

    /** A git command that failed, with what it said. */
    static final class GitException extends RuntimeException {
        private static final long serialVersionUID = 1;

        GitException(String message) {
            super(message);
        }
    }

    /** Branches of a remote repository, and which of them is its default. */
    record Remote(Map<String, String> heads, Optional<String> defaultBranch) {}

    /** A commit as git shows it. */
    record Commit(
            String revision, String author, Instant when, String message, List<String> files) {}

    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final String HEADS = "refs/heads/";

    private final Path directory;
    private final String repository;

    /**
     * @param directory of the bare repository; made when it is first needed
     * @param repository address of the other repository
     */
    Git(Path directory, String repository) {
        this.directory = directory;
        this.repository = repository;
    }

    /** Asks the other repository for its branches. */
    Remote remote() {
        Map<String, String> heads = new LinkedHashMap<>();
        Optional<String> defaultBranch = Optional.empty();
        for (String line :
                text("ls-remote", "--symref", "--", repository, "HEAD", HEADS + "*")
                        .split("\n", -1)) {
            String[] columns = line.split("\t", 2);
            if (columns.length < 2) {
                continue;
            }
            if (columns[0].startsWith("ref: " + HEADS)) {
                defaultBranch = Optional.of(columns[0].substring(("ref: " + HEADS).length()));
            } else if (columns[1].startsWith(HEADS)) {
                heads.put(columns[1].substring(HEADS.length()), columns[0]);
            }
        }
        return new Remote(heads, defaultBranch);
    }

    /** Fetches branches with their history. */
    void fetch(Iterable<String> branches) {
        if (!Files.isDirectory(directory.resolve("objects"))) {
            text("init", "--quiet", "--bare", "--", directory.toString());
        }
        List<String> command =
                new ArrayList<>(
                        List.of("fetch", "--quiet", "--no-tags", "--force", "--", repository));
        branches.forEach(branch -> command.add("+" + HEADS + branch + ":refs/seen/" + branch));
        text(command.toArray(String[]::new));
    }

    /**
     * Commits that one revision reaches and the others don't, oldest first.
     *
     * @param known revisions that have been seen; those that no longer exist are passed over
     * @param limit at most so many, the newest
     */
    List<String> revisions(String head, Iterable<String> known, int limit) {
        List<String> command =
                new ArrayList<>(
                        List.of("rev-list", "--ignore-missing", "--max-count=" + limit, head));
        known.forEach(revision -> command.add("^" + revision));
        command.add("--");
        return text(command.toArray(String[]::new)).lines().toList().reversed();
    }

    Commit commit(String revision) {
        String[] parts =
                text(
                                "show",
                                "--no-patch",
                                "--format=%an <%ae>%x00%at%x00%B",
                                "--end-of-options",
                                revision)
                        .split("\0", 3);
        return new Commit(
                revision,
                parts[0],
                Instant.ofEpochSecond(Long.parseLong(parts[1])),
                parts[2].strip(),
                files(revision));
    }

    private List<String> files(String revision) {
        String names =
                text(
                        "diff-tree",
                        "--no-commit-id",
                        "--name-only",
                        "-r",
                        "-z",
                        "--root",
                        "-m",
                        "--first-parent",
                        "--end-of-options",
                        revision);
        return names.isEmpty() ? List.of() : List.of(names.split("\0"));
    }

    private String text(String... arguments) {
        List<String> command = new ArrayList<>(List.of("git"));
        if (Files.isDirectory(directory)) {
            command.add("--git-dir=" + directory);
        }
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("GIT_TERMINAL_PROMPT", "0");
        builder.environment().put("GIT_ALLOW_PROTOCOL", "file:git:http:https:ssh");
        try {
            Path errors = Files.createTempFile("git", ".err");
            try {
                return run(builder.redirectError(errors.toFile()), arguments[0], errors);
            } finally {
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("can't run git; is it installed?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GitException("git " + arguments[0] + " was interrupted");
        }
    }

    private static String run(ProcessBuilder builder, String verb, Path errors)
            throws IOException, InterruptedException {
        Process process =
                builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .start();
        Thread watch =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                                    kill(process);
                                }
                            } catch (InterruptedException e) {
                                // The command has ended.
                            }
                        });
        try {
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new GitException(
                        "git %s ended with status %d: %s"
                                .formatted(
                                        verb,
                                        status,
                                        Files.readString(errors).strip().replace('\n', ' ')));
            }
            return output;
        } finally {
            watch.interrupt();
            kill(process);
        }
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
