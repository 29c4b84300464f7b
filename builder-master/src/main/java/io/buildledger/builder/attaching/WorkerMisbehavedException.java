package io.buildledger.builder.attaching;

import java.io.IOException;

/**
 * A worker says or asks what no worker says or asks in the command that it runs. The worker is to
 * blame, and neither the master nor what is built.
 */
public final class WorkerMisbehavedException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * @param what goes on after "the worker misbehaves: "; may hold the worker's words
     */
    public WorkerMisbehavedException(String what) {
        super(what);
    }
}
