package io.buildledger.auditing;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The story of something, as the events tell it.
 *
 * @param kind what it is about, as in {@link Subject#kind}
 * @param name which one
 * @param summary in one line
 * @param requestId of a request; of a build, which it was for; else null, as are the next five
 * @param state unclaimed, claimed, running or completed: the request, after its last event
 * @param attempts how many claims of the request there were
 * @param results of the request, once it is completed
 * @param more null where all of the wanted time is told; else the moment up to which, itself
 *     included, there is more that is older
 * @param entries oldest first
 */
public record Audit(
        String kind,
        String name,
        String summary,
        @Nullable Long requestId,
        @Nullable Long buildsetId,
        @Nullable String builder,
        @Nullable String state,
        @Nullable Integer attempts,
        @Nullable String results,
        @Nullable Instant more,
        List<AuditEntry> entries) {

    /**
     * One fact.
     *
     * @param at when it was recorded, on the database's clock
     * @param event its place in the log, {@code STREAM@SEQUENCE}
     * @param type what the log calls it, such as {@code build-request-claimed}; empty where a newer
     *     program wrote it
     * @param what a word or two, such as {@code claimed} or {@code step 2 finished}
     * @param actor who had it done, by the name that was given; null where masters acted by
     *     themselves, and of a change, of which the details name the author
     * @param master who wrote it; for a claim also who holds it
     * @param epoch which life of that master
     * @param cause the event that it follows from, {@code STREAM@SEQUENCE}
     * @param requestId that it is about, as are {@code builder}, {@code buildNumber}, {@code
     *     worker} and {@code attempt}, the claim that it belongs to, counted from 1
     * @param fingerprint of the factory, where it is a claim
     * @param commandId by which the worker knows the command, where it is about one
     * @param results where it is about an end
     * @param details for people, in one line
     */
    public record AuditEntry(
            Instant at,
            String event,
            String type,
            String what,
            @Nullable String actor,
            @Nullable String master,
            @Nullable Long epoch,
            @Nullable String cause,
            @Nullable Long requestId,
            @Nullable String builder,
            @Nullable Long buildNumber,
            @Nullable Integer attempt,
            @Nullable String worker,
            @Nullable String fingerprint,
            @Nullable String commandId,
            @Nullable String results,
            String details) {}
}
