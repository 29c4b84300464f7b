package io.buildledger.commanding;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.domain.building.BuildEvent.SchedulerAsked;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.GroupCommit.Outcome;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets builds ask schedulers for other builds. That a scheduler is asked and that a build's step
 * has asked it are one transaction, so that a command is in the log once even if the answer to its
 * commit was lost. A database that is away is waited for.
 */
public final class BuildTriggers {

    private static final Logger LOG = LoggerFactory.getLogger(BuildTriggers.class);

    private final EventLog log;
    private final GroupCommit commit;

    public BuildTriggers(EventLog log, GroupCommit commit) {
        this.log = log;
        this.commit = commit;
    }

    /**
     * Asks a scheduler in the name of the command's parent.
     *
     * @param step of that build, which runs
     * @param place on the build's stream where it is to be recorded, after all that was submitted
     *     for it before
     * @return what the scheduler will make of it; empty if somebody else has written at that place,
     *     and nothing was asked
     */
    public Optional<Question> ask(BuildTriggered command, int step, long place)
            throws InterruptedException {
        ParentBuild parent = Objects.requireNonNull(command.parent());
        String scheduler = Streams.scheduler(command.scheduler());
        String commands = Streams.schedulerCommand(command.scheduler());
        String build = Streams.build(parent.builder(), parent.buildNumber());
        long before = outlast(() -> log.lastSequence(scheduler)).orElse(-1);
        while (true) {
            long next = outlast(() -> log.lastSequence(commands)).orElse(-1) + 1;
            Entry asked = new Entry(commands, next, command);
            SchedulerAsked told =
                    new SchedulerAsked(
                            parent.builder(),
                            parent.buildNumber(),
                            step,
                            command.scheduler(),
                            asked.id(),
                            command.waitedFor());
            if (isRecorded(asked, new Entry(build, place, told))) {
                return Optional.of(new Question(log, command.scheduler(), before, asked.id()));
            }
            // Else somebody has asked the same scheduler at the same moment.
            Optional<Recorded> there = outlast(() -> log.find(build, place));
            if (there.isPresent()) {
                return there.filter(it -> it.event().equals(told))
                        .map(_ -> new Question(log, command.scheduler(), before, asked.id()));
            }
        }
    }

    private boolean isRecorded(Entry asked, Entry told) throws InterruptedException {
        try {
            return commit.submit(Submission.of(List.of(asked, told))).get() == Outcome.APPENDED;
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "scheduler command %s could not be recorded".formatted(asked.id()),
                    e.getCause());
        }
    }

    private static <T> T outlast(Supplier<T> attempt) throws InterruptedException {
        return DatabaseTrouble.outlast(
                attempt, reason -> LOG.warn("can't ask a scheduler; trying again: {}", reason));
    }
}
