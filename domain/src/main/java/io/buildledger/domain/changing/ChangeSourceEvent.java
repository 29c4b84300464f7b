package io.buildledger.domain.changing;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What can happen to a change source that polls; the stream is {@code git-poller/URL}. */
public sealed interface ChangeSourceEvent {

    /**
     * The poller has reported every change up to these revisions. It is appended in the transaction
     * of the changes themselves, so that a restart neither loses nor repeats one. What it says is
     * of all pollers of the repository up to now.
     *
     * @param heads the revision of each branch, by the branch's name, and the commit of each tag,
     *     by its name behind {@code refs/tags/}; also of those that are not there at the moment
     * @param tagPatterns expressions of RE2, one of which each tag matches as a whole that has been
     *     followed; null in older logs, where the recorded tags tell what they can
     * @param branchesFollowed whether branches have been followed; null if that is not known, as in
     *     older logs
     */
    record RepositoryPolled(
            String repository,
            Map<String, String> heads,
            @Nullable List<String> tagPatterns,
            @Nullable Boolean branchesFollowed)
            implements ChangeSourceEvent {}
}
