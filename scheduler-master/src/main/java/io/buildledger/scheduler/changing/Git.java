package io.buildledger.scheduler.changing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * The {@code git} command on a bare repository of our own, the clone, that holds what was fetched
 * from another. The clone is only a cache: all that is in it can be fetched again. Names that come
 * from outside are never taken for options, git never asks anybody for a password, and what it says
 * is passed on without credentials. Not for several threads at a time.
 */
final class Git {

    /** A git command that failed, with what it said. */
    static final class GitException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final boolean cutShort;

        private GitException(String message, boolean cutShort) {
            super(message);
            this.cutShort = cutShort;
        }

        /** Whether we ended the command, so that its failure says nothing about anything. */
        boolean isCutShort() {
            return cutShort;
        }
    }

    /** Branches of a remote repository, and which of them is its default. */
    record Remote(Map<String, String> heads, Optional<String> defaultBranch) {}

    /**
     * A commit as git shows it.
     *
     * @param when it was made; empty where the commit has no date, or one that is beyond all reason
     */
    record Commit(
            String revision,
            String author,
            Optional<Instant> when,
            String message,
            List<String> files) {}

    private static final Logger LOG = LoggerFactory.getLogger(Git.class);

    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final String HEADS = "refs/heads/";

    /** What servers say of an object that they don't have, or don't give away any more. */
    private static final Pattern GONE =
            Pattern.compile("not our ref|unadvertised object|want [0-9a-f]+ not valid");

    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,12}");
    private static final long END_OF_YEAR_9999 = 253_402_300_800L;

    private final Path directory;
    private final RepositoryAddress repository;
    private boolean replacementTold;

    /**
     * @param directory of the clone; made when it is first needed
     * @param repository address of the other repository
     */
    Git(Path directory, RepositoryAddress repository) {
        this.directory = directory;
        this.repository = repository;
    }

    /** Asks the other repository for its branches. */
    Remote remote() {
        Map<String, String> heads = new LinkedHashMap<>();
        Optional<String> defaultBranch = Optional.empty();
        for (String line :
                text(
                                List.of("git"),
                                "ls-remote",
                                "--symref",
                                "--",
                                repository.repourl(),
                                "HEAD",
                                HEADS + "*")
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

    /**
     * Fetches branches with their history. A crash can leave a clone that fails every fetch; a
     * failure that is not the other repository's is answered with a new clone, which takes the
     * place of the old one only if it is better.
     */
    void fetch(Collection<String> branches) {
        boolean isNew = !Files.exists(directory);
        try {
            fetch(directory, branches);
            replacementTold = false;
        } catch (GitException e) {
            if (isNew || e.isCutShort() || !isOffered(branches)) {
                throw e;
            }
            if (!replacementTold) {
                LOG.warn("cloning {} anew, because {}", repository, e.getMessage());
                replacementTold = true;
            }
            replace(branches);
        }
    }

    private boolean isOffered(Collection<String> branches) {
        try {
            return remote().heads().keySet().containsAll(branches);
        } catch (GitException e) {
            return false;
        }
    }

    private void replace(Collection<String> branches) {
        Path replacement = directory.resolveSibling(directory.getFileName() + ".new");
        try {
            FileSystemUtils.deleteRecursively(replacement);
            try {
                fetch(replacement, branches);
            } catch (GitException e) {
                FileSystemUtils.deleteRecursively(replacement);
                throw e;
            }
            FileSystemUtils.deleteRecursively(directory);
            Files.move(replacement, directory);
        } catch (IOException e) {
            throw new UncheckedIOException("can't replace the clone " + directory, e);
        }
    }

    private void fetch(Path clone, Collection<String> branches) {
        if (!Files.isDirectory(clone.resolve("objects"))) {
            text(List.of("git"), "init", "--quiet", "--bare", "--", clone.toString());
        }
        List<String> command = fetching();
        branches.forEach(branch -> command.add("+" + HEADS + branch + ":refs/seen/" + branch));
        text(on(clone), command.toArray(String[]::new));
    }

    private List<String> fetching() {
        return new ArrayList<>(
                List.of("fetch", "--quiet", "--no-tags", "--force", "--", repository.repourl()));
    }

    /**
     * Whether the clone has a revision, which is fetched if need be: one that no branch holds any
     * longer is not in a new clone, but the other repository mostly still has it.
     */
    boolean has(String revision) {
        if (isThere(revision)) {
            return true;
        }
        List<String> command = fetching();
        command.add(revision);
        try {
            inClone(command.toArray(String[]::new));
        } catch (GitException e) {
            if (e.isCutShort() || !GONE.matcher(String.valueOf(e.getMessage())).find()) {
                throw e;
            }
        }
        return isThere(revision);
    }

    private boolean isThere(String revision) {
        try {
            inClone("cat-file", "-e", revision + "^{commit}");
            return true;
        } catch (GitException e) {
            if (e.isCutShort()) {
                throw e;
            }
            return false;
        }
    }

    /**
     * Commits that one revision reaches and the others don't, oldest first.
     *
     * @param known revisions that have been seen, and that the clone {@linkplain #has has}
     * @param limit at most so many, the newest
     */
    List<String> revisions(String head, Iterable<String> known, int limit) {
        List<String> command = new ArrayList<>(List.of("rev-list", "--max-count=" + limit, head));
        known.forEach(revision -> command.add("^" + revision));
        command.add("--");
        return inClone(command.toArray(String[]::new)).lines().toList().reversed();
    }

    Commit commit(String revision) {
        String[] parts =
                inClone(
                                "show",
                                "--no-patch",
                                "--format=%an <%ae>%x00%at%x00%B",
                                "--end-of-options",
                                revision)
                        .split("\0", 3);
        return new Commit(revision, parts[0], time(parts[1]), parts[2].strip(), files(revision));
    }

    /** Git passes on what the commit says, which other programs may have written. */
    private static Optional<Instant> time(String seconds) {
        return Optional.of(seconds)
                .filter(text -> SECONDS.matcher(text).matches())
                .map(Long::parseLong)
                .filter(number -> number < END_OF_YEAR_9999)
                .map(Instant::ofEpochSecond);
    }

    private List<String> files(String revision) {
        String names =
                inClone(
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

    private String inClone(String... arguments) {
        return text(on(directory), arguments);
    }

    /** Upkeep that went on behind our back could meet the next command, or a deletion. */
    private static List<String> on(Path clone) {
        return List.of(
                "git",
                "--git-dir=" + clone,
                "-c",
                "gc.autoDetach=false",
                "-c",
                "maintenance.autoDetach=false");
    }

    private String text(List<String> git, String... arguments) {
        List<String> command = new ArrayList<>(git);
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
            throw new GitException("git " + arguments[0] + " was interrupted", true);
        }
    }

    private String run(ProcessBuilder builder, String verb, Path errors)
            throws IOException, InterruptedException {
        Process process =
                builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .start();
        AtomicBoolean late = new AtomicBoolean();
        Thread watch =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                                    late.set(true);
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
            if (late.get()) {
                throw new GitException(
                        "git %s took more than %d minutes".formatted(verb, TIMEOUT.toMinutes()),
                        true);
            }
            if (status != 0) {
                String said = new String(Files.readAllBytes(errors), StandardCharsets.UTF_8);
                throw new GitException(
                        "git %s ended with status %d: %s"
                                .formatted(
                                        verb,
                                        status,
                                        repository.cleaned(said).strip().replace('\n', ' ')),
                        false);
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
