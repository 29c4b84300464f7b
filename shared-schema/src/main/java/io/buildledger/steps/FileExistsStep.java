package io.buildledger.steps;

import io.buildledger.stepping.FileStatus;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;
import java.util.Optional;

/**
 * Fails unless there is a file on the worker.
 *
 * @param file its path, relative to the builder's directory, such as {@code build/Makefile}
 */
@StepType(value = "file_exists", haltOnFailure = true)
public record FileExistsStep(String file) implements Step {

    @Override
    public void check(StepProblems problems) {
        new RequiredKeys("file_exists", problems).ofBuilder("file", file);
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        Optional<FileStatus> found = run.worker().stat(file);
        if (found.isEmpty()) {
            return StepEnd.failed(run.name(), null, "there is no file " + file);
        }
        return found.get().kind() == FileStatus.Kind.FILE
                ? StepEnd.succeeded("there is a file " + file)
                : StepEnd.failed(run.name(), null, file + " is not a file");
    }
}
