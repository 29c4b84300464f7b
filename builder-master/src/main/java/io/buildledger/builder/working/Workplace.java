package io.buildledger.builder.working;

import io.buildledger.builder.logging.LogsOfStep;
import io.buildledger.stepping.Worker;

/** The directory that a build has, until it is closed. */
public interface Workplace extends AutoCloseable {

    /**
     * The worker, as one step sees it.
     *
     * @param step number of the step within its build
     * @param logs get what its commands print
     */
    Worker during(int step, LogsOfStep logs);

    @Override
    void close();
}
