package io.buildledger.verifying;

import io.buildledger.database.Database;
import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequest;
import io.buildledger.domain.requesting.BuildRequest.Claimed;
import io.buildledger.domain.requesting.BuildRequest.Completed;
import io.buildledger.domain.requesting.BuildRequest.Running;
import io.buildledger.domain.requesting.BuildRequest.Unclaimed;
import io.buildledger.domain.requesting.BuildRequest.Unknown;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCollapsed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestExpired;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestGivenUp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.domain.requesting.BuildRequestEvent.Choice;
import io.buildledger.log.Author;
import io.buildledger.log.EventNames;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The requests that have not ended, who holds them, and what must be in the tables for them. */
final class RequestHistory {

    /** The one order of claims. */
    private static final Comparator<BuildRequested> ORDER =
            Comparator.comparingInt(BuildRequested::priority)
                    .reversed()
                    .thenComparing(BuildRequested::submittedAt)
                    .thenComparingLong(BuildRequested::requestId);

    private static final class Open {
        private final BuildRequested requested;
        private final Witness begin;
        private Witness last;
        private BuildRequest state;
        private @Nullable BuildRequestClaimed lastClaim;
        private @Nullable Witness claimed;
        private boolean isRetryAskedFor;
        private Witness offered;
        private @Nullable Instant priorityChangedAt;
        private boolean isSetAside;

        private Open(BuildRequested requested, Witness begin) {
            this.requested = requested;
            this.begin = begin;
            this.last = begin;
            this.offered = begin;
            this.state = BuildRequest.evolve(BuildRequest.UNKNOWN, requested);
        }

        private boolean hadLastAttempt() {
            Integer allowed = lastClaim == null ? null : lastClaim.maxAttempts();
            return !isRetryAskedFor
                    && lastClaim != null
                    && allowed != null
                    && lastClaim.attempt() >= allowed;
        }
    }

    private final Findings findings;
    private final MasterHistory masters;
    private final BuildsetHistory buildsets;
    private final BuildHistory builds;
    private final Map<Long, Open> open = new HashMap<>();

    RequestHistory(
            Findings findings,
            MasterHistory masters,
            BuildsetHistory buildsets,
            BuildHistory builds) {
        this.findings = findings;
        this.masters = masters;
        this.buildsets = buildsets;
        this.builds = builds;
    }

    void next(BuildRequestEvent event, Witness witness) {
        Open request = open.get(event.requestId());
        if (request == null) {
            begin(event, witness);
            return;
        }
        if (request.isSetAside) {
            request.last = witness;
            forgetIfEnded(request, event);
            return;
        }
        BuildRequest before = request.state;
        try {
            request.state = BuildRequest.evolve(before, event);
        } catch (IllegalTransition e) {
            tellOfIllegal(request, event, witness);
            setAside(event.requestId());
            forgetIfEnded(request, event);
            return;
        }
        follow(request, before, event, witness);
        request.last = witness;
    }

    private void begin(BuildRequestEvent event, Witness witness) {
        if (event instanceof BuildRequested requested && witness.sequence() == 0) {
            open.put(requested.requestId(), new Open(requested, witness));
            buildsets.requested(requested, witness);
        } else {
            findings.violation(
                            Check.TRANSITIONS,
                            "%s of request %d, which has ended or was never requested"
                                    .formatted(name(event), event.requestId()),
                            witness)
                    .withEventOf(witness.stream(), RequestHistory::isEnd);
        }
    }

    private static boolean isEnd(Object event) {
        return event instanceof BuildRequestCompleted
                || event instanceof BuildRequestCancelled
                || event instanceof BuildRequestCollapsed
                || event instanceof BuildRequestExpired
                || event instanceof BuildRequestGivenUp;
    }

    /** What follows on an event that can't have happened is not judged, but for its end. */
    private void forgetIfEnded(Open request, BuildRequestEvent event) {
        if (isEnd(event)) {
            open.remove(event.requestId());
            if (request.lastClaim != null) {
                builds.interrupted(request.lastClaim);
            }
        }
    }

    private void tellOfIllegal(Open request, BuildRequestEvent event, Witness witness) {
        if (event instanceof BuildRequestClaimed second
                && BuildRequest.liveClaim(request.state).isPresent()) {
            BuildRequestClaimed first = BuildRequest.liveClaim(request.state).orElseThrow();
            findings.violation(
                    Check.CLAIMS,
                    "request %d was claimed by %s while the claim of %s lived"
                            .formatted(
                                    event.requestId(),
                                    holder(second).owner(),
                                    holder(first).owner()),
                    request.claimed,
                    witness);
        } else {
            findings.violation(
                    Check.TRANSITIONS,
                    "%s can't follow while request %d is %s"
                            .formatted(name(event), event.requestId(), told(request.state)),
                    request.last,
                    witness);
        }
    }

    private static String name(BuildRequestEvent event) {
        return EventNames.nameOf(event.getClass()).orElseThrow();
    }

    private static String told(BuildRequest state) {
        return switch (state) {
            case Unknown _ -> "unknown";
            case Unclaimed(_, int attempts) -> "unclaimed after %d attempts".formatted(attempts);
            case Claimed(_, BuildRequestClaimed claim) ->
                    "claimed by %s, attempt %d".formatted(holder(claim).owner(), claim.attempt());
            case Running(_, BuildRequestClaimed claim) ->
                    "running on %s, attempt %d".formatted(holder(claim).owner(), claim.attempt());
            case Completed _ -> "over";
        };
    }

    private static Author holder(BuildRequestClaimed claim) {
        return new Author(claim.master(), claim.epoch());
    }

    private void follow(
            Open request, BuildRequest before, BuildRequestEvent event, Witness witness) {
        switch (event) {
            case BuildRequested _ -> {
                // Only at the beginning.
            }
            case BuildRequestClaimed claim -> claim(request, before, claim, witness);
            case BuildStarted _ -> requireHolder(request, event, witness);
            case BuildRequestReleased released -> release(request, released, witness);
            case BuildRequestCompleted completed -> {
                requireHolder(request, event, witness);
                if (request.lastClaim != null) {
                    builds.completed(request.lastClaim, witness);
                }
                end(request, completed.results(), witness);
            }
            case BuildRequestPriorityChanged _ -> request.priorityChangedAt = witness.at();
            case BuildRequestCancelled _ -> {
                BuildRequest.liveClaim(before).ifPresent(builds::interrupted);
                end(request, Results.CANCELLED, witness);
            }
            case BuildRequestCollapsed collapsed -> {
                requireLater(collapsed, witness);
                end(request, Results.SKIPPED, witness);
            }
            case BuildRequestExpired _ -> {
                requireTimeout(request, witness);
                end(request, Results.EXCEPTION, witness);
            }
            case BuildRequestGivenUp givenUp -> {
                requireLastAttempt(request, givenUp, witness);
                end(request, Results.EXCEPTION, witness);
            }
        }
    }

    private void requireLater(BuildRequestCollapsed collapsed, Witness witness) {
        if (collapsed.into() <= collapsed.requestId()) {
            findings.violation(
                    Check.TRANSITIONS,
                    "request %d was collapsed into %d, which is not a later one"
                            .formatted(collapsed.requestId(), collapsed.into()),
                    witness);
        }
    }

    private void end(Open request, Results results, Witness witness) {
        open.remove(request.requested.requestId());
        buildsets.ended(
                request.requested.buildsetId(), request.requested.requestId(), results, witness);
    }

    private void claim(
            Open request, BuildRequest before, BuildRequestClaimed claim, Witness witness) {
        findings.lookedAt(Check.CLAIMS);
        requireAttemptLeft(request, claim, witness);
        request.isRetryAskedFor = false;
        request.lastClaim = claim;
        request.claimed = witness;
        Author holder = holder(claim);
        if (!witness.isBy(holder)) {
            findings.violation(
                    Check.CLAIMS,
                    "the claim of request %d is %s's, but was recorded by %s"
                            .formatted(claim.requestId(), holder.owner(), witness.writer()),
                    witness);
        }
        if (!claim.builder().equals(request.requested.builder())) {
            findings.violation(
                    Check.CLAIMS,
                    "request %d is for builder %s, but was claimed for %s"
                            .formatted(
                                    claim.requestId(),
                                    request.requested.builder(),
                                    claim.builder()),
                    request.begin,
                    witness);
        }
        if (!masters.isLiving(holder)) {
            findings.violation(
                    Check.MASTERS,
                    "request %d was claimed by %s, a life that %s"
                            .formatted(
                                    claim.requestId(),
                                    holder.owner(),
                                    masters.isOver(holder) ? "was over" : "never began"),
                    witness);
        }
        builds.claimed(claim, witness);
        Choice choice = claim.choice();
        if (choice != null && before instanceof Unclaimed(BuildRequested chosen, _)) {
            findings.lookedAt(Check.CHOICES);
            if (choice.next() != null) {
                judge(request, chosen, choice.next(), witness);
            }
        }
    }

    private void requireAttemptLeft(Open request, BuildRequestClaimed claim, Witness witness) {
        if (request.hadLastAttempt()) {
            findings.violation(
                    Check.CLAIMS,
                    "request %d was claimed again after its last attempt"
                            .formatted(claim.requestId()),
                    request.claimed,
                    witness);
        }
    }

    private void judge(Open request, BuildRequested chosen, long next, Witness witness) {
        Open left = open.get(next);
        if (left != null
                && !left.isSetAside
                && !wasChangedMeanwhile(left, witness)
                && !wasChangedMeanwhile(request, witness)
                && left.state instanceof Unclaimed(BuildRequested passedOver, _)
                && ORDER.compare(passedOver, chosen) < 0) {
            findings.violation(
                    Check.CHOICES,
                    "request %d was claimed although request %d comes before it and was on offer"
                            .formatted(chosen.requestId(), next),
                    left.last,
                    witness);
        }
    }

    /** Whether the master may have seen the request with another priority. */
    private static boolean wasChangedMeanwhile(Open request, Witness claim) {
        return request.priorityChangedAt != null
                && request.priorityChangedAt.plus(Database.LONGEST_TRANSACTION).isAfter(claim.at());
    }

    private void requireHolder(Open request, BuildRequestEvent event, Witness witness) {
        if (request.lastClaim != null && !witness.isBy(holder(request.lastClaim))) {
            findings.violation(
                    Check.CLAIMS,
                    "%s of request %d was recorded by %s, but the claim is %s's"
                            .formatted(
                                    name(event),
                                    event.requestId(),
                                    witness.writer(),
                                    holder(request.lastClaim).owner()),
                    request.claimed,
                    witness);
        }
    }

    private void release(Open request, BuildRequestReleased released, Witness witness) {
        request.offered = witness;
        request.isRetryAskedFor = released.requestedBy() != null;
        BuildRequestClaimed claim = request.lastClaim;
        if (claim == null) {
            return;
        }
        builds.interrupted(claim);
        if (!request.isRetryAskedFor
                && !witness.isBy(holder(claim))
                && !masters.isOver(holder(claim))) {
            findings.violation(
                    Check.CLAIMS,
                    "request %d was taken from %s by %s, though that life was not over"
                            .formatted(
                                    released.requestId(), holder(claim).owner(), witness.writer()),
                    request.claimed,
                    witness);
        }
    }

    private void requireTimeout(Open request, Witness witness) {
        Long millis = request.requested.queueTimeoutMillis();
        if (millis == null) {
            findings.violation(
                    Check.TRANSITIONS,
                    "request %d expired, but may wait for ever"
                            .formatted(request.requested.requestId()),
                    request.begin,
                    witness);
        } else if (witness.at()
                .isBefore(
                        request.offered
                                .at()
                                .plusMillis(millis)
                                .minus(Database.LONGEST_TRANSACTION))) {
            findings.violation(
                    Check.TRANSITIONS,
                    "request %d expired before it had waited for %d ms"
                            .formatted(request.requested.requestId(), millis),
                    request.offered,
                    witness);
        }
    }

    private void requireLastAttempt(Open request, BuildRequestGivenUp event, Witness witness) {
        BuildRequestClaimed claim = request.lastClaim;
        Integer maxAttempts = claim == null ? null : claim.maxAttempts();
        if (request.isRetryAskedFor) {
            findings.violation(
                    Check.TRANSITIONS,
                    "request %d was given up though somebody had asked for a retry"
                            .formatted(event.requestId()),
                    request.last,
                    witness);
        } else if (maxAttempts != null && event.attempts() < maxAttempts) {
            findings.violation(
                    Check.TRANSITIONS,
                    "request %d was given up after %d of %d attempts"
                            .formatted(event.requestId(), event.attempts(), maxAttempts),
                    request.claimed,
                    witness);
        }
    }

    /** What must not be left when the log ends. */
    void end() {
        open.forEach((id, request) -> {
            if (!request.isSetAside
                    && request.state instanceof Unclaimed
                    && request.hadLastAttempt()) {
                findings.violation(
                        Check.QUEUE,
                        "request %d is on offer again after its last attempt".formatted(id),
                        request.claimed,
                        request.last);
            }
        });
    }

    void setAside(long requestId) {
        Open request = open.get(requestId);
        if (request != null) {
            request.isSetAside = true;
            buildsets.setAside(request.requested.buildsetId());
        }
    }
}
