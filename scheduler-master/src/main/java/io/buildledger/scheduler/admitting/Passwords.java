package io.buildledger.scheduler.admitting;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

/** Hashes of passwords: new ones of Argon2id, and those of bcrypt that others have made. */
public final class Passwords implements PasswordEncoder {

    /** In characters. */
    private static final int LONGEST = 1_000;

    private static final String ARGON2 = "$argon2";

    private final PasswordEncoder argon2 = Argon2PasswordEncoder.defaultsForSpringSecurity_v5_8();
    private final PasswordEncoder bcrypt = new BCryptPasswordEncoder();

    Passwords() {}

    /**
     * The hash of a new password, another one each time. It takes a good part of a second, and some
     * memory, as it does whoever tries passwords.
     *
     * @throws IllegalArgumentException if it is empty, longer than 1,000 characters, or has some
     *     that nobody can enter; the message is for people, without the password
     */
    public static String hash(String password) {
        requireUsable(password);
        return Objects.requireNonNull(new Passwords().encode(password));
    }

    private static void requireUsable(String password) {
        if (password.isEmpty()) {
            throw new IllegalArgumentException("the password is empty: choose another");
        }
        if (password.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "the password has more than %d characters: choose a shorter one"
                            .formatted(LONGEST));
        }
        if (password.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "the password has control characters, or more than one line: nobody could enter it");
        }
    }

    @Override
    public @Nullable String encode(@Nullable CharSequence password) {
        return argon2.encode(password);
    }

    @Override
    public boolean matches(@Nullable CharSequence password, @Nullable String hash) {
        return hash != null && (hash.startsWith(ARGON2) ? argon2 : bcrypt).matches(password, hash);
    }
}
