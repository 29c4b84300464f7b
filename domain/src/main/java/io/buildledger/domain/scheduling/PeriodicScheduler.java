package io.buildledger.domain.scheduling;

import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Builds again and again, a certain time after it last did; a new one at once. Times that were
 * missed because no master was up are caught up by one build.
 */
public final class PeriodicScheduler extends TimedScheduler {

    public static final String TYPE = "periodic";

    private final Duration period;

    /**
     * @param period from one build's request to the next one's; more than 0
     */
    public PeriodicScheduler(
            SchedulerSettings settings, ChangeRules rules, boolean onlyIfChanged, Duration period) {
        super(TYPE, settings, rules, onlyIfChanged);
        this.period = period;
    }

    @Override
    Optional<String> objection(Instant moment, Instant at) {
        return Optional.empty();
    }

    @Override
    boolean isForced(Instant moment) {
        return false;
    }

    @Override
    Instant next(Instant moment, Instant at) {
        return at.plus(period);
    }

    /** A timer that runs goes on, unless it would now end later than a whole period from here. */
    @Override
    void configured(Deliberation deliberation, Instant at) {
        List<TimerArmed> timers = List.copyOf(deliberation.state().timers().values());
        boolean runs =
                timers.stream()
                        .anyMatch(it -> it.key() == null && !it.fireAt().isAfter(at.plus(period)));
        for (TimerArmed timer : timers) {
            if (timer.key() != null) {
                deliberation.drop(timer, "the configuration has no such timer");
            }
        }
        if (!runs) {
            boolean isNew = !deliberation.state().hasFired() && timers.isEmpty();
            deliberation.arm(null, isNew ? at : at.plus(period));
        }
    }
}
