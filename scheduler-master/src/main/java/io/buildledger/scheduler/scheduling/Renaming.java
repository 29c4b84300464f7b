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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
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

    private static final int TRIES = 5;
    private static final String COMMANDS = Streams.schedulerCommand("");

    private enum Outcome {
        DONE,
        NEVER_RAN,
        IS_RUN,
        TOO_LATE
    }

    private final EventLog log;
    private final SchedulerStreams streams;
    private final Author author;
    private final PositionCopies positions;
    private final SchedulerStatuses statuses;

    Renaming(
            EventLog log,
            SchedulerStreams streams,
            PositionCopies positions,
            SchedulerStatuses statuses,
            Author author) {
        this.log = log;
        this.streams = streams;
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
        String stream = Streams.scheduler(scheduler.name());
        for (int i = 1; ; i++) {
            try {
                Outcome outcome =
                        log.lastSequence(stream).isEmpty()
                                ? rename(scheduler, file)
                                : comeBack(scheduler, file);
                if (outcome == Outcome.DONE) {
                    LOG.info(
                            "scheduler {} goes on where it was under another name",
                            scheduler.name());
                }
                if (outcome != Outcome.TOO_LATE) {
                    return outcome == Outcome.DONE;
                }
            } catch (ConflictException | DuplicateKeyException e) {
                // Another master does it, too, or somebody asks something of the scheduler.
                if (i == TRIES) {
                    throw e;
                }
            }
        }
    }

    /** From whoever runs it under the old name. */
    private Outcome rename(BoundScheduler scheduler, Set<String> file) {
        String former = scheduler.renamedFrom();
        if (former == null) {
            return Outcome.NEVER_RAN;
        }
        String from = living(former);
        if (file.contains(from)) {
            LOG.warn(
                    "scheduler {} was to take over from {}, which goes on as {} in this file: it begins anew",
                    scheduler.name(),
                    former,
                    from);
            return Outcome.IS_RUN;
        }
        Outcome outcome = log.inTransaction(() -> move(scheduler, from, true));
        if (outcome == Outcome.NEVER_RAN) {
            LOG.warn(
                    "scheduler {} was to take over from {}, which never ran: it begins anew",
                    scheduler.name(),
                    from);
        }
        return outcome;
    }

    /** When nobody runs it under the name that it has. */
    private Outcome comeBack(BoundScheduler scheduler, Set<String> file) {
        return successor(scheduler.name())
                .map(this::living)
                .filter(from -> !file.contains(from))
                .map(from -> log.inTransaction(() -> move(scheduler, from, false)))
                .orElse(Outcome.IS_RUN);
    }

    private Outcome move(BoundScheduler scheduler, String from, boolean evenIfItIsRun) {
        String name = scheduler.name();
        String position = Schedulers.position(from);
        Held held = positions.hold(position, Schedulers.position(name)).get(position);
        if (held == null) {
            return Outcome.NEVER_RAN;
        }
        if (held.owner() != null && !evenIfItIsRun) {
            return Outcome.IS_RUN;
        }
        SchedulerStream old = streams.read(from);
        if (old.state().renamedTo() != null) {
            return Outcome.TOO_LATE;
        }
        positions.copy(position, Schedulers.position(name));
        String stream = Streams.scheduler(name);
        SchedulerStream own = streams.read(name);
        SchedulerStream renamed = new SchedulerStream(old.state(), own.nextSequence());
        long end = old.nextSequence();
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry(Streams.scheduler(from), end, new SchedulerRetired(from, name)));
        for (SchedulerEvent event : Scheduler.takeOver(name, own.state(), old.state(), from, end)) {
            entries.add(new Entry(stream, renamed.nextSequence(), event));
            renamed = renamed.next(event);
        }
        log.append(author, null, entries);
        askAgain(from, name, held.position());
        positions.mark(from, name, end);
        statuses.write(scheduler, renamed, author);
        return Outcome.DONE;
    }

    /**
     * What was asked of the old name, and was not read under it, is asked of the new one, unless
     * that will read it anyhow: it was its own when it was asked, or has been asked of it again.
     */
    private void askAgain(String from, String name, LogPosition position) {
        String stream = Streams.schedulerCommand(name);
        List<Recorded> own = unread(stream, position);
        Set<String> read =
                own.stream().map(this::firstAsked).collect(Collectors.toCollection(HashSet::new));
        long sequence = log.lastSequence(stream).orElse(-1) + 1;
        for (Recorded unread : unread(Streams.schedulerCommand(from), position)) {
            if (unread.understood() instanceof SchedulerCommandEvent command
                    && read.add(firstAsked(unread))) {
                Entry entry = new Entry(stream, sequence++, command.askedOf(name));
                log.append(author, unread.id(), List.of(entry));
            }
        }
    }

    private List<Recorded> unread(String stream, LogPosition position) {
        return log.readAfter(stream, log.sequenceBefore(stream, position.index() + 1));
    }

    /** The id of the command that this one is, or that it asks again. */
    private String firstAsked(Recorded command) {
        return command.metadata().get("cause") instanceof String cause && cause.startsWith(COMMANDS)
                ? firstAsked(log.find(cause).orElseThrow())
                : command.id();
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
