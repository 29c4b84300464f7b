package io.buildledger.scheduler.supposing;

import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A timer, whatever its number: those that wait for the same moment for the same are the same. */
record Timer(String scheduler, Instant due, @Nullable String key) {

    static Timer of(String scheduler, TimerArmed armed) {
        return new Timer(scheduler, armed.fireAt(), armed.key());
    }

    boolean is(TimerArmed armed) {
        return equals(of(scheduler, armed));
    }
}
