package io.buildledger.database;

/**
 * The database can't be used; the message says why and what to do, for the person who started the
 * program.
 */
public class UnusableDatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    protected UnusableDatabaseException(String message, Throwable cause) {
        super(message, cause);
    }

    protected UnusableDatabaseException(String message) {
        super(message);
    }
}
