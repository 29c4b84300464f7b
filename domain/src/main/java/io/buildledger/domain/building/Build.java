package io.buildledger.domain.building;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.building.BuildEvent.ArtifactStored;
import io.buildledger.domain.building.BuildEvent.BuildDropped;
import io.buildledger.domain.building.BuildEvent.CommandStarted;
import io.buildledger.domain.building.BuildEvent.PropertySet;
import io.buildledger.domain.building.BuildEvent.SchedulerAsked;
import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;

/**
 * The steps of a build, for those who check a history: one at a time, in the order of their
 * numbers, until the build ends or is dropped. A number is left out where a step was passed over.
 */
public sealed interface Build {

    /**
     * @param last number of the step that finished last, 0 before the first
     */
    record BetweenSteps(int last) implements Build {}

    record InStep(int step) implements Build {}

    /** Its master has thrown it away; nothing follows. */
    record Dropped() implements Build {}

    Build BEFORE_THE_FIRST_STEP = new BetweenSteps(0);

    /**
     * The state after the event.
     *
     * @throws IllegalTransition if the event can't follow on this state
     */
    static Build evolve(Build state, BuildEvent event) {
        return switch (event) {
            case StepStarted started
                    when state instanceof BetweenSteps(int last) && started.step() > last ->
                    new InStep(started.step());
            case StepFinished finished
                    when state instanceof InStep(int step) && finished.step() == step ->
                    new BetweenSteps(step);
            case CommandStarted started
                    when state instanceof InStep(int step) && started.step() == step ->
                    state;
            case PropertySet set when state instanceof InStep(int step) && set.step() == step ->
                    state;
            case ArtifactStored stored
                    when state instanceof InStep(int step) && stored.step() == step ->
                    state;
            case SchedulerAsked asked
                    when state instanceof InStep(int step) && asked.step() == step ->
                    state;
            case BuildDropped _ when !(state instanceof Dropped) -> new Dropped();
            case StepStarted _,
                    CommandStarted _,
                    PropertySet _,
                    ArtifactStored _,
                    SchedulerAsked _,
                    StepFinished _,
                    BuildDropped _ ->
                    throw new IllegalTransition(state, event);
        };
    }
}
