package io.buildledger.configuring;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A codebase, and which changes are of it: those that meet each condition that is given.
 *
 * @param repositories addresses of repositories; any one of them
 * @param repositoryRe a regular expression of RE2 that the whole repository matches
 * @param project the change's project
 */
public record Codebase(
        String name,
        List<String> repositories,
        @Nullable String repositoryRe,
        @Nullable String project) {

    public Codebase {
        repositories = repositories == null ? List.of() : repositories;
    }
}
