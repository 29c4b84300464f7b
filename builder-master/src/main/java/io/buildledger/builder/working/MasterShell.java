package io.buildledger.builder.working;

import io.buildledger.builder.logging.LogsOfStep;
import io.buildledger.stepping.CurrentBuild;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.Invocation;
import io.buildledger.stepping.StepAbortedException;
import java.io.IOException;

/** Runs commands of steps on the builder master itself, as the user that it runs as. */
public interface MasterShell {

    /**
     * Runs a command to its end, as a worker does.
     *
     * @param step number of the step within its build
     * @param interruption of the build, which ends the command
     * @throws StepAbortedException also if the configuration does not allow it
     */
    Ending run(
            CurrentBuild build,
            int step,
            Invocation invocation,
            LogsOfStep logs,
            Interruption interruption)
            throws IOException, StepAbortedException;
}
