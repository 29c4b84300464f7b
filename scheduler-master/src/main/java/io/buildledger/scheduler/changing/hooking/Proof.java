package io.buildledger.scheduler.changing.hooking;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import org.apache.commons.codec.digest.HmacAlgorithms;
import org.apache.commons.codec.digest.HmacUtils;

/**
 * How a forge shows that a delivery is its own; how much of it is right takes no time that tells.
 */
sealed interface Proof {

    /** The header that holds it. */
    String header();

    boolean shows(String value, String secret, byte[] body);

    /**
     * The HMAC-SHA-256 of the body, in hexadecimal.
     *
     * @param prefix what stands before it
     */
    record Signature(String header, String prefix) implements Proof {
        @Override
        public boolean shows(String value, String secret, byte[] body) {
            String expected =
                    prefix
                            + new HmacUtils(
                                            HmacAlgorithms.HMAC_SHA_256,
                                            secret.getBytes(StandardCharsets.UTF_8))
                                    .hmacHex(body);
            return isEqual(expected, value.strip().toLowerCase(Locale.ROOT));
        }
    }

    /** The secret itself. */
    record Token(String header) implements Proof {
        @Override
        public boolean shows(String value, String secret, byte[] body) {
            return isEqual(secret, value);
        }
    }

    private static boolean isEqual(String expected, String value) {
        return MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
    }
}
