package io.buildledger.scheduler.serving;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The fields that came with a command: of a form, of a JSON object, or of the address. One that a
 * form gives several times is a list. Whatever is wrong with one is a {@link BadParameterException}
 * that names it.
 */
record SentFields(Map<String, Object> values) {

    private static final int LARGEST_COMMAND = 64 * 1024;
    private static final int LARGEST_FORM = 1024 * 1024;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    /** Whatever fields there are. */
    static SentFields all(HttpServletRequest request) throws IOException {
        return new SentFields(read(request, LARGEST_FORM));
    }

    /**
     * @param known the fields that the command has
     */
    static SentFields of(HttpServletRequest request, List<String> known) throws IOException {
        return of(request, known, 0);
    }

    /**
     * @param known the fields that the command has
     * @param largest how many characters one of them may have that is larger than a command; JSON
     *     may write each as two
     */
    static SentFields of(HttpServletRequest request, List<String> known, int largest)
            throws IOException {
        Map<String, Object> values = read(request, 2 * largest + LARGEST_COMMAND);
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                throw new BadParameterException(
                        "%s: there is no such field; known are %s"
                                .formatted(name, String.join(", ", known)));
            }
        }
        return new SentFields(values);
    }

    private static Map<String, Object> read(HttpServletRequest request, int largest)
            throws IOException {
        String type = request.getContentType();
        Map<String, Object> values = new LinkedHashMap<>();
        parameters(request)
                .forEach((name, given) ->
                        values.put(name, given.length == 1 ? given[0] : List.of(given)));
        if (type != null && type.startsWith(MediaType.APPLICATION_JSON_VALUE)) {
            byte[] body = request.getInputStream().readNBytes(largest + 1);
            if (body.length > largest) {
                throw new BadParameterException("body: has more than %d bytes".formatted(largest));
            }
            if (body.length > 0) {
                values.putAll(object(body));
            }
        }
        values.values().removeIf(Objects::isNull);
        return values;
    }

    private static Map<String, String[]> parameters(HttpServletRequest request) {
        try {
            return request.getParameterMap();
        } catch (IllegalStateException e) {
            // The container's word for a form that it can't decode.
            throw new BadParameterException("body: is not a form in UTF-8");
        }
    }

    private static Map<String, Object> object(byte[] body) {
        try {
            Map<String, Object> object = JSON.readValue(body, OBJECT);
            if (object != null) {
                return object;
            }
        } catch (JacksonException e) {
            // Told like any other body that is no object.
        }
        throw new BadParameterException("body: is not a JSON object, though its type says so");
    }

    /** A field as it was written; null if it is absent. */
    private @Nullable String scalar(String name) {
        Object value = values.get(name);
        return switch (value) {
            case null -> null;
            case List<?> _ ->
                    throw new BadParameterException(name + ": is given twice: give it once");
            case Map<?, ?> _ ->
                    throw new BadParameterException(
                            name + ": is not text, a number, true or false");
            default -> String.valueOf(value);
        };
    }

    /** A text, which may have several lines. */
    String text(String name, String absent, int longest) {
        String text = scalar(name);
        if (text == null) {
            return absent;
        }
        if (text.length() > longest) {
            throw new BadParameterException(
                    "%s: has more than %d characters".formatted(name, longest));
        }
        return text;
    }

    String required(String name, int longest) {
        String text = text(name, "", longest);
        if (text.isBlank()) {
            throw new BadParameterException(name + ": is missing or empty: send a text");
        }
        return text;
    }

    /** A text without control characters. */
    String line(String name, String absent, int longest) {
        String text = text(name, absent, longest);
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new BadParameterException(name + ": has a control character");
        }
        return text;
    }

    @Nullable String lineOrNull(String name, int longest) {
        String text = line(name, "", longest);
        return text.isEmpty() ? null : text;
    }

    boolean flag(String name) {
        return switch (scalar(name)) {
            case null -> false;
            case "true" -> true;
            case "false" -> false;
            default -> throw new BadParameterException(name + ": is neither true nor false");
        };
    }

    /** A whole number that has to be there. */
    int number(String name) {
        if (!values.containsKey(name)) {
            throw new BadParameterException(name + ": is missing: send a whole number");
        }
        return number(name, 0, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    /** A whole number within bounds, which are in. */
    int number(String name, int absent, int least, int most) {
        String text = scalar(name);
        if (text == null) {
            return absent;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told like any other number that is out of range.
        }
        throw new BadParameterException(
                "%s: is not a whole number from %d to %d".formatted(name, least, most));
    }

    List<String> texts(String name) {
        Object value = values.get(name);
        return switch (value) {
            case null -> List.of();
            case String text -> text.isBlank() ? List.of() : List.of(text);
            case List<?> list when list.stream().allMatch(String.class::isInstance) ->
                    list.stream().map(String::valueOf).toList();
            default -> throw new BadParameterException(name + ": is not a list of texts");
        };
    }

    /** An object, or a text that holds one. */
    Map<String, Object> map(String name) {
        Object value = values.get(name);
        try {
            return switch (value) {
                case null -> Map.of();
                case String text when text.isBlank() -> Map.of();
                case String text -> withoutNulls(name, JSON.readValue(text, OBJECT));
                case Map<?, ?> map -> withoutNulls(name, JSON.convertValue(map, OBJECT));
                default -> throw new BadParameterException(name + ": is not a JSON object");
            };
        } catch (JacksonException e) {
            throw new BadParameterException(name + ": is not a JSON object");
        }
    }

    private static Map<String, Object> withoutNulls(
            String name, @Nullable Map<String, Object> map) {
        if (map == null || map.values().stream().anyMatch(Objects::isNull)) {
            throw new BadParameterException(name + ": is null, or has a null in it");
        }
        return map;
    }
}
