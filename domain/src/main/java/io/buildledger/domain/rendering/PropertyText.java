package io.buildledger.domain.rendering;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a property's value reads in a text: as in JSON, but for a text, which stands for itself.
 * Booleans are {@code true} and {@code false}, as they are written in the configuration and sent to
 * the API. (Buildbot writes Python: {@code True}, {@code ['a', 'b']}. Who needs these words gets
 * them from {@code %(prop:x:#?|True|False)s}.)
 *
 * <p>Numbers have no exponent: 1500000, 2.0, 0.001; those with more than forty zeros do.
 */
public final class PropertyText {

    private static final int MOST_ZEROS = 40;

    private PropertyText() {}

    /**
     * @param value what {@link BuildProperties} can hold, or part of it
     */
    public static String of(Object value) {
        if (value instanceof String text) {
            return text;
        }
        StringBuilder json = new StringBuilder();
        append(json, value);
        return json.toString();
    }

    /** Whether Python, and so Buildbot, takes the value for true. The text {@code false} is. */
    static boolean isTrue(Object value) {
        return switch (value) {
            case Boolean it -> it;
            case String it -> !it.isEmpty();
            case Number it -> decimal(it).signum() != 0;
            case Collection<?> it -> !it.isEmpty();
            case Map<?, ?> it -> !it.isEmpty();
            default -> true;
        };
    }

    private static void append(StringBuilder json, @Nullable Object value) {
        switch (value) {
            case null -> json.append("null");
            case String text -> appendQuoted(json, text);
            case Number number -> json.append(plain(decimal(number)));
            case List<?> list -> appendList(json, list);
            case Map<?, ?> map -> appendMap(json, map);
            default -> json.append(value);
        }
    }

    private static void appendList(StringBuilder json, List<?> list) {
        json.append('[');
        Iterator<?> elements = list.iterator();
        while (elements.hasNext()) {
            append(json, elements.next());
            json.append(elements.hasNext() ? "," : "");
        }
        json.append(']');
    }

    private static void appendMap(StringBuilder json, Map<?, ?> map) {
        json.append('{');
        Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<?, ?> entry = entries.next();
            appendQuoted(json, String.valueOf(entry.getKey()));
            json.append(':');
            append(json, entry.getValue());
            json.append(entries.hasNext() ? "," : "");
        }
        json.append('}');
    }

    private static void appendQuoted(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> json.append('\\').append(c);
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < ' ') {
                        json.append("\\u%04x".formatted((int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }

    /** Also of numbers that a double can't hold. */
    private static BigDecimal decimal(Number number) {
        return number instanceof BigDecimal it ? it : new BigDecimal(number.toString());
    }

    /** 1E999999999 is a short text, and a gigabyte when it is written out. */
    private static String plain(BigDecimal number) {
        return number.scale() < -MOST_ZEROS || number.scale() - number.precision() > MOST_ZEROS
                ? number.toString()
                : number.toPlainString();
    }
}
