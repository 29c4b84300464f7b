package io.buildledger.domain.requesting;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.building.Results;
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
import java.util.Optional;

/**
 * The life of a build request, for those who check a history: {@link #evolve} refuses what can't
 * have happened. Masters don't ask it: they write at the place after the last event that they know
 * of, and the log takes one event there.
 */
public sealed interface BuildRequest {

    /** Nothing was asked for yet. */
    record Unknown() implements BuildRequest {}

    /** On offer; {@code attempts} claims of it have come to nothing. */
    record Unclaimed(BuildRequested request, int attempts) implements BuildRequest {}

    record Claimed(BuildRequested request, BuildRequestClaimed claim) implements BuildRequest {}

    record Running(BuildRequested request, BuildRequestClaimed claim) implements BuildRequest {}

    /** Over, by the end of a build or without one. */
    record Completed(BuildRequested request, Results results) implements BuildRequest {}

    BuildRequest UNKNOWN = new Unknown();

    /**
     * The state after the event.
     *
     * @throws IllegalTransition if the event can't follow on this state
     */
    static BuildRequest evolve(BuildRequest state, BuildRequestEvent event) {
        return switch (event) {
            case BuildRequested requested when state instanceof Unknown ->
                    new Unclaimed(requested, 0);
            case BuildRequestClaimed claimed
                    when state instanceof Unclaimed(BuildRequested request, int attempts)
                            && claimed.attempt() == attempts + 1 ->
                    new Claimed(request, claimed);
            case BuildStarted started
                    when state instanceof Claimed(BuildRequested request, BuildRequestClaimed claim)
                            && claim.attempt() == started.attempt() ->
                    new Running(request, claim);
            case BuildRequestCompleted completed
                    when state instanceof Running(BuildRequested request, BuildRequestClaimed claim)
                            && claim.attempt() == completed.attempt() ->
                    new Completed(request, completed.results());
            case BuildRequestReleased released
                    when liveClaim(state)
                            .filter(claim -> claim.attempt() == released.attempt())
                            .isPresent() ->
                    new Unclaimed(requestOf(state), released.attempt());
            case BuildRequestPriorityChanged changed
                    when state instanceof Unclaimed(BuildRequested request, int attempts) ->
                    new Unclaimed(request.withPriority(changed.priority()), attempts);
            case BuildRequestPriorityChanged changed
                    when state
                            instanceof Claimed(BuildRequested request, BuildRequestClaimed claim) ->
                    new Claimed(request.withPriority(changed.priority()), claim);
            case BuildRequestPriorityChanged changed
                    when state
                            instanceof Running(BuildRequested request, BuildRequestClaimed claim) ->
                    new Running(request.withPriority(changed.priority()), claim);
            case BuildRequestCancelled _
                    when state instanceof Unclaimed || liveClaim(state).isPresent() ->
                    new Completed(requestOf(state), Results.CANCELLED);
            case BuildRequestCollapsed _
                    when state instanceof Unclaimed(BuildRequested request, _) ->
                    new Completed(request, Results.SKIPPED);
            case BuildRequestExpired _ when state instanceof Unclaimed(BuildRequested request, _) ->
                    new Completed(request, Results.EXCEPTION);
            case BuildRequestGivenUp givenUp
                    when state instanceof Unclaimed(BuildRequested request, int attempts)
                            && attempts > 0
                            && attempts == givenUp.attempts() ->
                    new Completed(request, Results.EXCEPTION);
            case BuildRequested _,
                    BuildRequestClaimed _,
                    BuildStarted _,
                    BuildRequestCompleted _,
                    BuildRequestReleased _,
                    BuildRequestPriorityChanged _,
                    BuildRequestCancelled _,
                    BuildRequestCollapsed _,
                    BuildRequestExpired _,
                    BuildRequestGivenUp _ ->
                    throw new IllegalTransition(state, event);
        };
    }

    /** The claim that holds the request, if one does. */
    static Optional<BuildRequestClaimed> liveClaim(BuildRequest state) {
        return switch (state) {
            case Claimed claimed -> Optional.of(claimed.claim());
            case Running running -> Optional.of(running.claim());
            case Unknown _, Unclaimed _, Completed _ -> Optional.empty();
        };
    }

    private static BuildRequested requestOf(BuildRequest state) {
        return switch (state) {
            case Unclaimed unclaimed -> unclaimed.request();
            case Claimed claimed -> claimed.request();
            case Running running -> running.request();
            case Completed completed -> completed.request();
            case Unknown _ -> throw new IllegalStateException("nothing was requested");
        };
    }
}
