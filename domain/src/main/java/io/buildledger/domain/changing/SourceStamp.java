package io.buildledger.domain.changing;

import org.jspecify.annotations.Nullable;

/**
 * Which source of a codebase is to be built. A null revision is "the newest of the branch when the
 * build starts", a null branch the repository's default branch.
 *
 * @param repository as the change's source or the scheduler's codebase names it; may be empty
 * @param codebase empty where a build has one codebase only
 * @param patch what is applied to the revision, or null
 */
public record SourceStamp(
        String repository,
        @Nullable String branch,
        @Nullable String revision,
        String project,
        String codebase,
        @Nullable Patch patch) {

    public SourceStamp(
            String repository,
            @Nullable String branch,
            @Nullable String revision,
            String project,
            String codebase) {
        this(repository, branch, revision, project, codebase, null);
    }

    /**
     * A difference that a developer wants to have tried.
     *
     * @param body as {@code diff -u} prints it
     * @param level how many leading directories its paths have too many, as {@code patch -p}
     * @param author who made it
     * @param comment why; may be empty
     * @param subdir where in the tree it applies; empty for the top
     */
    public record Patch(String body, int level, String author, String comment, String subdir) {}
}
