package io.buildledger.scheduler.scheduling;

import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;

/**
 * What a scheduler's stream says.
 *
 * @param state after its last event
 * @param nextSequence the place after that
 */
record SchedulerStream(SchedulerState state, long nextSequence) {

    static final SchedulerStream EMPTY = new SchedulerStream(SchedulerState.INITIAL, 0);

    /**
     * Reads a scheduler's stream, and those of the names that it had before.
     *
     * @throws IllegalStateException if a newer program has written to it
     */
    static SchedulerStream read(EventLog log, String scheduler) {
        return read(log, scheduler, Long.MAX_VALUE);
    }

    private static SchedulerStream read(EventLog log, String scheduler, long upTo) {
        SchedulerStream stream = EMPTY;
        for (Recorded recorded : log.read(Streams.scheduler(scheduler))) {
            if (recorded.sequence() > upTo) {
                break;
            }
            if (!(recorded.event() instanceof SchedulerEvent event)) {
                throw new IllegalStateException(
                        "%s was written by a newer program, which this master does not understand: run that program"
                                .formatted(recorded.id()));
            }
            SchedulerState before =
                    event instanceof SchedulerRenamed renamed
                            ? read(log, renamed.from(), renamed.upTo()).state()
                            : stream.state();
            stream = new SchedulerStream(before.evolve(event), recorded.sequence() + 1);
        }
        return stream;
    }

    SchedulerStream next(SchedulerEvent event) {
        return new SchedulerStream(state.evolve(event), nextSequence + 1);
    }
}
