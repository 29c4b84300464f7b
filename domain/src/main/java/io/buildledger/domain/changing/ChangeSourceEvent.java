package io.buildledger.domain.changing;

import java.util.Map;

/** What can happen to a change source that polls; the stream is {@code git-poller/URL}. */
public sealed interface ChangeSourceEvent {

    /**
     * The poller has reported every change up to these revisions. It is appended in the transaction
     * of the changes themselves, so that a restart neither loses nor repeats one.
     *
     * @param heads the revision of each branch, by the branch's name, and the commit of each tag,
     *     by its name behind {@code refs/tags/}; also of those that are not there at the moment
     */
    record RepositoryPolled(String repository, Map<String, String> heads)
            implements ChangeSourceEvent {}
}
