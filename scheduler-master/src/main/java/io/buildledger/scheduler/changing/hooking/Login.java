package io.buildledger.scheduler.changing.hooking;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * Who may send to {@code /change_hook/base}, and to {@code /change_hook/poller}.
 *
 * @param credentials {@code USER:PASSWORD}, or null if there are none
 * @param isOpenWithout whether everybody may then, and not nobody
 */
record Login(@Nullable String credentials, boolean isOpenWithout) {

    private static final String BASIC = "basic ";

    /**
     * @param authorization what the request says
     * @throws HookRefusedException with 401 if it is not this user; how much of it is right takes
     *     no time that tells; with 403 if nobody may
     */
    void require(@Nullable String authorization) {
        if (credentials == null && isOpenWithout) {
            return;
        }
        if (credentials == null) {
            throw new HookRefusedException(
                    HttpStatus.FORBIDDEN,
                    "the configuration says who may what, by 'access', and of the hooks base and poller it says nothing: "
                            + "add change_hooks: {base: {user: NAME, password_file: FILE}} to it");
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
        return credentials != null ? "one user" : isOpenWithout ? "everybody" : "nobody";
    }
}
