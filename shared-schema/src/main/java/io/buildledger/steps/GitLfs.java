package io.buildledger.steps;

import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepRun;
import java.io.IOException;
import java.util.Map;

/**
 * The files that a repository keeps elsewhere, by Git LFS. They are fetched together after the
 * checkout, which is quicker than one by one during it.
 */
final class GitLfs {

    private static final String MENTIONED = "filter=lfs";
    private static final String ATTRIBUTES = ":(glob)**/.gitattributes";
    private static final Map<String, String> LEAVING_POINTERS = Map.of("GIT_LFS_SKIP_SMUDGE", "1");

    private final GitStep step;
    private final StepRun run;
    private final GitDirectory directory;
    private boolean isFetched;

    GitLfs(GitStep step, StepRun run, GitDirectory directory) {
        this.step = step;
        this.run = run;
        this.directory = directory;
    }

    /**
     * Finds out whether a commit has such files, and has git know them from then on.
     *
     * @return variables for the checkout of the commit
     */
    Map<String, String> prepare(String commit)
            throws IOException, StepAbortedException, GitFailedException {
        if (step.lfs() == null
                && !directory.succeeds(
                        "grep",
                        "--quiet",
                        "--fixed-strings",
                        MENTIONED,
                        commit,
                        "--",
                        ATTRIBUTES)) {
            return Map.of();
        }
        if (Boolean.FALSE.equals(step.lfs())) {
            return LEAVING_POINTERS;
        }
        if (isOnWorker()) {
            directory.git("lfs", "install", "--local", "--skip-repo");
            isFetched = true;
            return LEAVING_POINTERS;
        }
        if (Boolean.TRUE.equals(step.lfs())) {
            throw GitFailedException.forGood(
                    StepEnd.failed(
                            run.name(),
                            null,
                            "lfs: true needs git-lfs, which worker %s does not have"
                                    .formatted(run.worker().name())));
        }
        run.note("the worker has no git-lfs: files of Git LFS stay pointers");
        return Map.of();
    }

    private boolean isOnWorker() throws IOException, StepAbortedException, GitFailedException {
        return directory.succeeds("lfs", "version");
    }

    /** Fetches the files of the commit that is checked out. */
    void fetch() throws IOException, StepAbortedException, GitFailedException {
        if (isFetched) {
            directory.git("lfs", "pull", step.origin());
        }
    }

    /** Fetches the files of the submodules that are checked out. */
    void fetchOf(GitSubmodules submodules)
            throws IOException, StepAbortedException, GitFailedException {
        boolean isAsked = step.lfs() == null ? submodules.areThere() : step.lfs();
        if (isAsked && (isFetched || isOnWorker())) {
            submodules.forEach(
                    "if git grep --quiet --fixed-strings %s HEAD -- '%s'; then git lfs install --local --skip-repo && git lfs pull; fi"
                            .formatted(MENTIONED, ATTRIBUTES));
        }
    }
}
