package io.buildledger.domain.attaching;

import java.util.List;

/**
 * What can happen to a worker that attaches to masters; the stream is {@code worker/NAME}. A worker
 * is attached to one life of one master at most: to the one that {@link WorkerAttached} tells of
 * last, until {@link WorkerDetached}, or until that life of the master is over.
 */
public sealed interface WorkerEvent {

    String worker();

    /**
     * @param epoch which life of the master has it
     * @param version of its software, as it says
     * @param system {@code posix} or {@code nt}
     * @param orphans ids of the commands that the log shows as running on it, which the master ends
     *     before it uses the worker
     */
    record WorkerAttached(
            String worker,
            String master,
            long epoch,
            String version,
            String system,
            List<String> orphans)
            implements WorkerEvent {}

    /** The connection is gone, or was closed. */
    record WorkerDetached(String worker, String master, long epoch, String reason)
            implements WorkerEvent {}

    /**
     * A connection in the worker's name has come to another master. The one that has the worker is
     * to find out whether it still does.
     *
     * @param master that has it
     * @param contestedBy the other master
     */
    record WorkerContested(String worker, String master, long epoch, String contestedBy)
            implements WorkerEvent {}
}
