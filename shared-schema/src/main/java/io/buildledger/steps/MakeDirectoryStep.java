package io.buildledger.steps;

import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;

/**
 * Makes a directory on the worker, and those above it; succeeds where there is one.
 *
 * @param dir relative to the builder's directory, such as {@code build/out}
 */
@StepType(value = "make_directory", haltOnFailure = true)
public record MakeDirectoryStep(String dir) implements Step {

    @Override
    public void check(StepProblems problems) {
        new RequiredKeys("make_directory", problems).ofBuilder("dir", dir);
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        run.worker().makeDirectory(dir);
        return StepEnd.succeeded("made " + dir);
    }
}
