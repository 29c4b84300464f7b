package io.buildledger.archiving;

/** Nothing is archived; the message says why and what to do. */
public final class ArchiveRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ArchiveRefusedException(String message) {
        super(message);
    }

    ArchiveRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
