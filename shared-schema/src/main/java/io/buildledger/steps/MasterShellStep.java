package io.buildledger.steps;

import io.buildledger.stepping.Command;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;

/**
 * Runs a command on the builder master itself, as the user that the master runs as; only where the
 * file says {@code allow_master_shell: true}. A relative {@code workdir} is below a directory that
 * is empty before and removed afterwards; an absolute one must be there.
 *
 * @param command a list is run as it is, a string by {@code /bin/sh -c}
 */
@StepType(value = "master_shell", haltOnFailure = true, onMaster = true)
public record MasterShellStep(Command command) implements Step {

    @Override
    public void check(StepProblems problems) {
        if (command == null) {
            problems.missing("command", "a master_shell step lacks its command: add command: ...");
        }
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        return run.endOf(run.onMaster(run.invocation(command.words())));
    }
}
