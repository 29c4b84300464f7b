package io.buildledger.domain.acting;

import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.attaching.WorkerEvent.WorkerAttached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerContested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerDetached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerEnding;
import io.buildledger.domain.attaching.WorkerEvent.WorkerMissing;
import io.buildledger.domain.attaching.WorkerEvent.WorkerOff;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.attaching.WorkerEvent.WorkerQuarantined;
import io.buildledger.domain.attaching.WorkerEvent.WorkerRecovered;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStartFailed;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStarting;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopRequested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopped;
import io.buildledger.domain.attaching.WorkerEvent.WorkerUnpaused;
import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.changing.ChangeEvent;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.ChangeSourceEvent;
import io.buildledger.domain.locking.LockEvent;
import io.buildledger.domain.mastering.MasterEvent;
import io.buildledger.domain.mastering.MasterEvent.BuildersDescribed;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRequested;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;
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
import io.buildledger.domain.requesting.BuildsetEvent;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.CommandRefused;
import io.buildledger.domain.scheduling.SchedulerEvent.FiringSkipped;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerConfigured;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerDisabled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerEnabled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRetired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerDropped;
import io.buildledger.domain.scheduling.SchedulerEvent.TriggerKept;
import io.buildledger.domain.scheduling.SchedulerEvent.UpstreamKept;
import io.buildledger.domain.scheduling.TimerEvent;
import java.util.Optional;

/**
 * Who had something done: the one account of it. It is the name that somebody gave, which nobody
 * has proved here: a person, {@code signal} for SIGHUP, a canceller, the author of a change as its
 * source names them, or {@code build BUILDER/NUMBER} where a build asked. Which master wrote the
 * event down is not the actor; the event's metadata says that.
 */
public final class Actor {

    private static final String SOME_BUILD = "a build";

    private Actor() {}

    /**
     * The actor of an event; empty where masters acted by themselves, and of an event of a newer
     * program.
     */
    public static Optional<String> of(Object event) {
        return switch (event) {
            case ChangeEvent it -> of(it);
            case SchedulerCommandEvent it -> Optional.of(of(it));
            case SchedulerEvent it -> of(it);
            case BuildsetEvent it -> of(it);
            case BuildRequestEvent it -> of(it);
            case WorkerEvent it -> of(it);
            case MasterEvent it -> of(it);
            case ChangeSourceEvent _, TimerEvent _, BuildEvent _, LockEvent _ -> Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Optional<String> of(ChangeEvent event) {
        return switch (event) {
            case ChangeReceived it -> Optional.of(it.author());
        };
    }

    /** There is none without. */
    private static String of(SchedulerCommandEvent event) {
        return switch (event) {
            case SchedulerSwitched it -> it.requestedBy();
            case BuildForced it -> it.requestedBy();
            case PatchSubmitted it -> it.requestedBy();
            case BuildTriggered it -> {
                ParentBuild parent = it.parent();
                yield parent == null
                        ? SOME_BUILD
                        : "build %s/%d".formatted(parent.builder(), parent.buildNumber());
            }
        };
    }

    private static Optional<String> of(SchedulerEvent event) {
        return switch (event) {
            case SchedulerEnabled it -> Optional.of(it.by());
            case SchedulerDisabled it -> Optional.of(it.by());
            case SchedulerConfigured _,
                    SchedulerRenamed _,
                    SchedulerRetired _,
                    ChangeTaken _,
                    TimerArmed _,
                    TimerDropped _,
                    FiringSkipped _,
                    SchedulerFired _,
                    TriggerKept _,
                    UpstreamKept _,
                    CommandRefused _ ->
                    Optional.empty();
        };
    }

    private static Optional<String> of(BuildsetEvent event) {
        return switch (event) {
            case BuildsetSubmitted it ->
                    Optional.ofNullable(it.rebuiltFrom()).map(from -> from.requestedBy());
            case BuildsetCompleted _ -> Optional.empty();
        };
    }

    private static Optional<String> of(BuildRequestEvent event) {
        return switch (event) {
            case BuildRequestCancelled it -> Optional.of(it.cancelledBy());
            case BuildRequestPriorityChanged it -> Optional.of(it.changedBy());
            case BuildRequestReleased it -> Optional.ofNullable(it.requestedBy());
            case BuildRequested _,
                    BuildRequestClaimed _,
                    BuildStarted _,
                    BuildRequestCompleted _,
                    BuildRequestCollapsed _,
                    BuildRequestExpired _,
                    BuildRequestGivenUp _ ->
                    Optional.empty();
        };
    }

    private static Optional<String> of(WorkerEvent event) {
        return switch (event) {
            case WorkerPaused it -> Optional.of(it.requestedBy());
            case WorkerUnpaused it -> Optional.of(it.requestedBy());
            case WorkerStopRequested it -> Optional.of(it.requestedBy());
            case WorkerAttached _,
                    WorkerDetached _,
                    WorkerContested _,
                    WorkerStopped _,
                    WorkerQuarantined _,
                    WorkerRecovered _,
                    WorkerMissing _,
                    WorkerStarting _,
                    WorkerStartFailed _,
                    WorkerEnding _,
                    WorkerOff _ ->
                    Optional.empty();
        };
    }

    private static Optional<String> of(MasterEvent event) {
        return switch (event) {
            case MasterDrained it -> Optional.of(it.requestedBy());
            case MasterUndrained it -> Optional.of(it.requestedBy());
            case ConfigurationReloadRequested it -> Optional.of(it.requestedBy());
            case ConfigurationReloaded it -> Optional.of(it.requestedBy());
            case ConfigurationReloadRefused it -> Optional.of(it.requestedBy());
            case MasterStarted _, BuildersDescribed _, MasterStopped _, MasterLost _ ->
                    Optional.empty();
        };
    }
}
