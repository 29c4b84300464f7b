package io.buildledger.domain.attaching;

import java.time.Duration;
import java.time.Instant;

/** What people want of a worker, and what masters find out about it. */
public sealed interface WorkerCommand {

    String worker();

    record Pause(String worker, String reason, String requestedBy) implements WorkerCommand {}

    record Unpause(String worker, String reason, String requestedBy) implements WorkerCommand {}

    record RequestStop(String worker, String reason, String requestedBy) implements WorkerCommand {}

    /** The master's shutdown was answered. */
    record Stopped(String worker, String master, long epoch) implements WorkerCommand {}

    /** A build came to nothing because of the worker. */
    record Failed(
            String worker, String master, long epoch, String reason, Backoff backoff, Instant now)
            implements WorkerCommand {}

    /** A build ended well. */
    record Recovered(String worker, String master, long epoch) implements WorkerCommand {}

    /** Nobody has had it for so long. */
    record Missed(String worker, String master, long epoch, Duration missingTimeout)
            implements WorkerCommand {}

    /**
     * There is something on offer for a latent worker.
     *
     * @param isHeld whether a living master has it, or has it in hand
     */
    record Start(String worker, String master, long epoch, boolean isHeld, Instant now)
            implements WorkerCommand {}

    /** A latent worker that the master has in hand could not be started. */
    record StartFailed(
            String worker, String master, long epoch, String reason, Backoff backoff, Instant now)
            implements WorkerCommand {}

    /**
     * A latent worker is to be taken down.
     *
     * @param isHeld whether another living master has it, or a living one has it in hand
     */
    record End(String worker, String master, long epoch, String reason, boolean isHeld)
            implements WorkerCommand {}

    /** It was taken down. */
    record Ended(String worker, String master, long epoch) implements WorkerCommand {}
}
