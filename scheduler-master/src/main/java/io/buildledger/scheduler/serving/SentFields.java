package io.buildledger.scheduler.serving;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The fields that came with a command: of a form, of a JSON object, or of the address. Whatever is
 * wrong with one is a {@link BadParameterException} that names it.
 */
record SentFields(Map<String, String> values) {

    private static final int LARGEST_BODY = 64 * 1024;
    private static final JsonMapper JSON = JsonMapper.shared();

    /**
     * @param known the fields that the command has
     */
    static SentFields of(HttpServletRequest request, List<String> known) throws IOException {
        Map<String, String> values = new HashMap<>();
        parameters(request)
                .forEach((name, given) -> {
                    if (given.length > 1) {
                        throw new BadParameterException(name + ": is given twice: give it once");
                    }
                    values.put(name, given[0]);
                });
        if (isJson(request.getContentType())) {
            addJson(request, values);
        }
        values.keySet().stream()
                .filter(name -> !known.contains(name))
                .findFirst()
                .ifPresent(it -> {
                    throw new BadParameterException(
                            "%s: there is no such field; known are %s"
                                    .formatted(it, String.join(", ", known)));
                });
        return new SentFields(values);
    }

    static Map<String, String[]> parameters(HttpServletRequest request) {
        try {
            return request.getParameterMap();
        } catch (IllegalStateException e) {
            // The container's word for a form that it can't decode.
            throw new BadParameterException("body: is not a form in UTF-8");
        }
    }

    private static boolean isJson(@Nullable String type) {
        return type != null && type.startsWith(MediaType.APPLICATION_JSON_VALUE);
    }

    private static void addJson(HttpServletRequest request, Map<String, String> values)
            throws IOException {
        byte[] body = request.getInputStream().readNBytes(LARGEST_BODY + 1);
        if (body.length > LARGEST_BODY) {
            throw new BadParameterException("body: has more than %d bytes".formatted(LARGEST_BODY));
        }
        if (body.length == 0) {
            return;
        }
        for (Map.Entry<String, JsonNode> field : object(body).properties()) {
            JsonNode value = field.getValue();
            if (value.isContainer()) {
                throw new BadParameterException(
                        field.getKey() + ": is not text, a number, true or false");
            }
            if (!value.isNull()) {
                values.put(field.getKey(), value.asString());
            }
        }
    }

    private static JsonNode object(byte[] body) {
        try {
            JsonNode json = JSON.readTree(body);
            if (json.isObject()) {
                return json;
            }
        } catch (JacksonException e) {
            // Told like any other body that is no object.
        }
        throw new BadParameterException("body: is not a JSON object, though its type says so");
    }

    /** A field's text, in one line. */
    String text(String name, String absent, int longest) {
        String text = values.getOrDefault(name, absent);
        if (text.length() > longest) {
            throw new BadParameterException(
                    "%s: has more than %d characters".formatted(name, longest));
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new BadParameterException(name + ": has a control character");
        }
        return text;
    }

    boolean flag(String name) {
        return switch (values.getOrDefault(name, "false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new BadParameterException(name + ": is neither true nor false");
        };
    }

    int number(String name) {
        String text = values.get(name);
        if (text == null) {
            throw new BadParameterException(name + ": is missing: send a whole number");
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new BadParameterException(
                    "%s: is not a whole number from %d to %d"
                            .formatted(name, Integer.MIN_VALUE, Integer.MAX_VALUE));
        }
    }
}
