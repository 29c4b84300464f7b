package io.buildledger.scheduler.scheduling;

import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.replaying.Snapshots;
import java.util.List;

/**
 * Reads what schedulers' streams say, each from the newest state of it that is kept, so that it
 * does not take longer the more a scheduler has done. Where none is kept, or none that can be read,
 * it takes longer and comes to the same.
 */
final class SchedulerStreams {

    private final EventLog log;
    private final Snapshots snapshots;

    SchedulerStreams(EventLog log, Snapshots snapshots) {
        this.log = log;
        this.snapshots = snapshots;
    }

    /**
     * Reads a scheduler's stream, and those of the names that it had before.
     *
     * @throws io.buildledger.log.NewerProgramException if a newer program has written to it
     */
    SchedulerStream read(String scheduler) {
        return readOn(SchedulerStream.EMPTY, scheduler);
    }

    /** Reads what has been written to the scheduler's stream since. */
    SchedulerStream readOn(SchedulerStream known, String scheduler) {
        SchedulerStream newest = newestKept(scheduler, known, Long.MAX_VALUE);
        return readOn(
                newest, log.readAfter(Streams.scheduler(scheduler), newest.nextSequence() - 1));
    }

    /** What is kept of the places up to one, if that is more than is known. */
    private SchedulerStream newestKept(String scheduler, SchedulerStream known, long upTo) {
        return snapshots
                .newestOfScheduler(scheduler)
                .filter(kept -> kept.lastSequence() <= upTo)
                .filter(kept -> kept.lastSequence() >= known.nextSequence())
                .map(kept -> new SchedulerStream(kept.state(), kept.lastSequence() + 1))
                .orElse(known);
    }

    private SchedulerStream readOn(SchedulerStream known, List<Recorded> events) {
        SchedulerStream stream = known;
        for (Recorded recorded : sinceRenamed(events)) {
            if (!(recorded.understood() instanceof SchedulerEvent event)) {
                throw new IllegalStateException(recorded.id() + " is no event of a scheduler");
            }
            SchedulerState before =
                    event instanceof SchedulerRenamed renamed
                            ? readUpTo(renamed.from(), renamed.upTo()).state()
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

    private SchedulerStream readUpTo(String scheduler, long upTo) {
        String stream = Streams.scheduler(scheduler);
        SchedulerStream newest = newestKept(scheduler, SchedulerStream.EMPTY, upTo);
        long known = newest.nextSequence() - 1;
        long first =
                log.findLast(stream, SchedulerRenamed.class, known, upTo)
                        .map(Recorded::sequence)
                        .orElse(known + 1);
        int count = Math.toIntExact(upTo - first + 1);
        return readOn(newest, log.readAfter(stream, first - 1, count));
    }
}
