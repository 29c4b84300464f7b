package io.buildledger.log;

import io.buildledger.database.UnusableDatabaseException;

/**
 * A file of the archive is missing, or not what was archived; the message names it and says what to
 * do.
 */
public final class UnusableArchiveException extends UnusableDatabaseException {
    private static final long serialVersionUID = 1;

    UnusableArchiveException(String message, Throwable cause) {
        super(message, cause);
    }

    UnusableArchiveException(String message) {
        super(message);
    }
}
