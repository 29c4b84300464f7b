package io.buildledger.scheduler.changing.hooking;

import com.github.benmanes.caffeine.cache.Ticker;
import io.buildledger.scheduler.admitting.Admission;
import io.buildledger.scheduler.admitting.LoginAttempts;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/**
 * Lets those in who may send to {@code /change_hook/base} and {@code /change_hook/poller}, which
 * have one user and one password between them. After as many wrong ones from one address as of
 * people who log in, none from there is looked at for a while.
 */
@Component
final class HookDoor {

    /** Which of all users was meant counts for nothing: there is one. */
    private static final String USER = "";

    private final ConfiguredHooks hooks;
    private final Admission admission;
    private final LoginAttempts attempts = new LoginAttempts(Ticker.systemTicker());

    HookDoor(ConfiguredHooks hooks, Admission admission) {
        this.hooks = hooks;
        this.admission = admission;
    }

    /**
     * @throws HookRefusedException with 401 if it is not this user, with 403 if nobody may, with
     *     429 if it is not looked at
     */
    void require(HttpServletRequest request) {
        Login login = hooks.base();
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (login.credentials() == null || authorization == null) {
            login.require(authorization);
        } else {
            require(login, authorization, admission.addressOf(request));
        }
    }

    /** One after another, lest many right ones that come at once are too many. */
    private synchronized void require(Login login, String authorization, String address) {
        if (!attempts.begin(address, USER)) {
            throw HookRefusedException.tooMany(
                    "Authorization: too many were wrong: send it again in %d minutes"
                            .formatted(LoginAttempts.WHILE.toMinutes()),
                    LoginAttempts.WHILE);
        }
        login.require(authorization);
        attempts.succeed(address, USER);
    }
}
