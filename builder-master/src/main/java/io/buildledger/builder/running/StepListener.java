package io.buildledger.builder.running;

import io.buildledger.artifacts.KeptArtifact;
import io.buildledger.builder.working.CommandJournal;
import io.buildledger.commanding.Question;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Told as steps begin and end, on the build's thread, in order. What it throws ends the build and
 * comes out of {@link RunningBuild#run}.
 */
public interface StepListener extends CommandJournal {

    /**
     * @param step number of the step within its build, from 1
     */
    void stepStarted(int step, String name);

    /**
     * The step that runs has given the build a property.
     *
     * @param step number of the step
     */
    void propertySet(int step, String name, Property property);

    /**
     * The step that runs has left a file behind.
     *
     * @param step number of the step
     * @param artifact number within the build, from 1
     */
    void artifactStored(int step, int artifact, KeptArtifact kept);

    /**
     * The step that runs asks a scheduler for other builds. Returns once that is recorded.
     *
     * @param step number of the step
     * @return what the scheduler will make of it
     * @throws IOException if the build is not this master's any more
     */
    Question schedulerAsked(int step, BuildTriggered command) throws IOException;

    /**
     * The step's log is complete by now, though it may not have reached the database.
     *
     * @param exitCode of the step's command, or null where it ran none or was killed
     * @param summary one line for people
     * @param hidden whether people are not shown the step unless they ask
     */
    void stepFinished(
            int step, Results results, @Nullable Integer exitCode, String summary, boolean hidden);
}
