package io.buildledger.secrets;

import java.util.Optional;

/** Where secrets are. Threads may ask at once. */
interface SecretProvider {

    /** How messages name it, such as {@code vault https://vault.example.org}. */
    String title();

    /**
     * A secret as it is now, or nothing if there is none of this name.
     *
     * @throws SecretUnavailableException if it can't be said whether there is one, or what it is
     */
    Optional<String> find(String name);
}
