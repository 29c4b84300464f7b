package io.buildledger.builder.working;

import io.buildledger.stepping.CurrentBuild;
import io.buildledger.stepping.StepAbortedException;
import java.io.IOException;

/** The directories of builders on workers, each of which one build at most may have. */
public interface Workplaces {

    /**
     * Takes the directory of the build's builder on the build's worker, once nothing of an earlier
     * build runs in it any more.
     *
     * @param journal is told of commands that may outlive the connection to the worker
     * @param interruption of the build, which ends every wait of the workplace
     * @throws StepAbortedException if it can't be had
     */
    Workplace take(CurrentBuild build, CommandJournal journal, Interruption interruption)
            throws IOException, StepAbortedException;
}
