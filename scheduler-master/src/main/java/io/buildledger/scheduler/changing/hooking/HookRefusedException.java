package io.buildledger.scheduler.changing.hooking;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** A delivery that is not looked at, whatever it holds; the message says what would be right. */
final class HookRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final HttpStatus status;
    private final @Nullable String challenge;

    HookRefusedException(HttpStatus status, String message) {
        this(status, message, null);
    }

    private HookRefusedException(HttpStatus status, String message, @Nullable String challenge) {
        super(message);
        this.status = status;
        this.challenge = challenge;
    }

    /**
     * The sender has not said who it is.
     *
     * @param challenge what {@code WWW-Authenticate} says
     */
    static HookRefusedException unauthorized(String message, String challenge) {
        return new HookRefusedException(HttpStatus.UNAUTHORIZED, message, challenge);
    }

    HttpStatus status() {
        return status;
    }

    @Nullable String challenge() {
        return challenge;
    }
}
