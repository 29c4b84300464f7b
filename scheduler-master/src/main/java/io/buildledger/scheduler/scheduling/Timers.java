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
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fires the timers of the schedulers that this master owns, on the database's clock. Each timer has
 * a stream of its own with room for one event, so that it fires once; a timer that was replaced
 * meanwhile fires for nothing.
 */
final class Timers {

    private static final Logger LOG = LoggerFactory.getLogger(Timers.class);

    private record Key(String scheduler, long timer) {}

    private final Supplier<Collection<SchedulerReader>> schedulers;
    private final EventLog log;
    private final Author author;
    private final InstantSource clock;

    /** Those that run no longer, but for what their schedulers have read. */
    private final Set<Key> fired = new HashSet<>();

    /** Whose failure was told, and whether it was a passing one; it is tried ten times a second. */
    private final Map<Key, Boolean> told = new HashMap<>();

    /**
     * @param schedulers those that this master has now
     */
    Timers(
            Supplier<Collection<SchedulerReader>> schedulers,
            EventLog log,
            Author author,
            InstantSource clock) {
        this.schedulers = schedulers;
        this.log = log;
        this.author = author;
        this.clock = clock;
    }

    /** Fires what is due. */
    void runOnce() {
        Instant now = clock.instant();
        Set<Key> armed = new HashSet<>();
        for (SchedulerReader scheduler : schedulers.get()) {
            for (TimerArmed timer : scheduler.armedTimers()) {
                Key key = new Key(timer.scheduler(), timer.timer());
                armed.add(key);
                if (!timer.fireAt().isAfter(now) && !fired.contains(key)) {
                    fire(timer, key, now);
                }
            }
        }
        fired.retainAll(armed);
        told.keySet().retainAll(armed);
    }

    private void fire(TimerArmed timer, Key key, Instant now) {
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
            tell(key, e);
            return;
        }
        fired.add(key);
    }

    private void tell(Key timer, RuntimeException failure) {
        boolean isPassing = DatabaseTrouble.isTransient(failure);
        if (Objects.equals(told.put(timer, isPassing), isPassing)) {
            return;
        }
        if (isPassing) {
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
