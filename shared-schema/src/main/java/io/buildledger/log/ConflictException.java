package io.buildledger.log;

/**
 * Somebody else has written at the expected position of a stream: a lost race. Nothing of the
 * transaction is kept.
 */
public final class ConflictException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ConflictException(Throwable cause) {
        super("another master has written at the expected position of a stream", cause);
    }
}
