package io.buildledger.builder.logging;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Makes UTF-8 of whatever a command has printed. A byte that belongs to no character becomes the
 * four characters {@code \xNN}, N being a hexadecimal digit in lower case, so that no byte is lost
 * to a reader. Everything else stays, a backslash and control characters, too: what a command has
 * printed as {@code \xNN} itself looks the same.
 */
final class VisibleBytes {

    private static final char REPLACEMENT = '\uFFFD';

    private VisibleBytes() {}

    /** Whether this is UTF-8, which needs no change. */
    static boolean isText(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] < 0) {
                // A replacement character that was there is a rare one, and survives the long way.
                return new String(bytes, 0, length, StandardCharsets.UTF_8).indexOf(REPLACEMENT)
                        < 0;
            }
        }
        return true;
    }

    static byte[] of(byte[] bytes, int length) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes, 0, length);
        CharBuffer out = CharBuffer.allocate(length);
        StringBuilder text = new StringBuilder(length);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            text.append(out.flip());
            out.clear();
            if (!result.isMalformed()) {
                return text.toString().getBytes(StandardCharsets.UTF_8);
            }
            for (int i = 0; i < result.length(); i++) {
                text.append("\\x%02x".formatted(in.get() & 0xFF));
            }
        }
    }
}
