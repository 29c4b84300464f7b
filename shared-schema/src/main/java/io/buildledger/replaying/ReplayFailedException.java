package io.buildledger.replaying;

/** A replay has come to nothing, and has changed nothing; the message says why, for people. */
public final class ReplayFailedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    ReplayFailedException(String message) {
        super(message);
    }
}
