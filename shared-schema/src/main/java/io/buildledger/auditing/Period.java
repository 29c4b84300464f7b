package io.buildledger.auditing;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of a story that may be endless: the newest of the facts in a time. A build or a
 * request that begins in that time is told to its end.
 *
 * @param since the first moment, or null for the log's beginning
 * @param until the last moment, or null for now
 * @param limit how many facts of each kind at most, from 1 to {@link #MOST}
 */
public record Period(@Nullable Instant since, @Nullable Instant until, int limit) {

    /** No more are told at once. */
    public static final int MOST = 1_000;

    /** How many where nobody says how many. */
    public static final int USUAL = 50;

    /** The newest. */
    public static final Period NEWEST = new Period(null, null, USUAL);

    /**
     * @throws IllegalArgumentException if the limit is none, or the end is before the beginning
     */
    public Period {
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException(
                    "limit: %d is not between 1 and %d".formatted(limit, MOST));
        }
        if (since != null && until != null && until.isBefore(since)) {
            throw new IllegalArgumentException(
                    "until: %s is before since, %s".formatted(until, since));
        }
    }

    boolean has(Instant at) {
        return (since == null || !at.isBefore(since)) && (until == null || !at.isAfter(until));
    }

    /** A moment, or the one of this time that is next to it. */
    Instant nearest(Instant at) {
        if (since != null && at.isBefore(since)) {
            return since;
        }
        return until != null && at.isAfter(until) ? until : at;
    }

    Period withMost() {
        return new Period(since, until, MOST);
    }
}
