package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.ChangeFilter;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangesScheduled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerConfigured;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerInput.ChangeArrived;
import io.buildledger.domain.scheduling.SchedulerInput.Configured;
import io.buildledger.domain.scheduling.SchedulerInput.TimerElapsed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds the changes of one branch, once the tree has been stable for a while.
 *
 * <p>Without a {@code treeStableTimer} each change fires at once. With one, each change sets the
 * timer anew, and all changes since the last firing are built together when it ends. What is built
 * is the newest change's revision.
 *
 * @param treeStableTimer how long the tree must be quiet, or null to fire at once
 * @param queueTimeout how long a request may wait for a claim, or null for ever
 */
public record SingleBranchScheduler(
        String name,
        ChangeFilter filter,
        @Nullable Duration treeStableTimer,
        List<String> builderNames,
        int priority,
        @Nullable Duration queueTimeout) {

    public static final String TYPE = "single_branch";

    public SingleBranchScheduler {
        builderNames = List.copyOf(builderNames);
    }

    /**
     * What the scheduler knows.
     *
     * @param pending changes that were taken and not yet scheduled, oldest first
     * @param timer the timer that runs, or null
     * @param timers how many timers were ever armed
     * @param firings how often the scheduler ever fired
     * @param digest of the configuration in force, or null before the first
     */
    public record State(
            List<ChangeTaken> pending,
            @Nullable TimerArmed timer,
            long timers,
            long firings,
            @Nullable String digest) {

        public static final State INITIAL = new State(List.of(), null, 0, 0, null);
    }

    /** The events that follow from the input; none where there is nothing to do. */
    public List<SchedulerEvent> decide(State state, SchedulerInput input) {
        return switch (input) {
            case Configured configured -> configure(state, configured);
            case ChangeArrived arrived -> take(state, arrived.change(), arrived.at());
            case TimerElapsed elapsed -> elapse(state, elapsed.timer());
        };
    }

    public State evolve(State state, SchedulerEvent event) {
        return switch (event) {
            case SchedulerConfigured configured ->
                    new State(
                            state.pending(),
                            state.timer(),
                            state.timers(),
                            state.firings(),
                            configured.digest());
            case ChangeTaken taken ->
                    new State(
                            plus(state.pending(), taken),
                            state.timer(),
                            state.timers(),
                            state.firings(),
                            state.digest());
            case TimerArmed armed ->
                    new State(
                            state.pending(), armed, armed.timer(), state.firings(), state.digest());
            case ChangesScheduled scheduled ->
                    new State(List.of(), null, state.timers(), scheduled.firing(), state.digest());
        };
    }

    private List<SchedulerEvent> configure(State state, Configured configured) {
        if (configured.digest().equals(state.digest())) {
            return List.of();
        }
        List<SchedulerEvent> events = new ArrayList<>();
        events.add(new SchedulerConfigured(name, TYPE, configured.digest(), builderNames));
        // Pending changes outlive the timer that they waited for.
        if (treeStableTimer == null && !state.pending().isEmpty()) {
            events.add(fire(state.pending(), state.firings()));
        }
        return events;
    }

    private List<SchedulerEvent> take(State state, ChangeReceived change, Instant at) {
        if (!filter.accepts(change)) {
            return List.of();
        }
        ChangeTaken taken =
                new ChangeTaken(
                        name,
                        change.changeId(),
                        change.repository(),
                        change.branch(),
                        change.revision(),
                        change.project(),
                        change.codebase());
        return List.of(
                taken,
                treeStableTimer == null
                        ? fire(plus(state.pending(), taken), state.firings())
                        : new TimerArmed(name, state.timers() + 1, at.plus(treeStableTimer)));
    }

    private List<SchedulerEvent> elapse(State state, long timer) {
        boolean runs = state.timer() != null && state.timer().timer() == timer;
        return runs ? List.of(fire(state.pending(), state.firings())) : List.of();
    }

    private ChangesScheduled fire(List<ChangeTaken> pending, long firings) {
        ChangeTaken newest = pending.getLast();
        return new ChangesScheduled(
                name,
                firings + 1,
                pending.stream().map(ChangeTaken::changeId).toList(),
                newest.repository(),
                newest.branch(),
                newest.revision(),
                newest.project(),
                newest.codebase());
    }

    private static List<ChangeTaken> plus(List<ChangeTaken> pending, ChangeTaken taken) {
        List<ChangeTaken> all = new ArrayList<>(pending);
        all.add(taken);
        return List.copyOf(all);
    }
}
