package io.buildledger.scheduler.changing.hooking;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Who may send to {@code /change_hook/base}.
 *
 * @param credentials {@code USER:PASSWORD}, or null if everybody may
 */
record Login(@Nullable String credentials) {

    private static final String BASIC = "basic ";

    /**
     * @param authorization what the request says
     * @throws HookRefusedException with 401 if it is not this user; how much of it is right takes
     *     no time that tells
     */
    void require(@Nullable String authorization) {
        if (credentials == null) {
            return;
        }
        if (authorization == null) {
            throw refusal("is missing: send this hook's user and password");
        }
        byte[] expected = credentials.getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(expected, decoded(authorization))) {
            throw refusal("is not this hook's user and password");
        }
    }

    private static byte[] decoded(String authorization) {
        if (authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            try {
                return Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
            } catch (IllegalArgumentException e) {
                // Nobody's.
            }
        }
        return new byte[0];
    }

    private static HookRefusedException refusal(String problem) {
        return HookRefusedException.unauthorized(
                "Authorization: " + problem, "Basic realm=\"change_hook/base\", charset=\"UTF-8\"");
    }

    @Override
    public String toString() {
        return credentials == null ? "everybody" : "one user";
    }
}
