package io.buildledger.scheduler.scheduling;

import io.buildledger.claiming.Buildsets;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangesScheduled;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerInput;
import io.buildledger.domain.scheduling.SchedulerInput.ChangeArrived;
import io.buildledger.domain.scheduling.SchedulerInput.Configured;
import io.buildledger.domain.scheduling.SchedulerInput.TimerElapsed;
import io.buildledger.domain.scheduling.SingleBranchScheduler;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs one scheduler over the log. What it decides, the buildsets that come of it and its place in
 * the log commit together, so that a change is decided upon once, whoever runs the scheduler and
 * however often that one dies.
 *
 * <p>Every start, end and loss of a master is an event. So whoever takes a scheduler over reads one
 * soon, and records its configuration then, even when no change comes.
 */
final class SchedulerReader implements Follower.Reader {

    /** What the scheduler's stream says, and where it ends. */
    private record Progress(SingleBranchScheduler.State state, long nextSequence) {}

    private final SingleBranchScheduler scheduler;
    private final String digest;
    private final EventLog log;
    private final Buildsets buildsets;
    private final Author author;

    /** As of the last commit; null when it has to be read from the log. */
    private volatile @Nullable Progress committed;

    /** As of the batch that is being read. */
    private @Nullable Progress working;

    SchedulerReader(
            SingleBranchScheduler scheduler,
            String digest,
            EventLog log,
            Buildsets buildsets,
            Author author) {
        this.scheduler = scheduler;
        this.digest = digest;
        this.log = log;
        this.buildsets = buildsets;
        this.author = author;
    }

    String name() {
        return scheduler.name();
    }

    /**
     * The timer that ran at this master's last batch. Another may have taken the scheduler over
     * since and armed a later one; then this one fires for nothing.
     */
    Optional<TimerArmed> armedTimer() {
        return Optional.ofNullable(state().timer());
    }

    /** What the scheduler knew at this master's last batch; the initial state before the first. */
    SingleBranchScheduler.State state() {
        Progress progress = committed;
        return progress == null ? SingleBranchScheduler.State.INITIAL : progress.state();
    }

    @Override
    public void read(Recorded recorded) {
        decide(recorded, new Configured(digest, recorded.at()));
        if (recorded.event() instanceof ChangeReceived change) {
            decide(recorded, new ChangeArrived(change, recorded.at()));
        } else if (recorded.event() instanceof TimerFired fired
                && fired.scheduler().equals(scheduler.name())) {
            decide(recorded, new TimerElapsed(fired.timer()));
        }
    }

    private void decide(Recorded cause, SchedulerInput input) {
        Progress progress = progress();
        List<SchedulerEvent> events = scheduler.decide(progress.state(), input);
        for (SchedulerEvent event : events) {
            Entry entry =
                    new Entry(Streams.scheduler(scheduler.name()), progress.nextSequence(), event);
            log.append(author, cause.id(), List.of(entry));
            if (event instanceof ChangesScheduled firing) {
                buildsets.submit(
                        author,
                        entry.stream() + "@" + entry.sequence(),
                        firing,
                        scheduler.builderNames(),
                        scheduler.priority(),
                        scheduler.queueTimeout(),
                        cause.at());
            }
            progress =
                    new Progress(
                            scheduler.evolve(progress.state(), event), progress.nextSequence() + 1);
        }
        working = progress;
    }

    private Progress progress() {
        if (working == null) {
            Progress known = committed;
            working = known == null || !isCurrent(known) ? load() : known;
        }
        return working;
    }

    /** Another master may have had the scheduler since the last batch. */
    private boolean isCurrent(Progress known) {
        return log.lastSequence(Streams.scheduler(scheduler.name())).orElse(-1) + 1
                == known.nextSequence();
    }

    private Progress load() {
        SingleBranchScheduler.State state = SingleBranchScheduler.State.INITIAL;
        long next = 0;
        for (Recorded recorded : log.read(Streams.scheduler(scheduler.name()))) {
            if (!(recorded.event() instanceof SchedulerEvent event)) {
                throw new IllegalStateException(
                        "%s was written by a newer program, which this master does not understand: run that program"
                                .formatted(recorded.id()));
            }
            state = scheduler.evolve(state, event);
            next = recorded.sequence() + 1;
        }
        return new Progress(state, next);
    }

    @Override
    public void committed() {
        committed = working;
        working = null;
    }

    @Override
    public void rolledBack() {
        // Perhaps because another master owns the scheduler by now: what this one knows may be old.
        committed = null;
        working = null;
    }
}
