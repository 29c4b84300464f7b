package io.buildledger.scheduler.admitting;

import java.time.Duration;
import org.springframework.security.core.AuthenticationException;

/** A password that was not looked at, as too many have come. */
final class TooManyAttemptsException extends AuthenticationException {

    private static final long serialVersionUID = 1L;

    private final Duration after;

    /**
     * @param after when it is worth another try
     */
    TooManyAttemptsException(Duration after, String message) {
        super(message);
        this.after = after;
    }

    Duration after() {
        return after;
    }
}
