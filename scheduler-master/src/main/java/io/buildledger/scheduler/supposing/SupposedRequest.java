package io.buildledger.scheduler.supposing;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.choosing.WaitingBuild;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A request that would have been made, on its way from its queue to its end. */
final class SupposedRequest {

    /** A buildset of which requests are open. */
    static final class Open {
        private final BuildsetSubmitted submitted;
        private final boolean isAssumed;
        private final boolean endsAsRecorded;
        private int remaining;
        private Results worst = Results.SKIPPED;

        /**
         * @param isAssumed whether no build was recorded by which one of its requests could end
         * @param endsAsRecorded whether it ends where the recorded one does that is the same, and
         *     not where its last request does
         */
        Open(BuildsetSubmitted submitted, boolean isAssumed, boolean endsAsRecorded) {
            this.submitted = submitted;
            this.isAssumed = isAssumed;
            this.endsAsRecorded = endsAsRecorded;
            this.remaining = submitted.requestIds().size();
        }

        BuildsetSubmitted submitted() {
            return submitted;
        }

        boolean endsAsRecorded() {
            return endsAsRecorded;
        }

        boolean isAssumed() {
            return isAssumed;
        }

        Results worst() {
            return worst;
        }

        /** Whether this was the last of its requests. */
        boolean ended(Results results) {
            worst = worst.worse(results);
            remaining--;
            return remaining == 0;
        }
    }

    private final WaitingBuild waiting;
    private final String builder;
    private final @Nullable Duration timeout;
    private final Duration lasts;
    private final Results results;
    private final @Nullable Open buildset;
    private final boolean isOld;
    private @Nullable Instant startedAt;
    private @Nullable String machine;
    private boolean isOver;

    /**
     * @param timeout how long it may wait, or null for ever
     * @param lasts how long its build takes
     * @param results how its build ends
     * @param buildset of which it is; null of one that nothing follows from
     * @param isOld whether it was made before the time that is looked at
     */
    SupposedRequest(
            long id,
            String builder,
            int priority,
            Instant submittedAt,
            @Nullable Duration timeout,
            Duration lasts,
            Results results,
            @Nullable Open buildset,
            boolean isOld) {
        this.waiting = new WaitingBuild(id, priority, submittedAt, false);
        this.builder = builder;
        this.timeout = timeout;
        this.lasts = lasts;
        this.results = results;
        this.buildset = buildset;
        this.isOld = isOld;
    }

    WaitingBuild waiting() {
        return waiting;
    }

    long id() {
        return waiting.requestId();
    }

    String builder() {
        return builder;
    }

    Duration lasts() {
        return lasts;
    }

    Results results() {
        return results;
    }

    @Nullable Open buildset() {
        return buildset;
    }

    boolean isOld() {
        return isOld;
    }

    boolean hasExpiredAt(Instant moment) {
        return timeout != null && moment.isAfter(waiting.submittedAt().plus(timeout));
    }

    void started(Instant at, @Nullable String on) {
        startedAt = at;
        machine = on;
    }

    /** Null while it waits. */
    @Nullable Instant startedAt() {
        return startedAt;
    }

    /** On which it is built; null before, and where nobody knows who builds it. */
    @Nullable String machine() {
        return machine;
    }

    boolean isWaiting() {
        return startedAt == null && !isOver;
    }

    boolean isOver() {
        return isOver;
    }

    void end() {
        isOver = true;
    }
}
