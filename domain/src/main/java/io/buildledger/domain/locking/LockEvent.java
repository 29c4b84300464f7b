package io.buildledger.domain.locking;

import org.jspecify.annotations.Nullable;

/**
 * What can happen to a lock; the stream is {@code lock/NAME}, or {@code lock/NAME/WORKER} of a lock
 * that each worker has one of, where a local worker is {@code MASTER/WORKER}, or {@code
 * lock/builder:BUILDER} of the builds that a builder may have at once. A lock is given to tickets.
 */
public sealed interface LockEvent {

    String lock();

    /** Tells apart all that were ever in the line of the lock, in the order in which they came. */
    long ticket();

    /**
     * Somebody has come for the lock.
     *
     * @param attempt the how-manieth claim of the request the build is
     * @param step number of the step that will hold it, or null if the whole build will
     * @param count how much of it
     * @param maxCount how much there is, by the configuration of the master
     * @param master that runs the build
     * @param epoch which life of it
     */
    record LockRequested(
            String lock,
            long ticket,
            String builder,
            long buildNumber,
            long requestId,
            int attempt,
            @Nullable Integer step,
            LockMode mode,
            int count,
            int maxCount,
            String master,
            long epoch)
            implements LockEvent {}

    /** From here on it is held. */
    record LockGranted(
            String lock, long ticket, String builder, long buildNumber, @Nullable Integer step)
            implements LockEvent {}

    /** It is not held, and not waited for, any more. */
    record LockReleased(
            String lock,
            long ticket,
            String builder,
            long buildNumber,
            @Nullable Integer step,
            String reason)
            implements LockEvent {}
}
