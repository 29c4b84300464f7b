package io.buildledger.commanding;

import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerEvent.CommandRefused;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerDisabled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerEnabled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.TriggerKept;
import io.buildledger.log.Answers;
import io.buildledger.log.Author;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Asks something of a scheduler. The command is in the log when a call returns, whichever master
 * takes it; the scheduler's owner acts upon it when it comes to it, in the order of the log, and
 * exactly once.
 */
public final class SchedulerCommands {

    /** What the scheduler's owner has made of a command. */
    public sealed interface Outcome {

        /** The buildset that came of it. */
        record Submitted(BuildsetSubmitted buildset) implements Outcome {}

        /** It is done, and no buildset comes of it now. */
        record Done() implements Outcome {}

        record Refused(String reason) implements Outcome {}
    }

    private static final int TRIES = 20;

    private final EventLog log;
    private final Answers answers;

    /**
     * @param nanoTime as of {@link System#nanoTime}
     */
    public SchedulerCommands(EventLog log, LongSupplier nanoTime) {
        this.log = log;
        this.answers = new Answers(log, nanoTime);
    }

    /**
     * Records a command.
     *
     * @return its id, which is the cause of what comes of it
     */
    public String ask(Author author, SchedulerCommandEvent command) {
        String stream = Streams.schedulerCommand(command.scheduler());
        for (int i = 1; ; i++) {
            Entry entry = new Entry(stream, log.lastSequence(stream).orElse(-1) + 1, command);
            try {
                log.inTransaction(() -> log.append(author, null, List.of(entry)));
                return entry.id();
            } catch (ConflictException e) {
                // Somebody else asks at the same moment.
                if (i == TRIES) {
                    throw e;
                }
            }
        }
    }

    /**
     * Records a command and waits for what the scheduler's owner makes of it.
     *
     * @param patience how long at most
     * @return empty if it has not come to it; it will
     */
    public Optional<Outcome> askAndWait(
            Author author, SchedulerCommandEvent command, Duration patience)
            throws InterruptedException {
        String stream = Streams.scheduler(command.scheduler());
        long before = log.lastSequence(stream).orElse(-1);
        String id = ask(author, command);
        return answers.await(
                stream,
                before,
                patience,
                recorded ->
                        id.equals(recorded.metadata().get("cause"))
                                ? outcome(log, recorded)
                                : Optional.empty());
    }

    /**
     * Whether a scheduler was last told to be enabled or to be disabled, whether or not it is so
     * yet; empty if it was told neither.
     */
    public Optional<Boolean> lastSwitch(String scheduler) {
        return log.findLast(Streams.schedulerCommand(scheduler), SchedulerSwitched.class)
                .map(Recorded::event)
                .filter(SchedulerSwitched.class::isInstance)
                .map(it -> ((SchedulerSwitched) it).enabled());
    }

    /** What a decision upon a command came to; empty for an event that ends none. */
    static Optional<Outcome> outcome(EventLog log, Recorded recorded) {
        return switch (recorded.event()) {
            case SchedulerFired _ -> Firings.buildsetOf(log, recorded).map(Outcome.Submitted::new);
            case CommandRefused refused -> Optional.of(new Outcome.Refused(refused.reason()));
            case SchedulerEnabled _, SchedulerDisabled _, TriggerKept _ ->
                    Optional.of(new Outcome.Done());
            default -> Optional.empty();
        };
    }
}
