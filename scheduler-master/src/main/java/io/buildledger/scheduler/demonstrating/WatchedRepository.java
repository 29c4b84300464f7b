package io.buildledger.scheduler.demonstrating;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.scheduler.fetching.Git;
import io.buildledger.scheduler.fetching.Git.GitException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Somebody's repository and the branch of it that the demo watches. It was there when it was asked
 * for: a poller alone would go on trying, and leave people to wait for a build that never comes.
 *
 * @param url as git takes it from any directory
 */
record WatchedRepository(String url, String branch) {

    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(20);
    private static final int BRANCHES_SHOWN = 10;

    /**
     * Asks the repository for its branches.
     *
     * @param branch null for the repository's default branch
     * @throws DemoFailedException in one line, if there is no such repository or branch
     */
    static WatchedRepository find(String repo, @Nullable String branch) {
        String url = fromAnyDirectory(repo);
        return choose(url, branch, ask(new RepositoryAddress(url)));
    }

    /** The masters and their builds have working directories of their own. */
    private static String fromAnyDirectory(String repo) {
        try {
            Path path = Path.of(repo);
            return !repo.isEmpty() && Files.exists(path) ? path.toRealPath().toString() : repo;
        } catch (InvalidPathException | IOException e) {
            return repo;
        }
    }

    private static Git.Remote ask(RepositoryAddress repository) {
        CountDownLatch ended = new CountDownLatch(1);
        AtomicBoolean stopped = new AtomicBoolean();
        Thread hook =
                new Thread(
                        () -> {
                            stopped.set(true);
                            stopGit(ended);
                        },
                        "stop-git");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return Git.remote(repository, ANSWERS_WITHIN);
        } catch (GitException e) {
            if (stopped.get()) {
                throw new DemoFailedException("interrupted", e);
            }
            throw new DemoFailedException(
                    e.isCutShort()
                            ? "--repo: %s: %s: try 'git ls-remote' on it"
                                    .formatted(repository, e.getMessage())
                            : "--repo: git can't read %s (%s): name a repository that 'git ls-remote' can read"
                                    .formatted(repository, reason(e.said())),
                    e);
        } catch (UncheckedIOException e) {
            throw new DemoFailedException(String.valueOf(e.getMessage()), e);
        } finally {
            ended.countDown();
            removeHook(hook);
        }
    }

    /** Git is all that this program has started yet; what it leaves is cleared away. */
    private static void stopGit(CountDownLatch ended) {
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
        try {
            boolean _ = ended.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The address as it may be shown. */
    RepositoryAddress address() {
        return new RepositoryAddress(url);
    }

    private static WatchedRepository choose(
            String url, @Nullable String branch, Git.Remote remote) {
        Set<String> branches = remote.heads().keySet();
        RepositoryAddress address = new RepositoryAddress(url);
        if (branches.isEmpty()) {
            throw new DemoFailedException(
                    "--repo: %s has no branch yet: commit something to it first"
                            .formatted(address));
        }
        if (branch == null) {
            return remote.defaultBranch()
                    .filter(branches::contains)
                    .map(found -> new WatchedRepository(url, found))
                    .orElseThrow(() ->
                            new DemoFailedException(
                                    "--repo: %s does not say which branch is its default: add --branch with one of %s"
                                            .formatted(address, some(branches))));
        }
        if (!branches.contains(branch)) {
            throw new DemoFailedException(
                    "--branch: %s has no branch '%s'; it has %s"
                            .formatted(address, branch, some(branches)));
        }
        return new WatchedRepository(url, branch);
    }

    private static String some(Collection<String> branches) {
        String names = branches.stream().limit(BRANCHES_SHOWN).collect(Collectors.joining(", "));
        return branches.size() > BRANCHES_SHOWN
                ? names + " and %d more".formatted(branches.size() - BRANCHES_SHOWN)
                : names;
    }

    /** The line among what git says that tells most. */
    static String reason(String errors) {
        return errors.lines()
                .map(String::strip)
                .filter(line ->
                        !line.isEmpty() && !line.toLowerCase(Locale.ROOT).startsWith("warning:"))
                .map(line -> line.replaceFirst("^(fatal|remote|error): ", ""))
                .findFirst()
                .orElse("it does not say why");
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The program is ending, and the hook does what it is for.
        }
    }
}
