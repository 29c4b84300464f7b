package io.buildledger.domain.changing;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What can happen to a change; the stream is {@code change/N}. */
public sealed interface ChangeEvent {

    long changeId();

    /**
     * A change was taken in, whichever master took it and whether or not a scheduler was up.
     *
     * @param repository where the change is, as the source names it; may be empty
     * @param branch the branch, or null where the repository has none
     * @param revision the revision, or null for "whatever is newest"
     * @param codebase the codebase in a buildset of several; usually empty
     * @param files paths that the change touches; at most those the source reported
     * @param when when the author says it was made
     * @param source which change source took it in, such as {@code git_poller} or {@code base}
     */
    record ChangeReceived(
            long changeId,
            String repository,
            @Nullable String branch,
            @Nullable String revision,
            String project,
            String codebase,
            @Nullable String category,
            String author,
            String comments,
            List<String> files,
            @Nullable String revlink,
            Instant when,
            Map<String, String> properties,
            String source)
            implements ChangeEvent {}
}
