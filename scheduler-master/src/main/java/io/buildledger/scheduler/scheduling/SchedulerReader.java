package io.buildledger.scheduler.scheduling;

import io.buildledger.claiming.Buildsets;
import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.Decision;
import io.buildledger.domain.scheduling.DependentScheduler;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerInput;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one scheduler over the log. What it decides, the buildsets that come of it and its place in
 * the log commit together, so that a change is decided upon once, whoever runs the scheduler and
 * however often that one dies.
 *
 * <p>Every start, end and loss of a master is an event, and so is a new configuration. So whoever
 * takes a scheduler over, or gives it another configuration, reads one soon, and records the
 * configuration then, even when no change comes.
 */
final class SchedulerReader implements Follower.Reader {

    private static final Logger LOG = LoggerFactory.getLogger(SchedulerReader.class);

    private final EventLog log;
    private final SchedulerStreams streams;
    private final Buildsets buildsets;
    private final SchedulerStatuses statuses;
    private final Author author;
    private volatile BoundScheduler bound;

    /** As of the last commit; empty before this master has ever owned the scheduler. */
    private volatile SchedulerStream committed = SchedulerStream.EMPTY;

    /** As of the batch that is being read, and where that began. */
    private @Nullable SchedulerStream working;

    private long firstSequence;

    SchedulerReader(
            BoundScheduler bound,
            EventLog log,
            SchedulerStreams streams,
            Buildsets buildsets,
            SchedulerStatuses statuses,
            Author author) {
        this.bound = bound;
        this.log = log;
        this.streams = streams;
        this.buildsets = buildsets;
        this.statuses = statuses;
        this.author = author;
    }

    String name() {
        return bound.name();
    }

    BoundScheduler bound() {
        return bound;
    }

    /** From the next event on, this decides. */
    void configure(BoundScheduler configured) {
        bound = configured;
    }

    /**
     * The timers that ran at this master's last batch. Another may have taken the scheduler over
     * since and armed later ones; then these fire for nothing.
     */
    Collection<TimerArmed> armedTimers() {
        return state().timers().values();
    }

    /** What the scheduler knew at this master's last batch; the initial state before the first. */
    SchedulerState state() {
        return committed.state();
    }

    /** Another master may have had the scheduler meanwhile; its timers run on here. */
    @Override
    public void begin() {
        committed = streams.readOn(committed, name());
        String renamedTo = committed.state().renamedTo();
        if (renamedTo != null) {
            LOG.warn(
                    "scheduler {} stands by: it goes on as {}, which another master runs, or which is in this file, too",
                    name(),
                    renamedTo);
        }
    }

    @Override
    public boolean concerns(Object event) {
        return SchedulerInputs.areIn(event);
    }

    @Override
    public void read(Recorded recorded) {
        BoundScheduler now = bound;
        if (recorded.event() instanceof NewerEvent newer && isInput(now, newer)) {
            throw newer.refused();
        }
        decide(now, recorded, SchedulerInputs.configuration(now, recorded.at()));
        SchedulerInputs.of(now, recorded.event(), recorded.at(), this::buildset)
                .ifPresent(input -> decide(now, recorded, input));
    }

    /**
     * Whether the scheduler would be told of an event, if this program understood it. To pass over
     * it would be a decision.
     */
    private static boolean isInput(BoundScheduler now, NewerEvent newer) {
        return newer.isOf(ChangeReceived.class)
                || newer.stream().equals(Streams.schedulerCommand(now.name()))
                || newer.stream().startsWith(Streams.timersOf(now.name()))
                || (newer.isOf(BuildsetCompleted.class)
                        && now.scheduler() instanceof DependentScheduler);
    }

    private Optional<BuildsetSubmitted> buildset(long buildsetId) {
        return log.find(Streams.buildset(buildsetId), 0)
                .map(Recorded::understood)
                .filter(BuildsetSubmitted.class::isInstance)
                .map(BuildsetSubmitted.class::cast);
    }

    private void decide(BoundScheduler now, Recorded cause, SchedulerInput input) {
        SchedulerStream stream = stream();
        Decision decision = now.scheduler().decide(stream.state(), input);
        for (SchedulerEvent event : decision.events()) {
            Entry entry = new Entry(Streams.scheduler(now.name()), stream.nextSequence(), event);
            log.append(author, cause.id(), List.of(entry));
            if (event instanceof SchedulerFired fired) {
                buildsets.submit(author, entry.id(), decision.orderOf(fired), cause.at());
            }
            stream = stream.next(event);
        }
        working = stream;
    }

    private SchedulerStream stream() {
        if (working == null) {
            working = committed;
            firstSequence = working.nextSequence();
        }
        return working;
    }

    @Override
    public void endOfBatch() {
        SchedulerStream stream = working;
        if (stream != null && stream.nextSequence() > firstSequence) {
            statuses.write(bound, stream, author);
        }
    }

    @Override
    public void committed() {
        committed = stream();
        working = null;
    }

    @Override
    public void rolledBack() {
        working = null;
    }
}
