package io.buildledger.builder.running;

import io.buildledger.artifacts.KeptArtifact;
import io.buildledger.builder.working.CommandJournal;
import io.buildledger.builder.working.Interruption;
import io.buildledger.commanding.Question;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.stepping.LockAccess;
import io.buildledger.stepping.StepAbortedException;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
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
     * Takes locks for the step that runs, and waits for them.
     *
     * @param step number of the step
     * @param interruption ends the wait
     * @param told what the step waits for, for people
     * @throws StepAbortedException if the step can't have them; they are to be released all the
     *     same
     */
    void takeLocks(
            int step, List<LockAccess> locks, Interruption interruption, Consumer<String> told)
            throws StepAbortedException;

    /**
     * Nothing of the step runs any more.
     *
     * @param step number of the step, which has asked for locks
     */
    void releaseLocks(int step);

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
