package io.buildledger.steps;

import io.buildledger.stepping.Command;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command.
 *
 * @param command a list is run as it is, a string by {@code /bin/sh -c}
 */
@StepType("shell")
public record ShellStep(Command command) implements Step {

    @Override
    public @Nullable String defaultName() {
        return command == null ? null : command.shortName();
    }

    @Override
    public void check(StepProblems problems) {
        if (command == null) {
            problems.missing("command", "a shell step lacks its command: add command: ...");
        }
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        return run.endOf(run.command(command.words()));
    }
}
