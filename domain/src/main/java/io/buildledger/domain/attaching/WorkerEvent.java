package io.buildledger.domain.attaching;

import java.time.Instant;
import java.util.List;

/**
 * What can happen to a worker; the stream is {@code worker/NAME}, where a local worker goes by its
 * {@link WorkerName}. A worker is attached to one life of one master at most: to the one that
 * {@link WorkerAttached} tells of last, until {@link WorkerDetached}, or until that life of the
 * master is over. {@link WorkerState} is what comes of it.
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

    /** No build is to be claimed for it by any master; what runs on it goes on. */
    record WorkerPaused(String worker, String reason, String requestedBy) implements WorkerEvent {}

    /**
     * It may build again: an end to its pause, its quarantine, and a stop that has not come yet.
     */
    record WorkerUnpaused(String worker, String reason, String requestedBy)
            implements WorkerEvent {}

    /**
     * No build is to be claimed for it by any master, and the one that has it shuts it down when
     * the last build on it has ended.
     */
    record WorkerStopRequested(String worker, String reason, String requestedBy)
            implements WorkerEvent {}

    /** The worker was told to shut down, as somebody had asked, and has answered that it does. */
    record WorkerStopped(String worker, String master, long epoch) implements WorkerEvent {}

    /**
     * A build came to nothing because of the worker, so that it is not used for a while.
     *
     * @param master whose build it was
     * @param failures how many there were in a row, this one included
     * @param until by the database's clock
     * @param reason what went wrong
     */
    record WorkerQuarantined(
            String worker, String master, long epoch, int failures, Instant until, String reason)
            implements WorkerEvent {}

    /** A build ended well on a worker whose last one had come to nothing because of it. */
    record WorkerRecovered(String worker, String master, long epoch) implements WorkerEvent {}

    /**
     * No master has had the worker for longer than the configuration allows. It is told of once,
     * until the worker attaches again.
     *
     * @param master that noticed
     * @param missingTimeoutMillis how long it may be absent, by that master's file
     */
    record WorkerMissing(String worker, String master, long epoch, long missingTimeoutMillis)
            implements WorkerEvent {}

    /**
     * A master starts a latent worker. It has it in hand until it is attached, or until {@link
     * WorkerStartFailed}, or until that life of the master is over.
     */
    record WorkerStarting(String worker, String master, long epoch) implements WorkerEvent {}

    /**
     * A latent worker could not be started, or has not come in time. Whatever was started of it has
     * been stopped again, as far as that could be done.
     */
    record WorkerStartFailed(String worker, String master, long epoch, String reason)
            implements WorkerEvent {}

    /**
     * A master takes down what runs a latent worker. It has it in hand until {@link WorkerOff}, or
     * until that life of the master is over.
     */
    record WorkerEnding(String worker, String master, long epoch, String reason)
            implements WorkerEvent {}

    /** What ran a latent worker was taken down, as far as that could be done. */
    record WorkerOff(String worker, String master, long epoch) implements WorkerEvent {}
}
