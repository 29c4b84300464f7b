package io.buildledger.verifying;

import io.buildledger.domain.changing.ChangeEvent;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
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
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.log.NumberSet;
import io.buildledger.log.Streams;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What changes became of: taken by schedulers, scheduled by a firing, submitted as a buildset. */
final class SchedulerHistory {

    private record Firing(List<Long> changeIds, Witness witness) {}

    private static final class Scheduler {
        private final Map<Long, Witness> pending = new LinkedHashMap<>();
        private NumberSet taken = new NumberSet();
        private final Map<Long, Firing> withoutBuildset = new LinkedHashMap<>();
        private SchedulerState state = SchedulerState.INITIAL;
        private boolean isSetAside;
    }

    private final Findings findings;
    private final NumberSet received = new NumberSet();
    private final Map<String, Scheduler> schedulers = new HashMap<>();

    SchedulerHistory(Findings findings) {
        this.findings = findings;
    }

    void next(ChangeEvent event, Witness witness) {
        switch (event) {
            case ChangeReceived change -> {
                if (!received.add(change.changeId())) {
                    findings.violation(
                                    Check.TRANSITIONS,
                                    "change %d was received a second time"
                                            .formatted(change.changeId()),
                                    witness)
                            .withEventOf(
                                    witness.stream(), other -> other instanceof ChangeReceived);
                }
            }
        }
    }

    void next(SchedulerEvent event, Witness witness) {
        Scheduler scheduler = schedulers.computeIfAbsent(event.scheduler(), _ -> new Scheduler());
        if (scheduler.isSetAside) {
            return;
        }
        switch (event) {
            case SchedulerRenamed renamed -> takeOver(scheduler, renamed);
            case ChangeTaken taken -> take(scheduler, taken, witness);
            case TimerArmed armed -> arm(scheduler, armed, witness);
            case TimerDropped dropped -> requireTimer(scheduler, dropped.timer(), event, witness);
            case FiringSkipped skipped -> requireTimer(scheduler, skipped.timer(), event, witness);
            case SchedulerFired fired -> schedule(scheduler, fired, witness);
            case SchedulerConfigured _,
                    SchedulerRetired _,
                    SchedulerEnabled _,
                    SchedulerDisabled _,
                    TriggerKept _,
                    UpstreamKept _,
                    CommandRefused _ -> {
                // Nothing that others must agree with.
            }
        }
        scheduler.state = scheduler.state.evolve(event);
    }

    private void takeOver(Scheduler scheduler, SchedulerRenamed event) {
        Scheduler old = schedulers.get(event.from());
        if (old == null) {
            scheduler.isSetAside = true;
            return;
        }
        scheduler.state = old.state;
        scheduler.pending.putAll(old.pending);
        old.pending.clear();
        scheduler.taken = old.taken;
    }

    private void requireTimer(
            Scheduler scheduler, long timer, SchedulerEvent event, Witness witness) {
        if (!scheduler.state.timers().containsKey(timer)) {
            findings.violation(
                    Check.TIMERS,
                    "scheduler %s ended timer %d, which did not run"
                            .formatted(event.scheduler(), timer),
                    witness);
        }
    }

    private void take(Scheduler scheduler, ChangeTaken event, Witness witness) {
        findings.lookedAt(Check.CHANGES);
        long change = event.changeId();
        if (!received.contains(change)) {
            findings.violation(
                    Check.CHANGES,
                    "scheduler %s took change %d, which was never received"
                            .formatted(event.scheduler(), change),
                    witness);
        }
        if (scheduler.taken.add(change)) {
            scheduler.pending.put(change, witness);
        } else {
            findings.violation(
                            Check.CHANGES,
                            "scheduler %s took change %d a second time"
                                    .formatted(event.scheduler(), change),
                            witness)
                    .withEventOf(
                            witness.stream(),
                            other ->
                                    other instanceof ChangeTaken taken
                                            && taken.changeId() == change);
        }
    }

    private void arm(Scheduler scheduler, TimerArmed event, Witness witness) {
        findings.lookedAt(Check.TIMERS);
        if (event.timer() != scheduler.state.timersArmed() + 1) {
            findings.violation(
                    Check.TIMERS,
                    "scheduler %s armed timer %d after timer %d"
                            .formatted(
                                    event.scheduler(),
                                    event.timer(),
                                    scheduler.state.timersArmed()),
                    witness);
        }
    }

    private void schedule(Scheduler scheduler, SchedulerFired event, Witness witness) {
        if (event.firing() != scheduler.state.firings() + 1) {
            findings.violation(
                    Check.CHANGES,
                    "firing %d of scheduler %s comes after firing %d"
                            .formatted(
                                    event.firing(), event.scheduler(), scheduler.state.firings()),
                    witness);
        }
        for (long change : event.changeIds()) {
            if (scheduler.pending.remove(change) == null) {
                scheduledUnasked(scheduler, event, change, witness);
            }
        }
        scheduler.withoutBuildset.put(event.firing(), new Firing(event.changeIds(), witness));
    }

    private void scheduledUnasked(
            Scheduler scheduler, SchedulerFired event, long change, Witness witness) {
        if (scheduler.taken.contains(change)) {
            findings.violation(
                            Check.CHANGES,
                            "scheduler %s scheduled change %d a second time"
                                    .formatted(event.scheduler(), change),
                            witness)
                    .withEventOf(
                            witness.stream(),
                            other ->
                                    other instanceof SchedulerFired earlier
                                            && earlier.changeIds().contains(change));
        } else {
            findings.violation(
                    Check.CHANGES,
                    "scheduler %s scheduled change %d, which it had not taken"
                            .formatted(event.scheduler(), change),
                    witness);
        }
    }

    void next(TimerFired event, Witness witness) {
        @Nullable Scheduler scheduler = schedulers.get(event.scheduler());
        if (scheduler != null && scheduler.isSetAside) {
            return;
        }
        if (witness.sequence() > 0) {
            findings.violation(
                            Check.TIMERS,
                            "timer %d of scheduler %s fired a second time"
                                    .formatted(event.timer(), event.scheduler()),
                            witness)
                    .withEventOf(witness.stream(), other -> other instanceof TimerFired);
        }
        if (scheduler == null
                || event.timer() > scheduler.state.timersArmed()
                || event.timer() < 1) {
            findings.violation(
                    Check.TIMERS,
                    "timer %d of scheduler %s fired, which was never armed"
                            .formatted(event.timer(), event.scheduler()),
                    witness);
            return;
        }
        TimerArmed armed = scheduler.state.timers().get(event.timer());
        if (armed != null && event.firedAt().isBefore(armed.fireAt())) {
            findings.violation(
                            Check.TIMERS,
                            "timer %d of scheduler %s fired at %s, but was to fire at %s"
                                    .formatted(
                                            event.timer(),
                                            event.scheduler(),
                                            event.firedAt(),
                                            armed.fireAt()),
                            witness)
                    .withEventOf(
                            Streams.scheduler(event.scheduler()), other -> other.equals(armed));
        }
    }

    /** A buildset says of which firing it is; each firing has one. */
    void submitted(BuildsetSubmitted event, Witness witness) {
        Scheduler scheduler = schedulers.computeIfAbsent(event.scheduler(), _ -> new Scheduler());
        if (scheduler.isSetAside) {
            return;
        }
        Firing firing = scheduler.withoutBuildset.remove(event.firing());
        if (firing == null) {
            findings.violation(
                            Check.CHANGES,
                            "buildset %d is of firing %d of scheduler %s, which %s"
                                    .formatted(
                                            event.buildsetId(),
                                            event.firing(),
                                            event.scheduler(),
                                            event.firing() <= scheduler.state.firings()
                                                    ? "has another"
                                                    : "never happened"),
                            witness)
                    .withEventOf(
                            Streams.scheduler(event.scheduler()),
                            other ->
                                    other instanceof SchedulerFired fired
                                            && fired.firing() == event.firing());
        } else if (!isBlamelistOf(firing, event)) {
            findings.violation(
                    Check.CHANGES,
                    "buildset %d is of changes %s, its firing of %s"
                            .formatted(event.buildsetId(), event.changeIds(), firing.changeIds()),
                    firing.witness(),
                    witness);
        }
    }

    /**
     * What was not fired for changes may still be blamed on some: on those of an upstream buildset.
     */
    private static boolean isBlamelistOf(Firing firing, BuildsetSubmitted event) {
        return firing.changeIds().isEmpty() || firing.changeIds().equals(event.changeIds());
    }

    /** What must not be left when the log ends. */
    void end() {
        schedulers.forEach((name, scheduler) -> {
            if (!scheduler.isSetAside) {
                end(name, scheduler);
            }
        });
    }

    private void end(String name, Scheduler scheduler) {
        scheduler.withoutBuildset.forEach((number, firing) ->
                findings.violation(
                        Check.CHANGES,
                        "firing %d of scheduler %s has no buildset".formatted(number, name),
                        firing.witness()));
        if (scheduler.state.timers().isEmpty() && scheduler.state.enabled()) {
            scheduler.pending.forEach((change, witness) -> {
                ChangeTaken taken = scheduler.state.pending().get(change);
                if (taken != null && taken.worthABuild()) {
                    findings.violation(
                            Check.CHANGES,
                            "change %d was taken by scheduler %s, and is neither scheduled nor waits for a timer"
                                    .formatted(change, name),
                            witness);
                }
            });
        }
    }

    void setAside(String scheduler) {
        schedulers.computeIfAbsent(scheduler, _ -> new Scheduler()).isSetAside = true;
    }
}
