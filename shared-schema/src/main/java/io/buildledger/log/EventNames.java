package io.buildledger.log;

import static java.util.Map.entry;

import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.changing.ChangeEvent;
import io.buildledger.domain.changing.ChangeSourceEvent;
import io.buildledger.domain.locking.LockEvent;
import io.buildledger.domain.mastering.MasterEvent;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildsetEvent;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.TimerEvent;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What events are called on disk. A class may be renamed; a name here may not, and neither may a
 * component of an event, without a new revision and an upcaster.
 */
public final class EventNames {

    private static final String FIRST = "1";

    /** The revisions of those whose JSON has changed since the first. */
    private static final Map<Class<?>, String> LATER_REVISION_OF =
            Map.of(BuildsetEvent.BuildsetSubmitted.class, "2");

    private static final Map<Class<?>, String> NAME_OF =
            Map.ofEntries(
                    entry(ChangeEvent.ChangeReceived.class, "change-received"),
                    entry(ChangeSourceEvent.RepositoryPolled.class, "repository-polled"),
                    entry(SchedulerEvent.SchedulerConfigured.class, "scheduler-configured"),
                    entry(SchedulerEvent.ChangeTaken.class, "change-taken"),
                    entry(SchedulerEvent.TimerArmed.class, "timer-armed"),
                    entry(SchedulerEvent.SchedulerRenamed.class, "scheduler-renamed"),
                    entry(SchedulerEvent.SchedulerRetired.class, "scheduler-retired"),
                    entry(SchedulerEvent.SchedulerEnabled.class, "scheduler-enabled"),
                    entry(SchedulerEvent.SchedulerDisabled.class, "scheduler-disabled"),
                    entry(SchedulerEvent.TimerDropped.class, "timer-dropped"),
                    entry(SchedulerEvent.FiringSkipped.class, "firing-skipped"),
                    entry(SchedulerEvent.SchedulerFired.class, "scheduler-fired"),
                    entry(SchedulerEvent.TriggerKept.class, "trigger-kept"),
                    entry(SchedulerEvent.UpstreamKept.class, "upstream-kept"),
                    entry(SchedulerEvent.CommandRefused.class, "command-refused"),
                    entry(SchedulerCommandEvent.SchedulerSwitched.class, "scheduler-switched"),
                    entry(SchedulerCommandEvent.BuildForced.class, "build-forced"),
                    entry(SchedulerCommandEvent.BuildTriggered.class, "build-triggered"),
                    entry(SchedulerCommandEvent.PatchSubmitted.class, "patch-submitted"),
                    entry(TimerEvent.TimerFired.class, "timer-fired"),
                    entry(BuildsetEvent.BuildsetSubmitted.class, "buildset-submitted"),
                    entry(BuildsetEvent.BuildsetCompleted.class, "buildset-completed"),
                    entry(BuildRequestEvent.BuildRequested.class, "build-requested"),
                    entry(BuildRequestEvent.BuildRequestClaimed.class, "build-request-claimed"),
                    entry(BuildRequestEvent.BuildStarted.class, "build-started"),
                    entry(BuildRequestEvent.BuildRequestCompleted.class, "build-request-completed"),
                    entry(BuildRequestEvent.BuildRequestReleased.class, "build-request-released"),
                    entry(
                            BuildRequestEvent.BuildRequestPriorityChanged.class,
                            "build-request-priority-changed"),
                    entry(BuildRequestEvent.BuildRequestCancelled.class, "build-request-cancelled"),
                    entry(BuildRequestEvent.BuildRequestCollapsed.class, "build-request-collapsed"),
                    entry(BuildRequestEvent.BuildRequestExpired.class, "build-request-expired"),
                    entry(BuildRequestEvent.BuildRequestGivenUp.class, "build-request-given-up"),
                    entry(BuildEvent.StepStarted.class, "step-started"),
                    entry(BuildEvent.CommandStarted.class, "command-started"),
                    entry(BuildEvent.PropertySet.class, "property-set"),
                    entry(BuildEvent.ArtifactStored.class, "artifact-stored"),
                    entry(BuildEvent.SchedulerAsked.class, "scheduler-asked"),
                    entry(BuildEvent.StepFinished.class, "step-finished"),
                    entry(BuildEvent.BuildDropped.class, "build-dropped"),
                    entry(WorkerEvent.WorkerAttached.class, "worker-attached"),
                    entry(WorkerEvent.WorkerDetached.class, "worker-detached"),
                    entry(WorkerEvent.WorkerContested.class, "worker-contested"),
                    entry(WorkerEvent.WorkerPaused.class, "worker-paused"),
                    entry(WorkerEvent.WorkerUnpaused.class, "worker-unpaused"),
                    entry(WorkerEvent.WorkerStopRequested.class, "worker-stop-requested"),
                    entry(WorkerEvent.WorkerStopped.class, "worker-stopped"),
                    entry(WorkerEvent.WorkerQuarantined.class, "worker-quarantined"),
                    entry(WorkerEvent.WorkerRecovered.class, "worker-recovered"),
                    entry(WorkerEvent.WorkerMissing.class, "worker-missing"),
                    entry(WorkerEvent.WorkerStarting.class, "worker-starting"),
                    entry(WorkerEvent.WorkerStartFailed.class, "worker-start-failed"),
                    entry(WorkerEvent.WorkerEnding.class, "worker-ending"),
                    entry(WorkerEvent.WorkerOff.class, "worker-off"),
                    entry(LockEvent.LockRequested.class, "lock-requested"),
                    entry(LockEvent.LockGranted.class, "lock-granted"),
                    entry(LockEvent.LockReleased.class, "lock-released"),
                    entry(MasterEvent.MasterStarted.class, "master-started"),
                    entry(MasterEvent.MasterDrained.class, "master-drained"),
                    entry(MasterEvent.MasterUndrained.class, "master-undrained"),
                    entry(
                            MasterEvent.ConfigurationReloadRequested.class,
                            "configuration-reload-requested"),
                    entry(MasterEvent.ConfigurationReloaded.class, "configuration-reloaded"),
                    entry(
                            MasterEvent.ConfigurationReloadRefused.class,
                            "configuration-reload-refused"),
                    entry(MasterEvent.BuildersDescribed.class, "builders-described"),
                    entry(MasterEvent.MasterStopped.class, "master-stopped"),
                    entry(MasterEvent.MasterLost.class, "master-lost"));

    private static final Map<String, Class<?>> CLASS_OF =
            NAME_OF.entrySet().stream()
                    .collect(Collectors.toUnmodifiableMap(Map.Entry::getValue, Map.Entry::getKey));

    private EventNames() {}

    public static Optional<String> nameOf(@Nullable Class<?> event) {
        return Optional.ofNullable(event).map(NAME_OF::get);
    }

    /** The revision in which this program writes events of a class. */
    public static String revisionOf(Class<?> event) {
        return LATER_REVISION_OF.getOrDefault(event, FIRST);
    }

    static Set<Class<?>> all() {
        return NAME_OF.keySet();
    }

    static Optional<Class<?>> classOf(String name) {
        return Optional.ofNullable(CLASS_OF.get(name));
    }
}
