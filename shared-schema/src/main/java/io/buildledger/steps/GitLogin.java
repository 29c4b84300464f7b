package io.buildledger.steps;

import org.jspecify.annotations.Nullable;

/**
 * What git shows over HTTP to be let in.
 *
 * @param url the beginning of the addresses that get it, such as {@code https://git.example.org};
 *     not for {@code auth_credentials}, which belong to the step's own repository
 */
public record GitLogin(@Nullable String url, String username, String password) {

    /** Without the password. */
    @Override
    public String toString() {
        return "%s at %s".formatted(username, url);
    }
}
