package io.buildledger.chaos;

/** The run could not be carried out; the message says why. */
final class ChaosFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ChaosFailedException(String message) {
        super(message);
    }

    ChaosFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
