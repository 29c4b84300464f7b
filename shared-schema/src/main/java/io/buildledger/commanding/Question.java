package io.buildledger.commanding;

import io.buildledger.commanding.SchedulerCommands.Outcome;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRetired;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a scheduler's owner makes of a command that is in the log. A scheduler that goes on under
 * another name meanwhile is followed. Used by one thread at a time.
 */
public final class Question {

    private static final int PAGE = 100;

    /** A renaming, and what is asked again because of it, are in one transaction. */
    private static final int NEAR = 1_000;

    private final EventLog log;

    /** Of the command, and of those by which it was asked again. */
    private final Set<String> commands = new HashSet<>();

    private String scheduler;
    private long seen;

    /**
     * @param scheduler which was asked
     * @param seen a place on its stream, before that of the decision
     * @param command the id of the event by which it was asked
     */
    Question(EventLog log, String scheduler, long seen, String command) {
        this.log = log;
        this.scheduler = scheduler;
        this.seen = seen;
        commands.add(command);
    }

    /**
     * About a command of any age.
     *
     * @throws IllegalArgumentException if there is no such command
     */
    public static Question about(EventLog log, String command) {
        Recorded asked =
                log.find(command)
                        .filter(it -> it.understood() instanceof SchedulerCommandEvent)
                        .orElseThrow(() ->
                                new IllegalArgumentException("there is no command " + command));
        String scheduler = ((SchedulerCommandEvent) asked.event()).scheduler();
        return new Question(
                log, scheduler, log.sequenceBefore(Streams.scheduler(scheduler), asked), command);
    }

    /** The stream that the decision will be on, unless the scheduler gets another name. */
    public String stream() {
        return Streams.scheduler(scheduler);
    }

    /** The place on the stream up to which there is no decision. */
    public long seen() {
        return seen;
    }

    /** Reads on; empty while no master has come to the command. */
    public Optional<Outcome> look() {
        while (true) {
            List<Recorded> page = log.readAfter(stream(), seen, PAGE);
            boolean isElsewhere = false;
            for (Recorded recorded : page) {
                seen = recorded.sequence();
                if (recorded.event() instanceof SchedulerRetired retired) {
                    if (!follow(recorded, retired.renamedTo())) {
                        return Optional.of(
                                new Outcome.Refused(
                                        "it goes on as %s, and was not asked under that name"
                                                .formatted(retired.renamedTo())));
                    }
                    isElsewhere = true;
                    break;
                }
                Optional<Outcome> outcome = answer(recorded);
                if (outcome.isPresent()) {
                    return outcome;
                }
            }
            if (!isElsewhere && page.size() < PAGE) {
                return Optional.empty();
            }
        }
    }

    private Optional<Outcome> answer(Recorded recorded) {
        return isFollowedBy(recorded) ? SchedulerCommands.outcome(log, recorded) : Optional.empty();
    }

    private boolean isFollowedBy(Recorded recorded) {
        return recorded.metadata().get("cause") instanceof String cause && commands.contains(cause);
    }

    /**
     * Goes on where the scheduler does.
     *
     * @return whether it reads the command there: it is asked again, or has come back to a name
     *     under which it was asked
     */
    private boolean follow(Recorded retired, String name) {
        String ofCommands = Streams.schedulerCommand(name);
        List<Recorded> renaming = log.readFrom(retired, NEAR);
        renaming.stream()
                .filter(it -> it.stream().equals(ofCommands))
                .filter(this::isFollowedBy)
                .forEach(again -> commands.add(again.id()));
        scheduler = name;
        seen =
                renaming.stream()
                        .filter(it -> it.stream().equals(stream()))
                        .filter(it -> it.event() instanceof SchedulerRenamed)
                        .mapToLong(Recorded::sequence)
                        .findFirst()
                        .orElse(-1);
        return commands.stream().anyMatch(it -> it.startsWith(ofCommands + "@"));
    }
}
