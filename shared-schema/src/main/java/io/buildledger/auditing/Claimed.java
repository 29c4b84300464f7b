package io.buildledger.auditing;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A claim of a request, and what became of it; what the view {@code audit_claims} has of one.
 *
 * @param fingerprint of the factory
 * @param startedAt null if the build has not begun, or never did
 * @param endedAt null, as is all about the end, while the claim lasts
 * @param endedAs {@code completed}, {@code released} (the request was on offer again) or {@code
 *     cancelled}
 * @param results RETRY where it was released
 * @param endedByMaster which master wrote the end down: another one, where the claim's own was lost
 * @param endedByActor who had it ended; null where masters did by themselves
 * @param claimEvent its place in the log, {@code STREAM@SEQUENCE}
 * @param endEvent likewise
 */
public record Claimed(
        long requestId,
        String builder,
        long buildNumber,
        String master,
        long epoch,
        int attempt,
        String worker,
        @Nullable String fingerprint,
        Instant claimedAt,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable String endedAs,
        @Nullable String results,
        @Nullable String summary,
        @Nullable String endedByMaster,
        @Nullable Long endedByEpoch,
        @Nullable String endedByActor,
        @Nullable String claimEvent,
        @Nullable String endEvent) {}
