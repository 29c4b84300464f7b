package io.buildledger.scheduler.admitting;

import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

/** Hashes of passwords: new ones of Argon2id, and those of bcrypt that others have made. */
final class Passwords implements PasswordEncoder {

    private static final String ARGON2 = "$argon2";

    private final PasswordEncoder argon2 = Argon2PasswordEncoder.defaultsForSpringSecurity_v5_8();
    private final PasswordEncoder bcrypt = new BCryptPasswordEncoder();

    @Override
    public @Nullable String encode(@Nullable CharSequence password) {
        return argon2.encode(password);
    }

    @Override
    public boolean matches(@Nullable CharSequence password, @Nullable String hash) {
        return hash != null && (hash.startsWith(ARGON2) ? argon2 : bcrypt).matches(password, hash);
    }
}
