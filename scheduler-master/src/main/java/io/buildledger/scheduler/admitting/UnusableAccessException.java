package io.buildledger.scheduler.admitting;

/** A file of users or tokens that can't be used; the message says which, where and why. */
public final class UnusableAccessException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnusableAccessException(String message) {
        super(message);
    }
}
