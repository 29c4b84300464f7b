package io.buildledger.scheduler.changing.hooking;

import io.buildledger.scheduler.changing.InvalidChangeException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What comes as a request's body; read here and not by the container, which drops what is wrong.
 */
final class HookBody {

    private static final String FORM = "application/x-www-form-urlencoded";

    /** A sender whose body is not read to its end may not see the answer. */
    private static final long MOST_UNREAD = 100L * 1024 * 1024;

    private HookBody() {}

    /**
     * Reads a body, and no more of it than fits.
     *
     * @param limit in bytes
     * @throws InvalidChangeException if it is larger
     */
    static byte[] read(HttpServletRequest request, int limit) throws IOException {
        InputStream in = request.getInputStream();
        if (request.getContentLengthLong() <= limit) {
            byte[] body = in.readNBytes(limit + 1);
            if (body.length <= limit) {
                return body;
            }
        }
        long unread = MOST_UNREAD;
        for (long skipped = -1; skipped != 0 && unread > 0; unread -= skipped) {
            skipped = in.skip(unread);
        }
        throw InvalidChangeException.tooLarge("body", limit);
    }

    static boolean isForm(@Nullable String contentType) {
        return contentType != null && contentType.startsWith(FORM);
    }

    static InvalidChangeException wrongType(@Nullable String contentType, String expected) {
        return InvalidChangeException.malformed(
                "Content-Type", "is %s: send %s".formatted(contentType, expected));
    }

    /**
     * The fields of a form that are not empty.
     *
     * @param known those that there are
     */
    static Map<String, String> form(byte[] body, Collection<String> known) {
        Map<String, String> form = new HashMap<>();
        // Each byte a character, until the escapes are undone.
        for (String field : new String(body, StandardCharsets.ISO_8859_1).split("&", -1)) {
            if (field.isEmpty()) {
                continue;
            }
            int equals = field.indexOf('=');
            String name = unescape(equals < 0 ? field : field.substring(0, equals), "body");
            String value = equals < 0 ? "" : unescape(field.substring(equals + 1), name);
            if (!known.contains(name)) {
                throw InvalidChangeException.malformed(
                        name, "there is no such field; known are " + String.join(", ", known));
            }
            if (form.put(name, value) != null) {
                throw InvalidChangeException.malformed(name, "is given twice: give it once");
            }
        }
        form.values().removeIf(String::isEmpty);
        return form;
    }

    private static String unescape(String bytes, String field) {
        try {
            return text(
                    URLDecoder.decode(bytes, StandardCharsets.ISO_8859_1)
                            .getBytes(StandardCharsets.ISO_8859_1),
                    field);
        } catch (IllegalArgumentException e) {
            throw InvalidChangeException.malformed(field, "has a broken %-escape");
        }
    }

    /** What bytes are in UTF-8. */
    static String text(byte[] bytes, String field) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw InvalidChangeException.malformed(field, "is not UTF-8");
        }
    }
}
