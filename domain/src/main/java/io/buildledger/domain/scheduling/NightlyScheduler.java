package io.buildledger.domain.scheduling;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Builds at the moments of a calendar. */
public final class NightlyScheduler extends TimedScheduler {

    public static final String TYPE = "nightly";

    private final Calendar calendar;
    private final @Nullable Cron forceAt;

    /**
     * @param forceAt those of the moments at which it builds even if nothing has changed, or null
     */
    public NightlyScheduler(
            SchedulerSettings settings,
            ChangeRules rules,
            boolean onlyIfChanged,
            Calendar calendar,
            @Nullable Cron forceAt) {
        super(TYPE, settings, rules, onlyIfChanged);
        this.calendar = calendar;
        this.forceAt = forceAt;
    }

    @Override
    Optional<String> objection(Instant moment, Instant at) {
        return calendar.objection(moment, at);
    }

    @Override
    boolean isForced(Instant moment) {
        return forceAt != null && new Calendar(forceAt, calendar.zone(), CatchUp.ONCE).has(moment);
    }

    @Override
    Instant next(Instant moment, Instant at) {
        return calendar.next(moment, at);
    }

    @Override
    void configured(Deliberation deliberation, Instant at) {
        calendar.configured(deliberation, at);
    }
}
