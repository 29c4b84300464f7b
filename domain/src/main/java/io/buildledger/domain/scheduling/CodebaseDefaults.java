package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.SourceStamp;
import org.jspecify.annotations.Nullable;

/** What is built of a codebase for which there is no change. */
public record CodebaseDefaults(
        String repository, @Nullable String branch, @Nullable String revision, String project) {

    /** Whatever the builder's own configuration names. */
    public static final CodebaseDefaults NONE = new CodebaseDefaults("", null, null, "");

    SourceStamp stamp(String codebase) {
        return new SourceStamp(repository, branch, revision, project, codebase);
    }
}
