package io.buildledger.scheduler.admitting;

/** There is no provider at which somebody could log in now; the message tells them. */
public final class ProviderAwayException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ProviderAwayException(String message) {
        super(message);
    }
}
