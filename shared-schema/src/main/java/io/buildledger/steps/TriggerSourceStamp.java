package io.buildledger.steps;

import io.buildledger.domain.changing.SourceStamp;
import org.jspecify.annotations.Nullable;

/**
 * What is built of a codebase. What is left out, or empty, is the scheduler's default; branch and
 * revision together.
 *
 * @param codebase default the one without a name
 */
public record TriggerSourceStamp(
        String codebase,
        String repository,
        @Nullable String branch,
        @Nullable String revision,
        String project) {

    public TriggerSourceStamp {
        codebase = codebase == null ? "" : codebase;
        repository = repository == null ? "" : repository;
        project = project == null ? "" : project;
    }

    SourceStamp toDomain() {
        return new SourceStamp(repository, textOf(branch), textOf(revision), project, codebase);
    }

    private static @Nullable String textOf(@Nullable String value) {
        return value == null || value.isBlank() ? null : value;
    }
}
