package io.buildledger.steps;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.requesting.Property;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.Worker;
import io.buildledger.steps.GitStep.Method;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A step that brings a source stamp's revision into the work directory. A directory that git can't
 * work with any more is emptied, once.
 */
final class GitCheckout {

    private static final int SHORT_ID = 8;

    /** Where {@code copy} keeps what it copies. */
    private static final String SOURCE = "source";

    private final GitStep step;
    private final SourceStamp stamp;
    private final StepRun run;
    private final Worker worker;
    private final @Nullable Method method;
    private final String workdir;

    GitCheckout(GitStep step, SourceStamp stamp, StepRun run) {
        this.step = step;
        this.stamp = stamp;
        this.run = run;
        this.worker = run.worker();
        this.method = step.fullMethod();
        this.workdir = run.invocation(List.of("git")).workdir();
    }

    StepEnd run() throws IOException, StepAbortedException {
        try (GitCredentials credentials = GitCredentials.bring(step, run)) {
            GitDirectory directory =
                    new GitDirectory(
                            step, run, method == Method.COPY ? source() : workdir, credentials);
            String commit = checkOut(directory);
            if (method == Method.COPY) {
                worker.remove(workdir);
                worker.copyDirectory(source(), workdir);
                directory = new GitDirectory(step, run, workdir, credentials);
            }
            if (stamp.patch() != null) {
                apply(stamp.patch(), directory);
            }
            setOfCodebase("got_revision", commit);
            if (step.getDescription() != null) {
                describe(step.getDescription(), directory);
            }
            return new StepEnd(Results.SUCCESS, 0, "checked out " + commit.substring(0, SHORT_ID));
        } catch (GitFailedException e) {
            return e.end();
        }
    }

    /** One for each codebase, so that none is fetched into that of another. */
    private String source() {
        return step.codebase().isEmpty()
                ? SOURCE
                : SOURCE + "-" + step.codebase().replaceAll("[/\\\\]", "-");
    }

    private String checkOut(GitDirectory directory)
            throws IOException, StepAbortedException, GitFailedException {
        String branch = stamp.branch() == null ? step.branch() : stamp.branch();
        GitFetch fetch = new GitFetch(step, run, directory, branch, stamp.revision());
        if (method == Method.CLOBBER) {
            directory.remove();
        }
        int left = step.retry() == null ? 0 : step.retry().repeat();
        boolean once = step.retryFetch();
        while (true) {
            try {
                return attempt(directory, fetch);
            } catch (GitFailedException e) {
                if (!e.mayPass() || (left == 0 && !once)) {
                    throw e;
                }
                run.note(e.end().summary());
            }
            if (once) {
                once = false;
                run.note("trying once more");
            } else if (step.retry() != null) {
                Duration delay = step.retry().delay();
                run.note("trying %d more times, next in %s".formatted(left, Ending.seconds(delay)));
                left--;
                pause(delay);
            }
        }
    }

    private void pause(Duration delay) throws StepAbortedException {
        try {
            // Ended by nothing but an interruption of the build.
            run.await(new CompletableFuture<>(), delay);
        } catch (TimeoutException | ExecutionException e) {
            return;
        }
    }

    private String attempt(GitDirectory directory, GitFetch fetch)
            throws IOException, StepAbortedException, GitFailedException {
        boolean isNew = !directory.isThere();
        try {
            return fill(directory, fetch);
        } catch (GitFailedException e) {
            if (e.complaint() == null || (isNew && step.clobberOnFailure())) {
                throw e;
            }
            if (!step.clobberOnFailure()) {
                GitFailedException fault = fetch.faultOfRepository();
                if (fault != null) {
                    throw fault;
                }
                if (isNew || (e.complaint().isOfOthers() && isSound(directory))) {
                    throw e;
                }
                run.note("the repository answers, so the directory is broken: starting afresh");
            }
        }
        directory.remove();
        return fill(directory, fetch);
    }

    /** Worth its time only where the alternative is to fetch everything again. */
    private static boolean isSound(GitDirectory directory)
            throws IOException, StepAbortedException, GitFailedException {
        return directory.succeeds("fsck", "--connectivity-only", "--no-dangling", "--no-progress");
    }

    private String fill(GitDirectory directory, GitFetch fetch)
            throws IOException, StepAbortedException, GitFailedException {
        if (!directory.isThere()) {
            directory.git("init", "--quiet");
        }
        directory.removeStaleLocks();
        String commit = fetch.bring();
        GitSubmodules submodules = new GitSubmodules(step, run, directory);
        GitLfs lfs = new GitLfs(step, run, directory);
        submodules.removeGone(commit);
        directory.git(lfs.prepare(commit), "checkout", "--quiet", "--force", "--detach", commit);
        if (step.submodules()) {
            submodules.update();
        }
        if (method == Method.CLEAN || method == Method.FRESH) {
            String options = method == Method.CLEAN ? "-ffd" : "-ffdx";
            if (step.submodules() && submodules.areThere()) {
                submodules.forEach("git clean %s --quiet".formatted(options));
            }
            directory.git("clean", options, "--quiet");
        }
        lfs.fetch();
        if (step.submodules()) {
            lfs.fetchOf(submodules);
        }
        return commit;
    }

    /** To the index, too: so the next checkout removes the files that the patch adds. */
    private void apply(Patch patch, GitDirectory directory)
            throws IOException, StepAbortedException, GitFailedException {
        String file = directory.inGit("buildledger.patch");
        worker.download(
                new ByteArrayInputStream(patch.body().getBytes(StandardCharsets.UTF_8)),
                file,
                null);
        // In a copy the index does not know its files yet.
        boolean _ = directory.succeeds("update-index", "--refresh", "-q");
        List<String> words = new ArrayList<>(List.of("apply", "--index", "-p" + patch.level()));
        if (!patch.subdir().isEmpty()) {
            words.add("--directory=" + patch.subdir());
        }
        words.addAll(List.of("--", worker.absolute(file)));
        directory.git(words);
        worker.removeFile(file);
    }

    private void describe(GitDescription description, GitDirectory directory)
            throws IOException, StepAbortedException, GitFailedException {
        try {
            setOfCodebase("commit-description", directory.git(description.words()));
        } catch (GitFailedException e) {
            if (e.complaint() == null) {
                throw e;
            }
            run.note("nothing describes the commit, so the build has no commit-description");
        }
    }

    /** A property that is a map where there are several codebases. */
    private void setOfCodebase(String name, String value) {
        if (step.codebase().isEmpty()) {
            run.setProperty(name, value);
            return;
        }
        Map<String, Object> byCodebase = new TreeMap<>();
        Property before = run.properties().get(name);
        if (before != null && before.value() instanceof Map<?, ?> others) {
            others.forEach((codebase, other) -> byCodebase.put(String.valueOf(codebase), other));
        }
        byCodebase.put(step.codebase(), value);
        run.setProperty(name, byCodebase);
    }
}
