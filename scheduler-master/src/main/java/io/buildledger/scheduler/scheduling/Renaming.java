package io.buildledger.scheduler.scheduling;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRetired;
import io.buildledger.log.Author;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.LogPosition;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.scheduling.PositionCopies.Held;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DuplicateKeyException;

/**
 * Lets a scheduler go on under another name: at the same place of the log, with the same changes
 * pending and the same timers. Whoever still has the old name in its file stands by from then on:
 * the scheduler comes back to a name that it had when no master runs it under the new one. So
 * nothing stands still when a file is rolled back, and masters whose files differ don't take it
 * from each other.
 */
final class Renaming {

    private static final Logger LOG = LoggerFactory.getLogger(Renaming.class);

    private static final String WAS_FASTER = "another master has renamed {} meanwhile";

    private enum Outcome {
        RENAMED,
        NEVER_RAN,
        IS_RUN,
        WAS_SLOWER
    }

    private final EventLog log;
    private final Author author;
    private final PositionCopies positions;
    private final SchedulerStatuses statuses;

    Renaming(EventLog log, PositionCopies positions, SchedulerStatuses statuses, Author author) {
        this.log = log;
        this.positions = positions;
        this.statuses = statuses;
        this.author = author;
    }

    /**
     * Does so if the scheduler is new and had another name, by the file, or if it has another name,
     * by the log, under which nobody runs it.
     *
     * @param file the names of all schedulers of the file
     * @return whether it was done
     */
    boolean takeOver(BoundScheduler scheduler, Set<String> file) {
        String name = scheduler.name();
        boolean isNew = log.lastSequence(Streams.scheduler(name)).isEmpty();
        Optional<String> other =
                isNew ? Optional.ofNullable(scheduler.renamedFrom()) : successor(name);
        return other.isPresent() && takeOver(scheduler, other.get(), isNew, file);
    }

    private boolean takeOver(
            BoundScheduler scheduler, String other, boolean isNew, Set<String> file) {
        String name = scheduler.name();
        String from = living(other);
        if (file.contains(from)) {
            if (isNew) {
                LOG.warn(
                        "scheduler {} was to take over from {}, which goes on as {} in this file: it begins anew",
                        name,
                        other,
                        from);
            }
            return false;
        }
        try {
            Outcome outcome = log.inTransaction(() -> takeOver(scheduler, from, isNew));
            switch (outcome) {
                case NEVER_RAN ->
                        LOG.warn(
                                "scheduler {} was to take over from {}, which never ran: it begins anew",
                                name,
                                from);
                case RENAMED -> LOG.info("scheduler {} goes on as {}", from, name);
                case IS_RUN -> LOG.debug("{} is run, and does not come back to {}", from, name);
                case WAS_SLOWER -> LOG.info(WAS_FASTER, from);
            }
            return outcome == Outcome.RENAMED;
        } catch (ConflictException | DuplicateKeyException e) {
            // By one of the streams, or by the place in the log, whichever it met first.
            LOG.info(WAS_FASTER, from);
            LOG.debug("this one was slower", e);
            return false;
        }
    }

    private Outcome takeOver(BoundScheduler scheduler, String from, boolean isNew) {
        String name = scheduler.name();
        String position = Schedulers.position(from);
        Held held = positions.hold(position, Schedulers.position(name)).get(position);
        if (held == null) {
            return Outcome.NEVER_RAN;
        }
        if (!isNew && held.owner() != null) {
            return Outcome.IS_RUN;
        }
        SchedulerStream old = SchedulerStream.read(log, from);
        if (old.state().renamedTo() != null) {
            return Outcome.WAS_SLOWER;
        }
        positions.copy(position, Schedulers.position(name));
        long end = old.nextSequence();
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry(Streams.scheduler(from), end, new SchedulerRetired(from, name)));
        String stream = Streams.scheduler(name);
        SchedulerStream own =
                new SchedulerStream(old.state(), log.lastSequence(stream).orElse(-1) + 1);
        for (SchedulerEvent event : Scheduler.takeOver(name, old.state(), from, end)) {
            entries.add(new Entry(stream, own.nextSequence(), event));
            own = own.next(event);
        }
        log.append(author, null, entries);
        askAgain(from, name, held.position());
        positions.mark(from, name, end);
        statuses.write(scheduler, own, author);
        return Outcome.RENAMED;
    }

    /** What was asked of the old name, and was not read under it, is asked of the new one. */
    private void askAgain(String from, String name, LogPosition position) {
        String stream = Streams.schedulerCommand(from);
        long read = log.sequenceBefore(stream, position.index() + 1);
        String again = Streams.schedulerCommand(name);
        long sequence = log.lastSequence(again).orElse(-1) + 1;
        for (Recorded unread : log.readAfter(stream, read)) {
            if (unread.event() instanceof SchedulerCommandEvent command) {
                Entry entry = new Entry(again, sequence++, command.askedOf(name));
                log.append(author, unread.id(), List.of(entry));
            }
        }
    }

    /** The name that has the scheduler now. */
    private String living(String name) {
        return successor(name).map(this::living).orElse(name);
    }

    /** The name after this one; empty if this one decides, or never did. */
    private Optional<String> successor(String name) {
        String stream = Streams.scheduler(name);
        OptionalLong last = log.lastSequence(stream);
        return last.isPresent()
                        && log.find(stream, last.getAsLong()).orElseThrow().event()
                                instanceof SchedulerRetired retired
                ? Optional.of(retired.renamedTo())
                : Optional.empty();
    }
}
