package io.buildledger.scheduler.changing.hooking;

import io.buildledger.scheduler.changing.InvalidChangeException;
import io.buildledger.showing.Printable;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A place in what a forge has sent. Whatever is not there, or is not of the kind that is asked for,
 * is an {@link InvalidChangeException} with the place's path.
 *
 * @param path of the place, as {@code commits[2].author.name}
 * @param node what is there; null if nothing is
 */
record Payload(String path, @Nullable JsonNode node) {

    private static final int DEEPEST = 100;
    private static final int MOST_TOKENS = 5_000_000;
    private static final int LONGEST_NUMBER = 100;
    private static final int LONGEST_NAME = 1_000;

    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(DEEPEST)
                                                    .maxTokenCount(MOST_TOKENS)
                                                    .maxNumberLength(LONGEST_NUMBER)
                                                    .maxNameLength(LONGEST_NAME)
                                                    .maxStringLength(
                                                            ForgeHookController.LARGEST_BODY)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    /** Offsets with and without a colon, and GitLab's own. */
    private static final List<DateTimeFormatter> TIMES =
            List.of(
                    DateTimeFormatter.ISO_OFFSET_DATE_TIME,
                    DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssxx"),
                    DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss[ 'UTC'][ xx]")
                            .withZone(ZoneOffset.UTC));

    /** Reads a whole JSON object. */
    static Payload of(String json) {
        JsonNode node;
        try {
            node = JSON.readTree(json);
        } catch (StreamConstraintsException e) {
            throw InvalidChangeException.malformed(
                    "body", "is JSON that no forge sends: " + firstLine(e));
        } catch (JacksonException e) {
            throw InvalidChangeException.malformed("body", "is not JSON: " + firstLine(e));
        }
        if (node == null || !node.isObject()) {
            throw InvalidChangeException.malformed("body", "is not a JSON object");
        }
        return new Payload("", node);
    }

    private static String firstLine(JacksonException failure) {
        String message = String.valueOf(failure.getOriginalMessage());
        return Printable.of(Printable.cut(message.lines().findFirst().orElse(message), 200));
    }

    /** The place below this one; where this is not there, nor is that. */
    Payload at(String... names) {
        Payload place = this;
        for (String name : names) {
            place = place.below(name);
        }
        return place;
    }

    private Payload below(String name) {
        String below = path.isEmpty() ? name : path + "." + name;
        if (node == null || node.isNull()) {
            return new Payload(below, null);
        }
        if (!node.isObject()) {
            throw isNot("an object");
        }
        return new Payload(below, node.get(name));
    }

    /** Whether nothing is there, or null is. */
    boolean isAbsent() {
        return node == null || node.isNull();
    }

    /** The text there, which is not empty. */
    String text() {
        String text = textOrNull();
        if (text == null) {
            throw InvalidChangeException.malformed(
                    path, isAbsent() ? "is missing: text belongs here" : "is empty");
        }
        return text;
    }

    /** The text there; null if there is none, or an empty one. */
    @Nullable String textOrNull() {
        if (node == null || node.isNull()) {
            return null;
        }
        if (!node.isString()) {
            throw isNot("text");
        }
        return wellFormed(node.stringValue());
    }

    private @Nullable String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isHighSurrogate(text.charAt(i))
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(text.charAt(i))) {
                throw InvalidChangeException.malformed(
                        path, "has one half of a character (a lone surrogate)");
            }
        }
        return text.isEmpty() ? null : text;
    }

    /** The whole number there, from 1 on. */
    long number() {
        if (node == null || node.isNull()) {
            throw InvalidChangeException.malformed(path, "is missing: a number belongs here");
        }
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 1) {
            throw isNot("a whole number from 1 on");
        }
        return node.longValue();
    }

    boolean isTrue() {
        if (node == null || node.isNull()) {
            return false;
        }
        if (!node.isBoolean()) {
            throw isNot("true or false");
        }
        return node.booleanValue();
    }

    /** What the list there holds; nothing if there is none. */
    List<Payload> elements() {
        if (node == null || node.isNull()) {
            return List.of();
        }
        if (!node.isArray()) {
            throw isNot("a list");
        }
        List<Payload> elements = new ArrayList<>(node.size());
        for (JsonNode element : node) {
            elements.add(new Payload("%s[%d]".formatted(path, elements.size()), element));
        }
        return elements;
    }

    /** The time there, as text; null if there is none. */
    @Nullable Instant time() {
        String text = textOrNull();
        if (text == null) {
            return null;
        }
        for (DateTimeFormatter format : TIMES) {
            try {
                return Instant.from(format.parse(text));
            } catch (DateTimeException e) {
                // The next one.
            }
        }
        throw isNot("a time such as 2026-01-31T12:00:00Z");
    }

    /** The time there, in milliseconds since 1970; null if there is none. */
    @Nullable Instant timeOfMillis() {
        return isAbsent() ? null : Instant.ofEpochMilli(number());
    }

    /**
     * What is there of some places below this one, as texts.
     *
     * @param prefix of the names, which else are the paths from here
     */
    Map<String, String> texts(String prefix, List<String> paths) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (String below : paths) {
            Payload place = at(below.split("\\."));
            if (place.node != null && !place.node.isNull()) {
                texts.put(prefix + below, place.scalar(place.node));
            }
        }
        return texts;
    }

    private String scalar(JsonNode node) {
        if (node.isContainer()) {
            throw isNot("text, a number, true or false");
        }
        return node.isString()
                ? Objects.requireNonNullElse(wellFormed(node.stringValue()), "")
                : node.asString();
    }

    InvalidChangeException isNot(String expected) {
        return InvalidChangeException.malformed(
                path.isEmpty() ? "body" : path,
                "is %s: %s belongs here".formatted(kind(), expected));
    }

    private String kind() {
        if (node == null || node.isNull()) {
            return "missing";
        }
        return switch (node.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            case STRING -> "'%s'".formatted(Printable.of(Printable.cut(node.stringValue(), 80)));
            case NUMBER, BOOLEAN -> node.asString();
            default -> "something else";
        };
    }
}
