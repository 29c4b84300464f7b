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
 * What came with a command that takes more than texts: a JSON object, or a form, of which a field
 * that is given several times is a list. Whatever is wrong with a value is a {@link
 * BadParameterException} that names it.
 */
record SentValues(Map<String, Object> values) {

    private static final int LARGEST_BODY = 1024 * 1024;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    /** Whatever fields there are. */
    static Map<String, Object> of(HttpServletRequest request) throws IOException {
        return read(request, LARGEST_BODY);
    }

    /**
     * @param known the fields that the command has
     * @param largest how much the largest of them may have, in bytes
     */
    static SentValues known(HttpServletRequest request, List<String> known, int largest)
            throws IOException {
        Map<String, Object> values = read(request, largest + LARGEST_BODY);
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                throw new BadParameterException(
                        "%s: there is no such field; known are %s"
                                .formatted(name, String.join(", ", known)));
            }
        }
        return new SentValues(values);
    }

    private static Map<String, Object> read(HttpServletRequest request, int largest)
            throws IOException {
        String type = request.getContentType();
        Map<String, Object> values = new LinkedHashMap<>();
        if (type != null && type.startsWith(MediaType.APPLICATION_JSON_VALUE)) {
            byte[] body = request.getInputStream().readNBytes(largest + 1);
            if (body.length > largest) {
                throw new BadParameterException("body: has more than %d bytes".formatted(largest));
            }
            values.putAll(object(body));
        } else {
            SentFields.parameters(request)
                    .forEach((name, given) ->
                            values.put(name, given.length == 1 ? given[0] : List.of(given)));
        }
        values.values().removeIf(Objects::isNull);
        return values;
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

    String text(String name, String absent, int longest) {
        Object value = values.get(name);
        if (value == null) {
            return absent;
        }
        if (!(value instanceof String text)) {
            throw new BadParameterException(name + ": is not a text");
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

    int number(String name, int absent, int least, int most) {
        Object value = values.get(name);
        if (value == null) {
            return absent;
        }
        try {
            int number = Integer.parseInt(String.valueOf(value));
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
