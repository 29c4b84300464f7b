package io.buildledger.scheduler.scheduling;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.log.Author;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Streams;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fires the timers of the schedulers that this master owns, on the database's clock. Each timer has
 * a stream of its own with room for one event, so that it fires once; a timer that was replaced
 * meanwhile fires for nothing.
 */
final class Timers {

    private static final Logger LOG = LoggerFactory.getLogger(Timers.class);

    private record Failure(long timer, boolean isTransient) {}

    private final List<SchedulerReader> schedulers;
    private final EventLog log;
    private final Author author;
    private final InstantSource clock;
    private final Map<String, Long> fired = new HashMap<>();

    /** What was told of each scheduler; once, for it is tried ten times a second. */
    private final Map<String, Failure> told = new HashMap<>();

    Timers(List<SchedulerReader> schedulers, EventLog log, Author author, InstantSource clock) {
        this.schedulers = List.copyOf(schedulers);
        this.log = log;
        this.author = author;
        this.clock = clock;
    }

    /** Fires what is due. */
    void runOnce() {
        Instant now = clock.instant();
        for (SchedulerReader scheduler : schedulers) {
            scheduler
                    .armedTimer()
                    .filter(timer -> !timer.fireAt().isAfter(now))
                    .filter(timer -> fired.getOrDefault(timer.scheduler(), 0L) < timer.timer())
                    .ifPresent(timer -> fire(timer, now));
        }
    }

    private void fire(TimerArmed timer, Instant now) {
        try {
            log.inTransaction(() ->
                    log.append(
                            author,
                            null,
                            List.of(
                                    new Entry(
                                            Streams.timer(timer.scheduler(), timer.timer()),
                                            0,
                                            new TimerFired(
                                                    timer.scheduler(), timer.timer(), now)))));
        } catch (ConflictException e) {
            LOG.debug("timer {} of {} has fired already", timer.timer(), timer.scheduler());
        } catch (RuntimeException e) {
            tell(timer, e);
            return;
        }
        fired.put(timer.scheduler(), timer.timer());
    }

    private void tell(TimerArmed timer, RuntimeException failure) {
        Failure now = new Failure(timer.timer(), DatabaseTrouble.isTransient(failure));
        if (now.equals(told.put(timer.scheduler(), now))) {
            return;
        }
        if (now.isTransient()) {
            LOG.warn(
                    "timer {} of {} is due; trying again: {}",
                    timer.timer(),
                    timer.scheduler(),
                    DatabaseTrouble.reason(failure));
        } else {
            LOG.error(
                    "timer {} of {} can't fire; trying again",
                    timer.timer(),
                    timer.scheduler(),
                    failure);
        }
    }
}
