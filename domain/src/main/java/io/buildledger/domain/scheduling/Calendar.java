package io.buildledger.domain.scheduling;

import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/**
 * The moments of a schedule on the wall clock of some place.
 *
 * @param cron which moments
 * @param zone whose wall clock
 */
public record Calendar(Cron cron, ZoneId zone, CatchUp catchUp) {

    private static final Duration GRACE = Duration.ofMinutes(1);

    /**
     * @throws IllegalStateException if there is none, which a configuration that was checked does
     *     not ask for
     */
    Instant next(Instant after) {
        return cron.next(after, zone)
                .orElseThrow(() -> new IllegalStateException(cron + " is never"));
    }

    /** The moment after one at which the scheduler woke, later than {@code at}. */
    Instant next(Instant moment, Instant at) {
        return next(at.isAfter(moment) ? at : moment);
    }

    boolean has(Instant moment) {
        return cron.next(moment.minusNanos(1), zone).filter(moment::equals).isPresent();
    }

    /** Why a moment that has passed is left out; empty if it is not. */
    Optional<String> objection(Instant moment, Instant at) {
        return catchUp == CatchUp.NONE && at.isAfter(moment.plus(GRACE))
                ? Optional.of("catch_up: none, and no master was up at " + moment)
                : Optional.empty();
    }

    /**
     * Lets the one timer run to the next moment. One that is due by the former configuration stays
     * due.
     */
    void configured(Deliberation deliberation, Instant at) {
        Instant next = next(at);
        boolean runs = false;
        for (TimerArmed timer : List.copyOf(deliberation.state().timers().values())) {
            boolean isDue = !timer.fireAt().isAfter(at);
            if (timer.key() == null && (isDue || timer.fireAt().equals(next))) {
                runs = true;
            } else if (timer.key() != null) {
                deliberation.drop(timer, "the configuration has no such timer");
            }
        }
        if (!runs) {
            deliberation.arm(null, next);
        }
    }
}
