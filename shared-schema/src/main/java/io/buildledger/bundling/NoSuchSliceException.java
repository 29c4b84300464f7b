package io.buildledger.bundling;

/** What a bundle was asked of is not in the log. */
public final class NoSuchSliceException extends RuntimeException {

    private static final long serialVersionUID = 1;

    NoSuchSliceException(String message) {
        super(message);
    }
}
