package io.buildledger.scheduler.fetching;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.fetching.RefName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;
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

        GitException(String message, boolean cutShort, String said, @Nullable Throwable cause) {
            super(message, cause);
            this.cutShort = cutShort;
            this.said = said;
        }

        static GitException cutShort(String message) {
            return new GitException(message, true, "", null);
        }

        /** Git was not even asked, for lack of what lets it in. */
        static GitException notLetIn(String message, Throwable cause) {
            return new GitException(message, true, "", cause);
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

    /**
     * What a remote repository has; names that are {@linkplain RefName none} are left out.
     *
     * @param heads the revision of each branch, by the branch's name
     * @param tags the commit of each tag, by the tag's name; empty if they were not asked for
     * @param defaultBranch which of the branches it is
     */
    public record Remote(
            Map<String, String> heads, Map<String, String> tags, Optional<String> defaultBranch) {}

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
    private static final Duration ANSWERS_WITHIN = Duration.ofMinutes(1);

    private static final String HEADS = "refs/heads/";

    /** How the names of tags begin where they stand among those of branches. */
    public static final String TAGS = "refs/tags/";

    private static final String PEELED = "^{}";

    /** What servers say of an object that they don't have, or don't give away any more. */
    private static final Pattern GONE =
            Pattern.compile("not our ref|unadvertised object|want [0-9a-f]+ not valid");

    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,12}");

    /** Not only zeros, by which a server tells of a branch that is broken. */
    private static final Pattern REVISION = Pattern.compile("(?!0+$)(?:[0-9a-f]{40}|[0-9a-f]{64})");

    /** Stands in a name for what could not be read as UTF-8. */
    private static final String UNREADABLE = "\ufffd";

    /** A longer name, escaped, could be more than a file's name can be. */
    private static final int LONGEST_READABLE = 100;

    /** Of one command: the system starts none whose arguments take more than 2 MiB. */
    private static final int MOST_ARGUMENTS = 10_000;

    private static final int LONGEST_COMMIT = 4 * 1024 * 1024;
    private static final int LONGEST_FILES = 32 * 1024 * 1024;

    private final Path directory;
    private final RepositoryAddress repository;
    private final GitCommand asking;
    private final GitCommand working;
    private boolean replacementTold;

    /**
     * @param directory of the clone; made when it is first needed
     * @param repository address of the other repository
     * @param access what lets us in there
     * @param timeout how long one command may take; one that only asks is given a minute at most
     */
    public Git(Path directory, RepositoryAddress repository, GitAccess access, Duration timeout) {
        this.directory = directory;
        this.repository = repository;
        this.asking =
                new GitCommand(
                        repository,
                        access,
                        timeout.compareTo(ANSWERS_WITHIN) < 0 ? timeout : ANSWERS_WITHIN);
        this.working = new GitCommand(repository, access, timeout);
    }

    /** With what lets this process's user in, and ten minutes for a command. */
    public Git(Path directory, RepositoryAddress repository) {
        this(directory, repository, GitAccess.NONE, TIMEOUT);
    }

    /** Asks the other repository for its branches. */
    public Remote remote() {
        return remote(asking, false);
    }

    /** Asks the other repository for its branches and tags. */
    public Remote remoteWithTags() {
        return remote(asking, true);
    }

    /**
     * Asks a repository for its branches; this needs no clone.
     *
     * @param limit how long it may take
     */
    public static Remote remote(RepositoryAddress repository, Duration limit) {
        return remote(new GitCommand(repository, GitAccess.NONE, limit), false);
    }

    private static Remote remote(GitCommand asking, boolean withTags) {
        Map<String, String> heads = new LinkedHashMap<>();
        Map<String, String> tags = new LinkedHashMap<>();
        Optional<String> defaultBranch = Optional.empty();
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "git",
                                "ls-remote",
                                "--symref",
                                "--",
                                asking.repository().repourl(),
                                "HEAD",
                                HEADS + "*"));
        if (withTags) {
            command.add(TAGS + "*");
        }
        for (String line : asking.run(command, "ls-remote", "").split("\n", -1)) {
            String[] columns = line.split("\t", 2);
            if (columns.length < 2) {
                continue;
            }
            if (columns[0].startsWith("ref: " + HEADS) && columns[1].equals("HEAD")) {
                defaultBranch = Optional.of(columns[0].substring(("ref: " + HEADS).length()));
            } else if (columns[1].startsWith(HEADS)) {
                add(columns[1].substring(HEADS.length()), columns[0], heads);
            } else if (columns[1].startsWith(TAGS)) {
                add(columns[1].substring(TAGS.length()), columns[0], tags);
            }
        }
        return new Remote(heads, tags, defaultBranch);
    }

    /** A branch named like the full name of a tag would be taken for that tag. */
    private static void add(String shown, String revision, Map<String, String> refs) {
        // What a tag with a text of its own points to comes after it.
        String name =
                shown.endsWith(PEELED)
                        ? shown.substring(0, shown.length() - PEELED.length())
                        : shown;
        if (REVISION.matcher(revision).matches()
                && RefName.isOne(name)
                && !name.contains(UNREADABLE)
                && !name.startsWith("refs/")) {
            refs.put(name, revision);
        }
    }

    /**
     * Fetches branches and tags with their history. A crash can leave a clone that fails every
     * fetch; a failure that is not the other repository's is answered with a new clone, which takes
     * the place of the old one only if it is better.
     *
     * @param refs names of branches, and of tags behind {@link #TAGS}
     */
    public void fetch(Collection<String> refs) {
        if (refs.isEmpty()) {
            return;
        }
        boolean isNew = !Files.exists(directory);
        try {
            fetch(directory, refs);
            replacementTold = false;
        } catch (GitException e) {
            if (isNew || e.isCutShort() || !isOffered(refs)) {
                throw e;
            }
            if (!replacementTold) {
                LOG.warn("cloning {} anew, because {}", repository, e.getMessage());
                replacementTold = true;
            }
            replace(refs);
        }
    }

    private boolean isOffered(Collection<String> refs) {
        try {
            Remote remote = remoteWithTags();
            return refs.stream()
                    .allMatch(ref ->
                            ref.startsWith(TAGS)
                                    ? remote.tags().containsKey(ref.substring(TAGS.length()))
                                    : remote.heads().containsKey(ref));
        } catch (GitException e) {
            return false;
        }
    }

    private void replace(Collection<String> refs) {
        Path replacement = directory.resolveSibling(directory.getFileName() + ".new");
        try {
            FileSystemUtils.deleteRecursively(replacement);
            try {
                fetch(replacement, refs);
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

    private void fetch(Path clone, Collection<String> refs) {
        if (!Files.isDirectory(clone.resolve("objects"))) {
            run(List.of("git"), "", "init", "--quiet", "--bare", "--", clone.toString());
        }
        run(
                on(clone),
                refs.stream()
                        .map(ref -> "+%s:%s\n".formatted(fullName(ref), seenName(ref)))
                        .collect(Collectors.joining()),
                fetching("--stdin").toArray(String[]::new));
    }

    private List<String> fetching(String... options) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "fetch",
                                "--quiet",
                                "--no-tags",
                                "--force",
                                "--no-recurse-submodules",
                                "--no-write-fetch-head"));
        command.addAll(List.of(options));
        command.addAll(List.of("--", repository.repourl()));
        return command;
    }

    private static String fullName(String ref) {
        return ref.startsWith(TAGS) ? ref : HEADS + ref;
    }

    /**
     * A name of its own for each, as git refuses to fetch two to one place. Without slashes: a
     * branch {@code a} that was, and one {@code a/b}, would be in each other's way. Digests are in
     * a place of theirs, as anybody can name a branch by one.
     */
    private static String seenName(String ref) {
        String readable = ref.replace("%", "%25").replace("/", "%2F");
        return readable.getBytes(StandardCharsets.UTF_8).length <= LONGEST_READABLE
                ? "refs/seen/" + readable
                : "refs/seen-by-digest/" + DigestUtils.sha256Hex(ref);
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

    /** Those of some revisions that the clone has, without asking anybody. */
    public Set<String> present(Collection<String> revisions) {
        Set<String> present = new LinkedHashSet<>();
        if (revisions.isEmpty() || !Files.exists(directory)) {
            return present;
        }
        String input =
                revisions.stream()
                        .map(revision -> revision + "^{commit}\n")
                        .collect(Collectors.joining());
        String answers = run(on(directory), input, "cat-file", "--batch-check");
        Iterator<String> answer = answers.lines().iterator();
        for (String revision : revisions) {
            if (answer.hasNext() && answer.next().startsWith(revision + " commit ")) {
                present.add(revision);
            }
        }
        return present;
    }

    /** Some revisions that the clone has, those with the newest commits first. */
    public List<String> newestFirst(Collection<String> revisions) {
        return run(
                        on(directory),
                        String.join("\n", revisions) + "\n",
                        "rev-list",
                        "--no-walk=sorted",
                        "--stdin")
                .lines()
                .toList();
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
    public List<String> revisions(String head, Collection<String> known, int limit) {
        if (limit == 0) {
            return List.of();
        }
        String input =
                head
                        + "\n"
                        + known.stream()
                                .map(revision -> "^" + revision + "\n")
                                .collect(Collectors.joining());
        return run(on(directory), input, "rev-list", "--max-count=" + limit, "--stdin")
                .lines()
                .toList()
                .reversed();
    }

    /** Whether a revision has any history in common with one of some others. */
    public boolean isRelated(String head, Collection<String> others) {
        if (others.isEmpty()) {
            return false;
        }
        String input = head + "\n^" + String.join("\n^", others) + "\n";
        if (run(on(directory), input, "rev-list", "--max-parents=0", "--max-count=1", "--stdin")
                .isEmpty()) {
            return true;
        }
        List<String> all = List.copyOf(others);
        for (int from = 0; from < all.size(); from += MOST_ARGUMENTS) {
            int to = Math.min(all.size(), from + MOST_ARGUMENTS);
            if (haveMergeBase(head, all.subList(from, to))) {
                return true;
            }
        }
        return false;
    }

    private boolean haveMergeBase(String head, List<String> others) {
        List<String> arguments = new ArrayList<>(List.of("merge-base", head));
        arguments.addAll(others);
        try {
            inClone(arguments.toArray(String[]::new));
            return true;
        } catch (GitException e) {
            if (e.isCutShort() || !e.said().isEmpty()) {
                throw e;
            }
            return false;
        }
    }

    /** A commit; of one of absurd length the beginning. */
    public Commit commit(String revision) {
        String[] parts =
                beginning(
                                LONGEST_COMMIT,
                                "show",
                                "--no-patch",
                                "--format=%an <%ae>%x00%at%x00%B",
                                "--end-of-options",
                                revision)
                        .split("\0", 3);
        return new Commit(
                revision,
                parts[0],
                parts.length > 1 ? time(parts[1]) : Optional.empty(),
                parts.length > 2 ? parts[2].strip() : "",
                files(revision));
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
                beginning(
                        LONGEST_FILES,
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
        return run(on(directory), "", arguments);
    }

    private String beginning(int length, String... arguments) {
        return working.beginning(command(on(directory), arguments), arguments[0], length);
    }

    private String run(List<String> git, String input, String... arguments) {
        return working.run(command(git, arguments), arguments[0], input);
    }

    private static List<String> command(List<String> git, String... arguments) {
        List<String> command = new ArrayList<>(git);
        command.addAll(List.of(arguments));
        return command;
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
}
