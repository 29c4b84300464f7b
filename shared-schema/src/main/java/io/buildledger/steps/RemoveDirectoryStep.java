package io.buildledger.steps;

import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;

/**
 * Removes a directory on the worker with all that is in it; succeeds where there is none.
 *
 * @param dir relative to the builder's directory, such as {@code build/out}
 */
@StepType(value = "remove_directory", haltOnFailure = true)
public record RemoveDirectoryStep(String dir) implements Step {

    @Override
    public void check(StepProblems problems) {
        new RequiredKeys("remove_directory", problems).ofBuilder("dir", dir);
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        run.worker().remove(dir);
        return StepEnd.succeeded("removed " + dir);
    }
}
