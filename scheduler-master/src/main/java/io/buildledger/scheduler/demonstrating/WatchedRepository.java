package io.buildledger.scheduler.demonstrating;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
    private static final String HEADS = "refs/heads/";

    private record Answer(int status, String output, String errors) {}

    /**
     * Asks the repository for its branches.
     *
     * @param branch null for the repository's default branch
     * @throws DemoFailedException in one line, if there is no such repository or branch
     */
    static WatchedRepository find(String repo, @Nullable String branch) {
        String url = fromAnyDirectory(repo);
        Answer answer = ask(url, ANSWERS_WITHIN);
        if (answer.status() != 0) {
            throw new DemoFailedException(
                    "--repo: git can't read %s (%s): name a repository that 'git ls-remote' can read"
                            .formatted(repo, reason(answer.errors())));
        }
        return choose(url, branch, answer.output());
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

    /**
     * @param listing what {@code git ls-remote --symref} says of HEAD and the branches
     */
    static WatchedRepository choose(String url, @Nullable String branch, String listing) {
        List<String> branches =
                listing.lines()
                        .map(line -> line.split("\t", 2))
                        .filter(columns -> columns.length == 2 && columns[1].startsWith(HEADS))
                        .map(columns -> columns[1].substring(HEADS.length()))
                        .toList();
        if (branches.isEmpty()) {
            throw new DemoFailedException(
                    "--repo: %s has no branch yet: commit something to it first".formatted(url));
        }
        if (branch == null) {
            return listing.lines()
                    .filter(line -> line.startsWith("ref: " + HEADS) && line.endsWith("\tHEAD"))
                    .map(line -> line.substring(("ref: " + HEADS).length(), line.lastIndexOf('\t')))
                    .filter(branches::contains)
                    .findFirst()
                    .map(found -> new WatchedRepository(url, found))
                    .orElseThrow(() ->
                            new DemoFailedException(
                                    "--repo: %s does not say which branch is its default: add --branch with one of %s"
                                            .formatted(url, some(branches))));
        }
        if (!branches.contains(branch)) {
            throw new DemoFailedException(
                    "--branch: %s has no branch '%s'; it has %s"
                            .formatted(url, branch, some(branches)));
        }
        return new WatchedRepository(url, branch);
    }

    private static String some(List<String> branches) {
        String names =
                String.join(", ", branches.subList(0, Math.min(BRANCHES_SHOWN, branches.size())));
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

    private static Answer ask(String url, Duration limit) {
        ProcessBuilder builder =
                new ProcessBuilder("git", "ls-remote", "--symref", "--", url, "HEAD", HEADS + "*");
        builder.redirectInput(new File("/dev/null"));
        builder.environment().put("GIT_TERMINAL_PROMPT", "0");
        // What the poller allows.
        builder.environment().put("GIT_ALLOW_PROTOCOL", "file:git:http:https:ssh");
        Process git;
        try {
            git = builder.start();
        } catch (IOException e) {
            throw new DemoFailedException("can't run git: install it (apt-get install git)", e);
        }
        Thread hook = new Thread(() -> kill(git), "stop-git");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            var output = CompletableFuture.supplyAsync(() -> text(git.getInputStream()));
            var errors = CompletableFuture.supplyAsync(() -> text(git.getErrorStream()));
            if (!git.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                throw new DemoFailedException(
                        "--repo: %s did not answer within %d s: try 'git ls-remote' on it"
                                .formatted(url, limit.toSeconds()));
            }
            return new Answer(git.exitValue(), output.join(), errors.join());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoFailedException("interrupted", e);
        } finally {
            kill(git);
            removeHook(hook);
        }
    }

    private static String text(InputStream in) {
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void kill(Process git) {
        git.descendants().forEach(ProcessHandle::destroyForcibly);
        git.destroyForcibly();
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The program is ending, and the hook does what it is for.
        }
    }
}
