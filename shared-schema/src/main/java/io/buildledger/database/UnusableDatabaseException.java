package io.buildledger.database;

/**
 * The database can't be used; the message says why and what to do, for the person who started the
 * program.
 */
public final class UnusableDatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnusableDatabaseException(String message, Throwable cause) {
        super(message, cause);
    }

    UnusableDatabaseException(String message) {
        super(message);
    }
}
