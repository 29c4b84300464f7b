package io.buildledger.builder.attaching;

/** The connection to a worker went before it had answered, or was gone already. */
public final class WorkerLostException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    WorkerLostException(String worker, String reason) {
        super("worker %s is lost: %s".formatted(worker, reason));
    }
}
