package io.buildledger.secrets;

import io.buildledger.showing.Printable;

/**
 * It can't be said what a secret is, nor that there is none. The message names the secret and who
 * was asked for it, and is safe to be shown to everybody.
 */
public final class SecretUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * @param why without anything of the secret's value, nor of what gives access to it
     */
    SecretUnavailableException(String secret, SecretProvider provider, String why) {
        super(Printable.of("secret %s of %s: %s".formatted(secret, provider.title(), why)));
    }
}
