package io.buildledger.auditing;

import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.changing.ChangeEvent;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.TimerEvent;
import io.buildledger.log.Recorded;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The events of several streams in one order: by time, those of one transaction by what follows
 * from what. No stream is reordered, even where the database's clock went backwards.
 */
final class InOrder {

    private record Placed(Recorded recorded, Instant at, int rank) {}

    private InOrder() {}

    static List<Recorded> of(List<Recorded> events) {
        Map<String, Placed> lastOf = new HashMap<>();
        return events.stream()
                .sorted(Comparator.comparingLong(Recorded::sequence))
                .map(recorded ->
                        lastOf.compute(recorded.stream(), (_, last) -> place(recorded, last)))
                .sorted(
                        Comparator.comparing(Placed::at)
                                .thenComparingInt(Placed::rank)
                                .thenComparing(placed -> placed.recorded().stream())
                                .thenComparingLong(placed -> placed.recorded().sequence()))
                .map(Placed::recorded)
                .toList();
    }

    private static Placed place(Recorded recorded, @Nullable Placed last) {
        int rank = rank(recorded.event());
        if (last == null || recorded.at().isAfter(last.at())) {
            return new Placed(recorded, recorded.at(), rank);
        }
        return new Placed(recorded, last.at(), Math.max(rank, last.rank()));
    }

    private static int rank(Object event) {
        return switch (event) {
            case ChangeEvent _ -> 0;
            case SchedulerCommandEvent _ -> 1;
            case TimerEvent _ -> 2;
            case SchedulerEvent _ -> 3;
            case BuildsetSubmitted _ -> 4;
            case BuildRequested _ -> 5;
            case BuildRequestClaimed _ -> 6;
            case BuildStarted _ -> 7;
            case BuildEvent _ -> 8;
            case BuildRequestReleased _ -> 9;
            case BuildRequestEvent _ -> 10;
            case BuildsetCompleted _ -> 11;
            default -> 12;
        };
    }
}
