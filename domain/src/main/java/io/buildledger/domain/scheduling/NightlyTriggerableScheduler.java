package io.buildledger.domain.scheduling;

import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerEvent.TriggerKept;
import java.time.Instant;
import java.util.Optional;

/**
 * Builds at the moments of a calendar what another build has asked for since the last of them; of
 * several the last. Nobody waits for these builds.
 */
public final class NightlyTriggerableScheduler extends Scheduler {

    public static final String TYPE = "nightly_triggerable";

    private final Calendar calendar;

    public NightlyTriggerableScheduler(SchedulerSettings settings, Calendar calendar) {
        super(TYPE, settings);
        this.calendar = calendar;
    }

    @Override
    void configured(Deliberation deliberation, Instant at) {
        calendar.configured(deliberation, at);
    }

    @Override
    void triggered(Deliberation deliberation, BuildTriggered triggered) {
        deliberation.keep(triggered);
    }

    @Override
    void timerElapsed(Deliberation deliberation, TimerArmed timer, Instant at) {
        SchedulerState state = deliberation.state();
        TriggerKept kept = state.kept();
        Optional<String> objection =
                Optional.of(DISABLED)
                        .filter(_ -> !state.enabled())
                        .or(() -> calendar.objection(timer.fireAt(), at));
        if (objection.isPresent()) {
            deliberation.skip(timer, objection.get());
        } else if (kept == null) {
            deliberation.skip(timer, "nothing was triggered");
        } else {
            deliberation.fire(timer.key(), kept);
        }
        deliberation.arm(null, calendar.next(timer.fireAt(), at));
    }

    /** The moments that passed before are not caught up. */
    @Override
    void enabled(Deliberation deliberation, Instant at) {
        for (TimerArmed timer : deliberation.timersBefore(at)) {
            deliberation.skip(timer, DISABLED);
            deliberation.arm(null, calendar.next(timer.fireAt(), at));
        }
    }
}
