package io.buildledger.scheduler.scheduling;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRetired;
import io.buildledger.log.Author;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Streams;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DuplicateKeyException;

/**
 * Lets a scheduler go on under another name: at the same place of the log, with the same changes
 * pending and the same timers. Whoever still has the old name in its file does nothing with it from
 * then on.
 */
final class Renaming {

    private static final Logger LOG = LoggerFactory.getLogger(Renaming.class);

    private final EventLog log;
    private final Author author;
    private final PositionCopies positions;

    Renaming(EventLog log, PositionCopies positions, Author author) {
        this.log = log;
        this.positions = positions;
        this.author = author;
    }

    /** Does so if the file says that it had another name, and that has not been done. */
    void takeOver(BoundScheduler scheduler) {
        String from = scheduler.renamedFrom();
        if (from == null || log.lastSequence(Streams.scheduler(scheduler.name())).isPresent()) {
            return;
        }
        try {
            boolean done = log.inTransaction(() -> takeOver(scheduler.name(), from));
            if (!done) {
                LOG.warn(
                        "scheduler {} was to take over from {}, which never ran: it begins anew",
                        scheduler.name(),
                        from);
            }
        } catch (ConflictException | DuplicateKeyException e) {
            // By the new stream, or by the place in the log, whichever it met first.
            LOG.info("another master has renamed {} to {}", from, scheduler.name());
            LOG.debug("this one was slower", e);
        }
    }

    private boolean takeOver(String name, String from) {
        // Locks it, so that nobody moves the old one meanwhile.
        if (!positions.copy(Schedulers.position(from), Schedulers.position(name))) {
            return false;
        }
        SchedulerStream old = SchedulerStream.read(log, from);
        long end = old.nextSequence();
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry(Streams.scheduler(from), end, new SchedulerRetired(from, name)));
        long sequence = 0;
        for (SchedulerEvent event : Scheduler.takeOver(name, old.state(), from, end)) {
            entries.add(new Entry(Streams.scheduler(name), sequence++, event));
        }
        log.append(author, null, entries);
        positions.mark(from, name, end);
        return true;
    }
}
