package io.buildledger.sealing;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * A SHA-256 hash.
 *
 * @param hex its 64 digits, in lower case
 */
record Hash(String hex) {

    static final int BYTES = 32;

    /** Before the first block. */
    static final Hash NONE = of(new byte[BYTES]);

    static Hash of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a hash of %d bytes".formatted(bytes.length));
        }
        return new Hash(HexFormat.of().formatHex(bytes));
    }

    /** One that nobody can guess. */
    static Hash random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return of(bytes);
    }

    byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return hex;
    }
}
