package io.buildledger.commanding;

import io.buildledger.commanding.SchedulerCommands.Outcome;
import io.buildledger.domain.building.BuildEvent.SchedulerAsked;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.List;
import java.util.Optional;

/** Which other builds a build has asked for, by the log. */
public final class TriggeredBuilds {

    /**
     * What a step asked a scheduler for.
     *
     * @param outcome empty while no master has come to it
     */
    public record Triggered(SchedulerAsked asked, Optional<Outcome> outcome) {}

    private final EventLog log;

    public TriggeredBuilds(EventLog log) {
        this.log = log;
    }

    /** All that a build has asked for, in that order. */
    public List<Triggered> by(String builder, long buildNumber) {
        return log.readOfType(Streams.build(builder, buildNumber), SchedulerAsked.class).stream()
                .map(Recorded::event)
                .filter(SchedulerAsked.class::isInstance)
                .map(it -> of((SchedulerAsked) it))
                .toList();
    }

    /** What became of it. */
    public Triggered of(SchedulerAsked asked) {
        return new Triggered(asked, Question.about(log, asked.command()).look());
    }
}
