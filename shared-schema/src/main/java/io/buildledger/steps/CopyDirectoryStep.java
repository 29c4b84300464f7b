package io.buildledger.steps;

import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;

/**
 * Copies a directory on the worker.
 *
 * @param src relative to the builder's directory, such as {@code build/data}
 * @param dest relative to the builder's directory
 */
@StepType(value = "copy_directory", haltOnFailure = true)
public record CopyDirectoryStep(String src, String dest) implements Step {

    @Override
    public void check(StepProblems problems) {
        new RequiredKeys("copy_directory", problems).ofBuilder("src", src).ofBuilder("dest", dest);
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        run.worker().copyDirectory(src, dest);
        return StepEnd.succeeded("copied %s to %s".formatted(src, dest));
    }
}
