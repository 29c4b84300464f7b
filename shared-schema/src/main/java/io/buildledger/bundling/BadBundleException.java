package io.buildledger.bundling;

/** A file is no bundle that this program can read. */
public final class BadBundleException extends Exception {

    private static final long serialVersionUID = 1;

    BadBundleException(String message) {
        super(message);
    }

    BadBundleException(String message, Throwable cause) {
        super(message, cause);
    }
}
