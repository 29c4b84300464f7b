package io.buildledger.auditing;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happened to a build request, from the changes that led to it to its result.
 *
 * @param state unclaimed, claimed, running or completed, after the last entry
 * @param attempts how many claims there were
 * @param results of the request, once it is completed
 */
public record Audit(
        long requestId,
        long buildsetId,
        String builder,
        String state,
        int attempts,
        @Nullable String results,
        List<AuditEntry> entries) {

    /**
     * One fact.
     *
     * @param at when it was recorded, on the database's clock
     * @param what a word or two, such as {@code claimed} or {@code step 2 finished}
     * @param master who wrote it; for a claim also who holds it
     * @param epoch which life of that master
     * @param attempt the claim that it belongs to, counted from 1
     * @param buildNumber of that claim
     * @param results where it is about an end
     * @param event its name in the log, {@code STREAM@SEQUENCE}
     */
    public record AuditEntry(
            Instant at,
            String what,
            @Nullable String master,
            @Nullable Long epoch,
            @Nullable Integer attempt,
            @Nullable String worker,
            @Nullable Long buildNumber,
            @Nullable String results,
            String details,
            String event) {}
}
