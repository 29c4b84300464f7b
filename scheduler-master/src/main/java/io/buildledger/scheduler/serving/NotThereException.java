package io.buildledger.scheduler.serving;

/** There is no such thing; the message says what there isn't. */
public final class NotThereException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NotThereException(String message) {
        super(message);
    }
}
