package io.buildledger.scheduler.scheduling;

import io.buildledger.claiming.Buildsets;
import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.Decision;
import io.buildledger.domain.scheduling.DependentScheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerInput;
import io.buildledger.domain.scheduling.SchedulerInput.BuildsetEnded;
import io.buildledger.domain.scheduling.SchedulerInput.ChangeArrived;
import io.buildledger.domain.scheduling.SchedulerInput.Commanded;
import io.buildledger.domain.scheduling.SchedulerInput.Configured;
import io.buildledger.domain.scheduling.SchedulerInput.TimerElapsed;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
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
            Buildsets buildsets,
            SchedulerStatuses statuses,
            Author author) {
        this.bound = bound;
        this.log = log;
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
        committed = committed.readOn(log, name());
        String renamedTo = committed.state().renamedTo();
        if (renamedTo != null) {
            LOG.warn(
                    "scheduler {} stands by: it goes on as {}, which another master runs, or which is in this file, too",
                    name(),
                    renamedTo);
        }
    }

    /**
     * Nothing comes of what the schedulers have made of changes and what builds it became, which is
     * most of the log: with many schedulers each would else make a transaction for the events of
     * every other. All else is read, for the configuration's sake too.
     */
    @Override
    public boolean concerns(Object event) {
        return switch (event) {
            case SchedulerEvent _, BuildsetSubmitted _, BuildRequestEvent _, BuildEvent _ -> false;
            default -> true;
        };
    }

    @Override
    public void read(Recorded recorded) {
        BoundScheduler now = bound;
        decide(now, recorded, new Configured(now.digest(), now.configuration(), recorded.at()));
        input(now, recorded).ifPresent(input -> decide(now, recorded, input));
    }

    private Optional<SchedulerInput> input(BoundScheduler now, Recorded recorded) {
        return switch (recorded.event()) {
            case NewerEvent newer when isInput(now, newer) -> throw newer.refused();
            // Where it begins there may not have been that change yet.
            case ChangeReceived change when isBeforeStart(now, change) -> Optional.empty();
            case ChangeReceived change -> Optional.of(new ChangeArrived(change, recorded.at()));
            case TimerFired fired when fired.scheduler().equals(now.name()) ->
                    Optional.of(new TimerElapsed(fired.timer(), recorded.at()));
            case SchedulerCommandEvent command when command.scheduler().equals(now.name()) ->
                    Optional.of(new Commanded(command, recorded.at()));
            case BuildsetCompleted completed when now.scheduler() instanceof DependentScheduler ->
                    log.find(Streams.buildset(completed.buildsetId()), 0)
                            .map(Recorded::understood)
                            .filter(BuildsetSubmitted.class::isInstance)
                            .map(BuildsetSubmitted.class::cast)
                            .map(it -> new BuildsetEnded(it, completed.results(), recorded.at()));
            default -> Optional.empty();
        };
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

    private static boolean isBeforeStart(BoundScheduler now, ChangeReceived change) {
        Long first = now.startAtChange();
        return first != null && change.changeId() < first;
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
