package io.buildledger.domain.requesting;

import io.buildledger.domain.building.Results;
import java.time.Instant;

/**
 * What can happen to a build request; the stream is {@code build-request/N}. The claim, the start,
 * the end and the release are on this one stream: a master that was declared lost and comes back
 * can't finish what others have taken over, because its append meets theirs.
 */
public sealed interface BuildRequestEvent {

    long requestId();

    record BuildRequested(
            long requestId, long buildsetId, String builder, int priority, Instant submittedAt)
            implements BuildRequestEvent {}

    /**
     * A master has the request, and nobody else.
     *
     * @param epoch which life of the master, from 1
     * @param attempt the how-manieth claim of this request, from 1
     * @param buildNumber number of the build within its builder
     * @param fingerprint of the factory that the master will run
     */
    record BuildRequestClaimed(
            long requestId,
            String builder,
            long buildNumber,
            String master,
            long epoch,
            int attempt,
            String worker,
            String fingerprint)
            implements BuildRequestEvent {}

    record BuildStarted(long requestId, int attempt) implements BuildRequestEvent {}

    /** The build ended, and the request with it. */
    record BuildRequestCompleted(long requestId, int attempt, Results results, String summary)
            implements BuildRequestEvent {}

    /**
     * The claim is over without a result, and the request is on offer again.
     *
     * @param releasedBy the master that released it: the claim's own, or the one that declared that
     *     master lost
     */
    record BuildRequestReleased(long requestId, int attempt, String releasedBy, String reason)
            implements BuildRequestEvent {}
}
