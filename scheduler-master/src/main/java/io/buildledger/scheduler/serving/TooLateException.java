package io.buildledger.scheduler.serving;

/** What was asked for can't be had any more; the message says why. */
public final class TooLateException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TooLateException(String message) {
        super(message);
    }
}
