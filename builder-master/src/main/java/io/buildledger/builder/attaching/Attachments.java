package io.buildledger.builder.attaching;

/**
 * Decides whether a worker with the right password may attach here, and is told when it has gone.
 * Called on threads that may block.
 */
public interface Attachments {

    /** What {@link #admit} decides. */
    sealed interface Admission {

        /** The worker is attached. */
        record Admitted() implements Admission {}

        /**
         * The connection will be closed; the worker tries again after a few seconds.
         *
         * @param reason in words that the worker's log shows
         */
        record Refused(String reason) implements Admission {}
    }

    /**
     * The connection can be used already, and may go at any time. Nothing limits how long this
     * takes. An exception counts as a refusal.
     */
    Admission admit(WorkerConnection connection);

    /**
     * The connection of a worker that was admitted is gone: none of its listeners is called any
     * more. Told exactly once for each, after {@link #admit} has returned, and never for one that
     * was refused.
     */
    void gone(WorkerConnection connection, String reason);
}
