package io.buildledger.scheduler.serving;

import io.buildledger.scheduler.serving.SentField.Flag;
import io.buildledger.scheduler.serving.SentField.Json;
import io.buildledger.scheduler.serving.SentField.Line;
import io.buildledger.scheduler.serving.SentField.Text;
import io.buildledger.scheduler.serving.SentField.Texts;
import io.buildledger.scheduler.serving.SentField.Whole;
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
 *
 * @param sent what may be read
 */
record SentFields(Sent sent, Map<String, Object> values) {

    private static final int LARGEST_COMMAND = 64 * 1024;
    private static final int LARGEST_FORM = 1024 * 1024;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    static SentFields of(HttpServletRequest request, Sent sent) throws IOException {
        Map<String, Object> values = read(request, largest(sent));
        for (String name : values.keySet()) {
            if (!sent.isOpen() && !sent.has(name)) {
                throw new BadParameterException(
                        "%s: there is no such field; known are %s".formatted(name, sent.names()));
            }
        }
        return new SentFields(sent, values);
    }

    /** JSON may write each character as two. */
    private static int largest(Sent sent) {
        return sent.isOpen()
                ? LARGEST_FORM
                : sent.fields().stream()
                                .mapToInt(it -> it instanceof Text text ? 2 * text.longest() : 0)
                                .max()
                                .orElse(0)
                        + LARGEST_COMMAND;
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

    private @Nullable Object value(SentField field) {
        if (!sent.fields().contains(field)) {
            throw new IllegalArgumentException(
                    "%s is not among what %s has".formatted(field.name(), sent));
        }
        return values.get(field.name());
    }

    /** A field as it was written; null if it is absent. */
    private @Nullable String scalar(SentField field) {
        Object value = value(field);
        return switch (value) {
            case null -> null;
            case List<?> _ ->
                    throw new BadParameterException(
                            field.name() + ": is given twice: give it once");
            case Map<?, ?> _ ->
                    throw new BadParameterException(
                            field.name() + ": is not text, a number, true or false");
            default -> String.valueOf(value);
        };
    }

    private static String bounded(String text, String name, int longest) {
        if (text.length() > longest) {
            throw new BadParameterException(
                    "%s: has more than %d characters".formatted(name, longest));
        }
        return text;
    }

    /** Empty if it is not there, and need not be. */
    String text(Text field) {
        String text =
                bounded(
                        Objects.requireNonNullElse(scalar(field), ""),
                        field.name(),
                        field.longest());
        if (field.isRequired() && text.isBlank()) {
            throw new BadParameterException(field.name() + ": is missing or empty: send a text");
        }
        return text;
    }

    /** Empty if it is not there. */
    String line(Line field) {
        String text =
                bounded(
                        Objects.requireNonNullElse(scalar(field), ""),
                        field.name(),
                        field.longest());
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new BadParameterException(field.name() + ": has a control character");
        }
        return text;
    }

    @Nullable String lineOrNull(Line field) {
        String text = line(field);
        return text.isEmpty() ? null : text;
    }

    boolean flag(Flag field) {
        return switch (scalar(field)) {
            case null -> false;
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new BadParameterException(field.name() + ": is neither true nor false");
        };
    }

    int number(Whole field) {
        String text = scalar(field);
        if (text == null) {
            if (field.absent() == null) {
                throw new BadParameterException(field.name() + ": is missing: send a whole number");
            }
            return field.absent();
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= field.least() && number <= field.most()) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told like any other number that is out of range.
        }
        throw new BadParameterException(
                "%s: is not a whole number from %d to %d"
                        .formatted(field.name(), field.least(), field.most()));
    }

    /** Empty if it is not there. */
    List<String> texts(Texts field) {
        Object value = value(field);
        return switch (value) {
            case null -> List.of();
            case String text -> text.isBlank() ? List.of() : List.of(text);
            case List<?> list when list.stream().allMatch(String.class::isInstance) ->
                    list.stream().map(String::valueOf).toList();
            default -> throw new BadParameterException(field.name() + ": is not a list of texts");
        };
    }

    /** Empty if it is not there. */
    Map<String, Object> map(Json field) {
        String name = field.name();
        Object value = value(field);
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
