package io.buildledger.scheduler.serving;

/** What was asked for can't be had any more; the message says why. */
final class TooLateException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooLateException(String message) {
        super(message);
    }
}
