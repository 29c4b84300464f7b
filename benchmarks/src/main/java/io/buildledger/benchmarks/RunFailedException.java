package io.buildledger.benchmarks;

/** A benchmark has no figures to show, or a fault run no verdict; the message says why. */
public final class RunFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public RunFailedException(String message) {
        super(message);
    }

    public RunFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
