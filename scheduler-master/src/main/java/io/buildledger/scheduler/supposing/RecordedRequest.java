package io.buildledger.scheduler.supposing;

import io.buildledger.domain.building.Results;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A request that was made, and what the log tells of its builds. */
final class RecordedRequest {

    /** Who has a request. */
    record Claim(String master, String worker, Instant since) {}

    private final long id;
    private final String builder;
    private @Nullable Instant firstClaimed;
    private @Nullable Claim claim;
    private @Nullable Instant over;
    private long busyMillis;
    private long lastedMillis = -1;
    private @Nullable Results built;

    RecordedRequest(long id, String builder) {
        this.id = id;
        this.builder = builder;
    }

    void claimed(Claim by) {
        claim = by;
        if (firstClaimed == null) {
            firstClaimed = by.since();
        }
    }

    /** Of whatever came of it, the claim is over. */
    void released(Instant at) {
        Claim held = claim;
        if (held != null) {
            busyMillis += Duration.between(held.since(), at).toMillis();
            claim = null;
        }
    }

    /** Its build has come to its end. */
    void built(Results results, Instant at) {
        Claim held = claim;
        if (held != null) {
            lastedMillis = Math.max(0, Duration.between(held.since(), at).toMillis());
        }
        built = results;
        ended(at);
    }

    void ended(Instant at) {
        released(at);
        over = at;
    }

    long id() {
        return id;
    }

    String builder() {
        return builder;
    }

    /** From the first claim on it waited no more; null if there was none. */
    @Nullable Instant firstClaimed() {
        return firstClaimed;
    }

    /** Who has it in the end; null if nobody does. */
    @Nullable Claim claim() {
        return claim;
    }

    /** When it ended, with or without a build; null if it didn't. */
    @Nullable Instant over() {
        return over;
    }

    /** How long workers had it, all claims together. */
    long busyMillis() {
        return busyMillis;
    }

    /** How long its last build took; -1 if none came to its end. */
    long lastedMillis() {
        return lastedMillis;
    }

    /** How its build ended; null if none did. */
    @Nullable Results built() {
        return built;
    }
}
