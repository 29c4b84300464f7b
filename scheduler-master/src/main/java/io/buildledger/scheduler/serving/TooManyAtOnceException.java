package io.buildledger.scheduler.serving;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Others ask for so much that this one must wait; the message says so. */
final class TooManyAtOnceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final @Nullable Duration after;

    TooManyAtOnceException(String message) {
        this(message, null);
    }

    /**
     * @param after when to ask again, in whole seconds
     */
    TooManyAtOnceException(String message, @Nullable Duration after) {
        super(message);
        this.after = after;
    }

    /** When to ask again; null if nobody knows. */
    @Nullable Duration after() {
        return after;
    }
}
