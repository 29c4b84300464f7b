package io.buildledger.scheduler.admitting;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.authentication.dao.DaoAuthenticationProvider;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

/**
 * Looks at names and passwords, by the file of users as it is now. A name that is not there takes
 * as long as a password that is wrong.
 */
final class PasswordLogin implements AuthenticationProvider {

    /** Argon2 takes memory, and all of a processor: whoever sends many must not have it all. */
    private static final int AT_ONCE = 2;

    private static final long PATIENCE_SECONDS = 5;

    private final LoginAttempts attempts;
    private final DaoAuthenticationProvider users;
    private final Semaphore looking = new Semaphore(AT_ONCE, true);

    PasswordLogin(Admission admission, LoginAttempts attempts) {
        this.attempts = attempts;
        users = new DaoAuthenticationProvider(name -> user(admission, name));
        users.setPasswordEncoder(new Passwords());
    }

    private static UserDetails user(Admission admission, String name) {
        return admission
                .hashOf(name)
                .map(hash -> new ListedUser(name, hash))
                .orElseThrow(() -> UsernameNotFoundException.fromUsername(name));
    }

    @Override
    public Authentication authenticate(Authentication shown) {
        String name = shown.getName();
        String address =
                shown.getDetails() instanceof WebAuthenticationDetails details
                        ? details.getRemoteAddress()
                        : "";
        if (!attempts.begin(address, name)) {
            throw new TooManyAttemptsException(
                    "too many passwords were wrong: try again in %d minutes"
                            .formatted(LoginAttempts.WHILE.toMinutes()));
        }
        Authentication known = look(shown);
        attempts.succeed(address, name);
        return known;
    }

    private Authentication look(Authentication shown) {
        try {
            if (!looking.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new TooManyAttemptsException(
                        "too many people log in at once: try again in a moment");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TooManyAttemptsException("this master ends: log in at another");
        }
        try {
            return users.authenticate(shown);
        } finally {
            looking.release();
        }
    }

    @Override
    public boolean supports(Class<?> authentication) {
        return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
    }
}
