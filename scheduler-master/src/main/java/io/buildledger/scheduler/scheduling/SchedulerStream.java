package io.buildledger.scheduler.scheduling;

import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.List;

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
     * @throws io.buildledger.log.NewerProgramException if a newer program has written to it
     */
    static SchedulerStream read(EventLog log, String scheduler) {
        return EMPTY.readOn(log, scheduler);
    }

    /** Reads what has been written to the scheduler's stream since. */
    SchedulerStream readOn(EventLog log, String scheduler) {
        return readOn(log, log.readAfter(Streams.scheduler(scheduler), nextSequence - 1));
    }

    private SchedulerStream readOn(EventLog log, List<Recorded> events) {
        SchedulerStream stream = this;
        for (Recorded recorded : sinceRenamed(events)) {
            if (!(recorded.understood() instanceof SchedulerEvent event)) {
                throw new IllegalStateException(recorded.id() + " is no event of a scheduler");
            }
            SchedulerState before =
                    event instanceof SchedulerRenamed renamed
                            ? readUpTo(log, renamed.from(), renamed.upTo()).state()
                            : stream.state();
            stream = new SchedulerStream(before.evolve(event), recorded.sequence() + 1);
        }
        return stream;
    }

    /** Nothing counts of what a name stood for before. */
    private static List<Recorded> sinceRenamed(List<Recorded> events) {
        for (int i = events.size() - 1; i > 0; i--) {
            if (events.get(i).event() instanceof SchedulerRenamed) {
                return events.subList(i, events.size());
            }
        }
        return events;
    }

    private static SchedulerStream readUpTo(EventLog log, String scheduler, long upTo) {
        String stream = Streams.scheduler(scheduler);
        long first =
                log.findLast(stream, SchedulerRenamed.class, -1, upTo)
                        .map(Recorded::sequence)
                        .orElse(0L);
        int count = Math.toIntExact(upTo - first + 1);
        return EMPTY.readOn(log, log.readAfter(stream, first - 1, count));
    }

    SchedulerStream next(SchedulerEvent event) {
        return new SchedulerStream(state.evolve(event), nextSequence + 1);
    }
}
