package io.buildledger.scheduler.demonstrating;

import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.ChangeSourceEvent.RepositoryPolled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestExpired;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestGivenUp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.log.Recorded;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How far the demo has come, for the one who waits for a build that does not come. */
final class Progress {

    private record Build(String name, String step) {}

    private boolean hasPolled;
    private long lastChange;
    private final Map<Long, String> unclaimed = new LinkedHashMap<>();
    private final Map<Long, Build> building = new LinkedHashMap<>();

    void read(Recorded recorded) {
        read(recorded.event());
    }

    synchronized void read(Object event) {
        switch (event) {
            case RepositoryPolled _ -> hasPolled = true;
            case ChangeReceived change -> lastChange = change.changeId();
            case BuildRequested requested ->
                    unclaimed.put(requested.requestId(), requested.builder());
            case BuildRequestClaimed claimed -> {
                unclaimed.remove(claimed.requestId());
                building.put(
                        claimed.requestId(),
                        new Build(name(claimed.builder(), claimed.buildNumber()), "has not begun"));
            }
            case StepStarted started ->
                    building.replaceAll((_, build) ->
                            build.name().equals(name(started.builder(), started.buildNumber()))
                                    ? new Build(
                                            build.name(),
                                            "is at its step '%s'".formatted(started.name()))
                                    : build);
            case BuildRequestReleased released -> {
                Build build = building.remove(released.requestId());
                if (build != null) {
                    unclaimed.put(
                            released.requestId(),
                            build.name().substring(0, build.name().lastIndexOf('/')));
                }
            }
            case BuildRequestCompleted completed -> over(completed.requestId());
            case BuildRequestCancelled cancelled -> over(cancelled.requestId());
            case BuildRequestExpired expired -> over(expired.requestId());
            case BuildRequestGivenUp givenUp -> over(givenUp.requestId());
            default -> {}
        }
    }

    private void over(long requestId) {
        unclaimed.remove(requestId);
        building.remove(requestId);
    }

    private static String name(String builder, long number) {
        return builder + "/" + number;
    }

    /** Whether the repository has been looked at: what was committed before is no change. */
    synchronized boolean hasPolled() {
        return hasPolled;
    }

    synchronized boolean hasChange() {
        return lastChange > 0;
    }

    /** What goes on, in one line. */
    synchronized String describe() {
        List<String> what = new ArrayList<>();
        building.forEach(
                (_, build) -> what.add("build %s %s".formatted(build.name(), build.step())));
        unclaimed.forEach((request, builder) ->
                what.add(
                        "request %d for builder %s is claimed by nobody"
                                .formatted(request, builder)));
        if (!what.isEmpty()) {
            return String.join("; ", what);
        }
        return hasChange()
                ? "change %d is here, but no build was requested for it".formatted(lastChange)
                : "no change has come in";
    }
}
