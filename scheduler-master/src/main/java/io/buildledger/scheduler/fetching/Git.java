package io.buildledger.scheduler.fetching;

import io.buildledger.configuring.RepositoryAddress;
import java.io.File;
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
public final class Git {

    /** A git command that failed, with what it said. */
    public static final class GitException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final boolean cutShort;
        private final String said;

        private GitException(String message, boolean cutShort, String said) {
            super(message);
            this.cutShort = cutShort;
            this.said = said;
        }

        private static GitException cutShort(String message) {
            return new GitException(message, true, "");
        }

        /** Whether we ended the command, so that its failure says nothing about anything. */
        public boolean isCutShort() {
            return cutShort;
        }

        /** What git said on standard error, in its lines. */
        public String said() {
            return said;
        }
    }

    /** Branches of a remote repository, and which of them is its default. */
    public record Remote(Map<String, String> heads, Optional<String> defaultBranch) {}

    /**
     * A commit as git shows it.
     *
     * @param when it was made; empty where the commit has no date that a clock could show
     */
    public record Commit(
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

    private final Path directory;
    private final RepositoryAddress repository;
    private boolean replacementTold;

    /**
     * @param directory of the clone; made when it is first needed
     * @param repository address of the other repository
     */
    public Git(Path directory, RepositoryAddress repository) {
        this.directory = directory;
        this.repository = repository;
    }

    /** Asks the other repository for its branches. */
    public Remote remote() {
        return remote(repository, TIMEOUT);
    }

    /**
     * Asks a repository for its branches; this needs no clone.
     *
     * @param limit how long it may take
     */
    public static Remote remote(RepositoryAddress repository, Duration limit) {
        Map<String, String> heads = new LinkedHashMap<>();
        Optional<String> defaultBranch = Optional.empty();
        List<String> command =
                List.of(
                        "git",
                        "ls-remote",
                        "--symref",
                        "--",
                        repository.repourl(),
                        "HEAD",
                        HEADS + "*");
        for (String line : run(repository, command, "ls-remote", limit).split("\n", -1)) {
            String[] columns = line.split("\t", 2);
            if (columns.length < 2) {
                continue;
            }
            if (columns[0].startsWith("ref: " + HEADS) && columns[1].equals("HEAD")) {
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
    public void fetch(Collection<String> branches) {
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
    public boolean has(String revision) {
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
    public List<String> revisions(String head, Iterable<String> known, int limit) {
        List<String> command = new ArrayList<>(List.of("rev-list", "--max-count=" + limit, head));
        known.forEach(revision -> command.add("^" + revision));
        command.add("--");
        return inClone(command.toArray(String[]::new)).lines().toList().reversed();
    }

    public Commit commit(String revision) {
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
        return run(repository, command, arguments[0], TIMEOUT);
    }

    /** By way of files: a thread that reads from a pipe can't be told to stop. */
    private static String run(
            RepositoryAddress repository, List<String> command, String verb, Duration limit) {
        try {
            Path directory = Files.createTempDirectory("git");
            try {
                Path output = directory.resolve("output");
                Path errors = directory.resolve("errors");
                int status = status(start(command, output, errors), verb, limit);
                if (status != 0) {
                    throw failure(verb, status, repository.cleaned(text(errors)).strip());
                }
                return text(output);
            } finally {
                FileSystemUtils.deleteRecursively(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "what git prints can't be kept among the temporary files: " + e, e);
        }
    }

    private static Process start(List<String> command, Path output, Path errors) {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectInput(new File("/dev/null"))
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile());
        builder.environment().put("GIT_TERMINAL_PROMPT", "0");
        builder.environment().put("GIT_ALLOW_PROTOCOL", RepositoryAddress.PROTOCOLS);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("can't run git: install it (apt-get install git)", e);
        }
    }

    private static int status(Process process, String verb, Duration limit) {
        try {
            if (!process.waitFor(limit)) {
                throw GitException.cutShort(
                        "git %s took more than %d s".formatted(verb, limit.toSeconds()));
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw GitException.cutShort("git " + verb + " was interrupted");
        } finally {
            kill(process);
        }
    }

    private static GitException failure(String verb, int status, String said) {
        return new GitException(
                "git %s ended with status %d: %s".formatted(verb, status, said.replace('\n', ' ')),
                false,
                said);
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
