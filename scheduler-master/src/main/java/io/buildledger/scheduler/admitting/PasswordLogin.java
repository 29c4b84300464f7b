package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.AccessName;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.crypto.password.PasswordEncoder;

/**
 * Looks at names and passwords, by the file of users as it is now. A name that is not there takes
 * as long as a password of the file's first user that is wrong.
 */
final class PasswordLogin implements AuthenticationProvider {

    /** Argon2 takes memory, and all of a processor: whoever sends many must not have it all. */
    private static final int AT_ONCE = 2;

    private static final long PATIENCE_SECONDS = 5;

    private final Admission admission;
    private final LoginAttempts attempts;
    private final PasswordEncoder passwords = new Passwords();
    private final Semaphore looking = new Semaphore(AT_ONCE, true);

    PasswordLogin(Admission admission, LoginAttempts attempts) {
        this.admission = admission;
        this.attempts = attempts;
    }

    @Override
    public Authentication authenticate(Authentication shown) {
        String name = shown.getName();
        String address = String.valueOf(shown.getDetails());
        if (!AccessName.isOne(name)) {
            // Nobody's, and not to be kept in order to count it.
            throw new BadCredentialsException("no name");
        }
        if (!attempts.begin(address, name)) {
            throw new TooManyAttemptsException(
                    LoginAttempts.WHILE,
                    "too many passwords were wrong: try again in %d minutes"
                            .formatted(LoginAttempts.WHILE.toMinutes()));
        }
        try {
            if (!looking.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                attempts.takeBack(address, name);
                throw new TooManyAttemptsException(
                        Duration.ofSeconds(PATIENCE_SECONDS),
                        "too many people log in at once: try again in a moment");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TooManyAttemptsException(
                    Duration.ofSeconds(PATIENCE_SECONDS), "this master ends: log in at another");
        }
        try {
            ListedUser user = look(name, String.valueOf(shown.getCredentials()));
            attempts.succeed(address, name);
            return UsernamePasswordAuthenticationToken.authenticated(user, "", List.of());
        } catch (AuthenticationServiceException e) {
            attempts.takeBack(address, name);
            throw e;
        } finally {
            looking.release();
        }
    }

    private ListedUser look(String name, String password) {
        UsersFile users;
        try {
            users =
                    admission
                            .users()
                            .orElseThrow(
                                    () -> new BadCredentialsException("there is no file of users"));
        } catch (UnusableAccessException e) {
            throw new AuthenticationServiceException(String.valueOf(e.getMessage()), e);
        }
        String hash = users.hashOf(name);
        String looked = hash == null ? users.anyHash() : hash;
        if (looked == null || !passwords.matches(password, looked) || hash == null) {
            throw new BadCredentialsException("no such name with this password");
        }
        return new ListedUser(name, hash);
    }

    @Override
    public boolean supports(Class<?> authentication) {
        return UsernamePasswordAuthenticationToken.class.isAssignableFrom(authentication);
    }
}
