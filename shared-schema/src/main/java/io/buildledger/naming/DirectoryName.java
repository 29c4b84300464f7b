package io.buildledger.naming;

import java.nio.charset.StandardCharsets;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Makes directory names of the names of workers and builders: harmless ones, and different ones of
 * different names. In each a percent sign is followed by a hexadecimal digit, by {@code -} or by
 * another one, so that other files can have names that no builder's directory has.
 */
public final class DirectoryName {

    /** File systems take 255 bytes; some are left for names derived from these. */
    private static final int LONGEST = 200;

    private static final int KEPT_OF_LONG = 100;

    private DirectoryName() {}

    public static String of(String name) {
        if (name.isEmpty()) {
            return "%-";
        }
        if (name.equals(".") || name.equals("..")) {
            return name.replace(".", "%2E");
        }
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        StringBuilder escaped = new StringBuilder();
        for (byte value : bytes) {
            char c = (char) (value & 0xFF);
            if (isHarmless(c)) {
                escaped.append(c);
            } else {
                escaped.append("%%%02X".formatted((int) c));
            }
        }
        return escaped.length() <= LONGEST
                ? escaped.toString()
                : escaped.substring(0, KEPT_OF_LONG) + "%-" + DigestUtils.sha256Hex(bytes);
    }

    private static boolean isHarmless(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }
}
