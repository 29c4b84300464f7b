package io.buildledger.starting;

/** A master can't start; the message says why and what to do, for the person who started it. */
public final class StartRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StartRefusedException(String message) {
        super(message);
    }
}
