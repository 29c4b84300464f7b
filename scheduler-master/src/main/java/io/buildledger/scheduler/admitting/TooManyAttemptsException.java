package io.buildledger.scheduler.admitting;

import org.springframework.security.core.AuthenticationException;

/** A password that was not looked at, as too many have come. */
final class TooManyAttemptsException extends AuthenticationException {

    private static final long serialVersionUID = 1L;

    TooManyAttemptsException(String message) {
        super(message);
    }
}
