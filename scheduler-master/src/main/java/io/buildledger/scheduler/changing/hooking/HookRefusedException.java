package io.buildledger.scheduler.changing.hooking;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** A delivery that is not looked at, whatever it holds; the message says what would be right. */
final class HookRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final HttpStatus status;
    private final @Nullable String challenge;
    private final @Nullable Duration after;

    HookRefusedException(HttpStatus status, String message) {
        this(status, message, null, null);
    }

    private HookRefusedException(
            HttpStatus status,
            String message,
            @Nullable String challenge,
            @Nullable Duration after) {
        super(message);
        this.status = status;
        this.challenge = challenge;
        this.after = after;
    }

    /**
     * The sender has not said who it is.
     *
     * @param challenge what {@code WWW-Authenticate} says
     */
    static HookRefusedException unauthorized(String message, String challenge) {
        return new HookRefusedException(HttpStatus.UNAUTHORIZED, message, challenge, null);
    }

    /**
     * The sender was wrong too often.
     *
     * @param after when it is worth another try
     */
    static HookRefusedException tooMany(String message, Duration after) {
        return new HookRefusedException(HttpStatus.TOO_MANY_REQUESTS, message, null, after);
    }

    HttpStatus status() {
        return status;
    }

    @Nullable String challenge() {
        return challenge;
    }

    @Nullable Duration after() {
        return after;
    }
}
