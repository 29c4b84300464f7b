package io.buildledger.domain.scheduling;

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
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * What a scheduler knows, of whatever type it is: so that a scheduler whose type is changed in the
 * configuration goes on with what was pending.
 *
 * @param pending changes that were taken and not yet scheduled, by their numbers
 * @param timers those that run, by their numbers
 * @param timersArmed the number of the timer that was armed last, or 0
 * @param firings the number of the last firing, or 0
 * @param digest of the configuration in force, or null before the first
 * @param enabled whether it may fire
 * @param hasFired whether it ever fired, under whatever name
 * @param newest the newest change that was taken, by codebase
 * @param kept what a build has asked for and is not built yet, or null
 * @param upstream what has ended while the scheduler was disabled, by the numbers of the buildsets
 * @param renamedTo the name under which it goes on, or null
 */
public record SchedulerState(
        PSortedMap<Long, ChangeTaken> pending,
        PSortedMap<Long, TimerArmed> timers,
        long timersArmed,
        long firings,
        @Nullable String digest,
        boolean enabled,
        boolean hasFired,
        PSortedMap<String, ChangeTaken> newest,
        @Nullable TriggerKept kept,
        PSortedMap<Long, UpstreamKept> upstream,
        @Nullable String renamedTo) {

    public static final SchedulerState INITIAL =
            new SchedulerState(
                    TreePMap.empty(),
                    TreePMap.empty(),
                    0,
                    0,
                    null,
                    true,
                    false,
                    TreePMap.empty(),
                    null,
                    TreePMap.empty(),
                    null);

    /** The timer of this key, if one runs. */
    Optional<TimerArmed> timer(@Nullable String key) {
        return timers.values().stream().filter(it -> Objects.equals(it.key(), key)).findFirst();
    }

    /** The state after the event. */
    public SchedulerState evolve(SchedulerEvent event) {
        Draft draft = new Draft(this);
        switch (event) {
            case SchedulerConfigured configured -> draft.digest = configured.digest();
            case SchedulerRenamed renamed -> {
                draft.timers = TreePMap.empty();
                draft.timersArmed = Objects.requireNonNullElse(renamed.timersArmed(), 0L);
                draft.firings = Objects.requireNonNullElse(renamed.firings(), 0L);
                draft.digest = null;
                draft.renamedTo = null;
            }
            case SchedulerRetired retired -> draft.renamedTo = retired.renamedTo();
            case SchedulerEnabled _ -> {
                draft.enabled = true;
                draft.upstream = TreePMap.empty();
            }
            case SchedulerDisabled _ -> draft.enabled = false;
            case ChangeTaken taken -> {
                draft.pending = pending.plus(taken.changeId(), taken);
                ChangeTaken former = newest.get(taken.codebase());
                if (former == null || former.changeId() < taken.changeId()) {
                    draft.newest = newest.plus(taken.codebase(), taken);
                }
            }
            case TimerArmed armed -> {
                draft.timers = without(armed.key()).plus(armed.timer(), armed);
                draft.timersArmed = armed.timer();
            }
            case TimerDropped dropped -> draft.timers = timers.minus(dropped.timer());
            case FiringSkipped skipped -> draft.timers = timers.minus(skipped.timer());
            case SchedulerFired fired -> {
                draft.pending = pending.minusAll(fired.changeIds());
                draft.timers = without(fired.key());
                draft.firings = fired.firing();
                draft.hasFired = true;
                draft.kept = null;
            }
            case TriggerKept trigger -> draft.kept = trigger;
            case UpstreamKept ended -> draft.upstream = upstream.plus(ended.buildsetId(), ended);
            case CommandRefused _ -> {}
        }
        return draft.state();
    }

    private PSortedMap<Long, TimerArmed> without(@Nullable String key) {
        return timer(key).map(timer -> timers.minus(timer.timer())).orElse(timers);
    }

    /** The next state, as it is being made of this one. */
    private static final class Draft {
        private PSortedMap<Long, ChangeTaken> pending;
        private PSortedMap<Long, TimerArmed> timers;
        private long timersArmed;
        private long firings;
        private @Nullable String digest;
        private boolean enabled;
        private boolean hasFired;
        private PSortedMap<String, ChangeTaken> newest;
        private @Nullable TriggerKept kept;
        private PSortedMap<Long, UpstreamKept> upstream;
        private @Nullable String renamedTo;

        Draft(SchedulerState state) {
            pending = state.pending;
            timers = state.timers;
            timersArmed = state.timersArmed;
            firings = state.firings;
            digest = state.digest;
            enabled = state.enabled;
            hasFired = state.hasFired;
            newest = state.newest;
            kept = state.kept;
            upstream = state.upstream;
            renamedTo = state.renamedTo;
        }

        SchedulerState state() {
            return new SchedulerState(
                    pending,
                    timers,
                    timersArmed,
                    firings,
                    digest,
                    enabled,
                    hasFired,
                    newest,
                    kept,
                    upstream,
                    renamedTo);
        }
    }
}
