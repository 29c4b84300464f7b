package io.buildledger.scheduler.serving;

/** Others ask for so much that this one must wait; the message says so. */
final class TooManyAtOnceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooManyAtOnceException(String message) {
        super(message);
    }
}
