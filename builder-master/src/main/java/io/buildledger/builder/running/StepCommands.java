package io.buildledger.builder.running;

import io.buildledger.builder.logging.StepOutput;
import java.io.IOException;

/** Runs the commands of one step into its log. */
record StepCommands(
        CommandRunner runner, StepOutput output, RunningMark mark, Interruption interruption) {

    Ending run(Invocation invocation) throws IOException, StepRefusedException {
        return run(invocation, OutputTap.NONE);
    }

    Ending run(Invocation invocation, OutputTap tap) throws IOException, StepRefusedException {
        return runner.run(invocation, output, tap, mark, interruption);
    }

    void note(String text) {
        output.header(text);
    }
}
