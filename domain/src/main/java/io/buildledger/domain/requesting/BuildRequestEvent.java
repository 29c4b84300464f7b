package io.buildledger.domain.requesting;

import io.buildledger.domain.building.Results;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What can happen to a build request; the stream is {@code build-request/N}. The claim, the start,
 * the end and the release are on this one stream: a master that was declared lost and comes back
 * can't finish what others have taken over, because its append meets theirs.
 */
public sealed interface BuildRequestEvent {

    long requestId();

    /**
     * @param queueTimeoutMillis how long it may wait on offer before it expires, or null for ever
     */
    record BuildRequested(
            long requestId,
            long buildsetId,
            String builder,
            int priority,
            Instant submittedAt,
            @Nullable Long queueTimeoutMillis)
            implements BuildRequestEvent {

        /** The same request with another priority. */
        public BuildRequested withPriority(int changed) {
            return new BuildRequested(
                    requestId, buildsetId, builder, changed, submittedAt, queueTimeoutMillis);
        }
    }

    /**
     * A master has the request, and nobody else.
     *
     * @param epoch which life of the master, from 1
     * @param attempt the how-manieth claim of this request, from 1
     * @param buildNumber number of the build within its builder
     * @param fingerprint of the factory that the master will run
     * @param maxAttempts the last attempt that the builder allows; null in a log that is older than
     *     this field, as is {@code choice}
     * @param choice what it was chosen from
     */
    record BuildRequestClaimed(
            long requestId,
            String builder,
            long buildNumber,
            String master,
            long epoch,
            int attempt,
            String worker,
            String fingerprint,
            @Nullable Integer maxAttempts,
            @Nullable Choice choice)
            implements BuildRequestEvent {}

    /**
     * What a master saw when it chose: the requests on offer for those of its builders that had a
     * free worker, in the one order of claims (highest priority, then first submitted, then lowest
     * number).
     *
     * @param place of the chosen request among them, from 1; what came before it was claimed by the
     *     same look, or by another master meanwhile, or was left by its builder's policy
     * @param seen how many the look saw, of each builder one more than it had free workers for at
     *     the most, or as many as its policy looks at, and those that were claimed unseen
     * @param next the first of them that was left on offer, or null if none was
     */
    record Choice(int place, int seen, @Nullable Long next) {}

    record BuildStarted(long requestId, int attempt) implements BuildRequestEvent {}

    /** The build ended, and the request with it. */
    record BuildRequestCompleted(long requestId, int attempt, Results results, String summary)
            implements BuildRequestEvent {}

    /**
     * The claim is over without a result, and the request is on offer again.
     *
     * @param releasedBy the master that released it: the claim's own, the one that declared that
     *     master lost, or the one that was asked to
     * @param reason for people; may be empty where somebody asked for it
     * @param requestedBy who wants it built again, so that it is on offer even after its last
     *     attempt; null where a master released it by itself, and in a log that is older than this
     *     field
     */
    record BuildRequestReleased(
            long requestId,
            int attempt,
            String releasedBy,
            String reason,
            @Nullable String requestedBy)
            implements BuildRequestEvent {

        /** Why, with the name of who asked for it. */
        public String why() {
            if (requestedBy == null) {
                return reason;
            }
            return "retry asked for by " + requestedBy + (reason.isEmpty() ? "" : ": " + reason);
        }
    }

    /** Somebody gave the request another priority. A claim that it is under goes on. */
    record BuildRequestPriorityChanged(long requestId, int priority, String changedBy)
            implements BuildRequestEvent {}

    /**
     * Somebody wants no result. The request ends as CANCELLED, and with it the claim that it may be
     * under.
     */
    record BuildRequestCancelled(long requestId, String cancelledBy, String reason)
            implements BuildRequestEvent {}

    /**
     * A later request of the same builder builds what this one asked for, and more; it ends as
     * SKIPPED.
     *
     * @param into number of the later request
     */
    record BuildRequestCollapsed(long requestId, long into, String reason)
            implements BuildRequestEvent {}

    /** Nobody claimed the request within its queue timeout; it ends as EXCEPTION. */
    record BuildRequestExpired(long requestId, long queueTimeoutMillis)
            implements BuildRequestEvent {}

    /** The last attempt that was allowed came to nothing; the request ends as EXCEPTION. */
    record BuildRequestGivenUp(long requestId, int attempts, String reason)
            implements BuildRequestEvent {}
}
