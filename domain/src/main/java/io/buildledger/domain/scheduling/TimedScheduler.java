package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import java.time.Instant;
import java.util.Optional;

/**
 * Builds at certain moments, what has changed since the last of them. It takes changes all the time
 * and builds the newest; where there is none, it builds the codebases' defaults.
 */
abstract sealed class TimedScheduler extends Scheduler permits NightlyScheduler, PeriodicScheduler {

    private final ChangeRules rules;
    private final boolean onlyIfChanged;

    /**
     * @param onlyIfChanged whether a moment passes without a build if no important change is
     *     pending; the first one never does
     */
    TimedScheduler(
            String type, SchedulerSettings settings, ChangeRules rules, boolean onlyIfChanged) {
        super(type, settings);
        this.rules = rules;
        this.onlyIfChanged = onlyIfChanged;
    }

    /** Why a moment passes without a build, whatever has changed; empty if it doesn't. */
    abstract Optional<String> objection(Instant moment, Instant at);

    /** Whether there is a build at a moment even if nothing has changed. */
    abstract boolean isForced(Instant moment);

    /** The moment after one at which the scheduler woke, later than {@code at}. */
    abstract Instant next(Instant moment, Instant at);

    @Override
    public Optional<String> refusal(ChangeReceived change) {
        return rules.refusal(settings(), change);
    }

    @Override
    void changeArrived(Deliberation deliberation, ChangeReceived change, Instant at) {
        if (refusal(change).isEmpty()) {
            deliberation.take(change, rules.isImportant(change));
        }
    }

    @Override
    void timerElapsed(Deliberation deliberation, TimerArmed timer, Instant at) {
        SchedulerState state = deliberation.state();
        Optional<String> objection =
                Optional.of(DISABLED)
                        .filter(_ -> !state.enabled())
                        .or(() -> objection(timer.fireAt(), at))
                        .or(() ->
                                Optional.of("only_if_changed: no important change is pending")
                                        .filter(_ -> isUnchanged(state))
                                        .filter(_ -> !isForced(timer.fireAt())));
        if (objection.isPresent()) {
            deliberation.skip(timer, objection.get());
        } else {
            deliberation.fireFor(
                    timer.key(), state.pending().values(), rules.absoluteSourceStamps());
        }
        deliberation.arm(null, next(timer.fireAt(), at));
    }

    /** The moments that passed before are not caught up. */
    @Override
    void enabled(Deliberation deliberation, Instant at) {
        for (TimerArmed timer : deliberation.timersBefore(at)) {
            deliberation.skip(timer, DISABLED);
            deliberation.arm(null, next(timer.fireAt(), at));
        }
    }

    private boolean isUnchanged(SchedulerState state) {
        return onlyIfChanged
                && state.hasFired()
                && state.pending().values().stream().noneMatch(ChangeTaken::worthABuild);
    }
}
