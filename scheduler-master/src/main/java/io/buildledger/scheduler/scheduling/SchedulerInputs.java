package io.buildledger.scheduler.scheduling;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.DependentScheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerInput;
import io.buildledger.domain.scheduling.SchedulerInput.BuildsetEnded;
import io.buildledger.domain.scheduling.SchedulerInput.ChangeArrived;
import io.buildledger.domain.scheduling.SchedulerInput.Commanded;
import io.buildledger.domain.scheduling.SchedulerInput.Configured;
import io.buildledger.domain.scheduling.SchedulerInput.TimerElapsed;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongFunction;

/** What the events of a log are to a scheduler, whether it runs or is only supposed to. */
public final class SchedulerInputs {

    private SchedulerInputs() {}

    /**
     * Whether schedulers read an event. Nothing comes of what they have made of changes and what
     * builds it became, which is most of the log: with many schedulers each would else make a
     * transaction for the events of every other. All else is read, for the configuration's sake
     * too.
     */
    public static boolean areIn(Object event) {
        return switch (event) {
            case SchedulerEvent _, BuildsetSubmitted _, BuildRequestEvent _, BuildEvent _ -> false;
            default -> true;
        };
    }

    /** That this is the configuration, which is said with each event that is read. */
    public static SchedulerInput configuration(BoundScheduler scheduler, Instant at) {
        return new Configured(scheduler.digest(), scheduler.configuration(), at);
    }

    /**
     * What an event is to a scheduler; empty where it is nothing to it.
     *
     * @param at when the event got into the log
     * @param buildsets finds how a buildset began, by its number
     */
    public static Optional<SchedulerInput> of(
            BoundScheduler scheduler,
            Object event,
            Instant at,
            LongFunction<Optional<BuildsetSubmitted>> buildsets) {
        return switch (event) {
            // Where it begins there may not have been that change yet.
            case ChangeReceived change when isBeforeStart(scheduler, change) -> Optional.empty();
            case ChangeReceived change -> Optional.of(new ChangeArrived(change, at));
            case TimerFired fired when fired.scheduler().equals(scheduler.name()) ->
                    Optional.of(new TimerElapsed(fired.timer(), at));
            case SchedulerCommandEvent command when command.scheduler().equals(scheduler.name()) ->
                    Optional.of(new Commanded(command, at));
            case BuildsetCompleted completed
                    when scheduler.scheduler() instanceof DependentScheduler ->
                    buildsets
                            .apply(completed.buildsetId())
                            .map(it -> new BuildsetEnded(it, completed.results(), at));
            default -> Optional.empty();
        };
    }

    private static boolean isBeforeStart(BoundScheduler scheduler, ChangeReceived change) {
        Long first = scheduler.startAtChange();
        return first != null && change.changeId() < first;
    }
}
