package io.buildledger.scheduler.serving;

/** The message names the parameter and says what it may be. */
public final class BadParameterException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BadParameterException(String message) {
        super(message);
    }
}
