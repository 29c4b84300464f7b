package io.buildledger.scheduler.serving;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A field of a command. Programs are told of it by that by which it is read: what type it has, and
 * within which bounds.
 */
public sealed interface SentField {

    String name();

    /** For people. */
    String description();

    default boolean isRequired() {
        return false;
    }

    /** As JSON Schema has it. */
    default Map<String, Object> schema() {
        Map<String, Object> schema = new LinkedHashMap<>();
        describe(schema);
        if (!description().isEmpty()) {
            schema.put("description", description());
        }
        return schema;
    }

    /** Adds what is of its type alone. */
    void describe(Map<String, Object> schema);

    /**
     * A text without control characters.
     *
     * @param longest how many characters it may have
     */
    record Line(String name, int longest, String description) implements SentField {
        @Override
        public void describe(Map<String, Object> schema) {
            schema.put("type", "string");
            schema.put("maxLength", longest);
        }
    }

    /**
     * A number, or a text without control characters.
     *
     * @param longest how many characters it may have
     */
    record NumberOrLine(String name, int longest, String description) implements SentField {
        @Override
        public void describe(Map<String, Object> schema) {
            schema.put("type", List.of("integer", "string"));
            schema.put("maxLength", longest);
        }
    }

    /**
     * A text, which may have several lines.
     *
     * @param longest how many characters it may have
     */
    record Text(String name, int longest, boolean isRequired, String description)
            implements SentField {
        @Override
        public void describe(Map<String, Object> schema) {
            schema.put("type", "string");
            schema.put("maxLength", longest);
            if (isRequired) {
                schema.put("minLength", 1);
            }
        }
    }

    /**
     * @param isRequired where it is not, it is false if it is not there
     */
    record Flag(String name, boolean isRequired, String description) implements SentField {
        @Override
        public void describe(Map<String, Object> schema) {
            schema.put("type", "boolean");
            if (!isRequired) {
                schema.put("default", false);
            }
        }
    }

    /**
     * A whole number within bounds, which are in.
     *
     * @param absent what it is if it is not there; null if it must be, or if that is not known here
     */
    record Whole(
            String name,
            boolean isRequired,
            @Nullable Integer absent,
            int least,
            int most,
            String description)
            implements SentField {

        /** Of any size, and without a number that stands for none. */
        public static Whole any(String name, boolean isRequired, String description) {
            return new Whole(
                    name, isRequired, null, Integer.MIN_VALUE, Integer.MAX_VALUE, description);
        }

        @Override
        public void describe(Map<String, Object> schema) {
            schema.put("type", "integer");
            schema.put("minimum", least);
            schema.put("maximum", most);
            if (absent != null) {
                schema.put("default", absent);
            }
        }
    }

    /** A list of texts, or one. */
    record Texts(String name, String description) implements SentField {
        @Override
        public void describe(Map<String, Object> schema) {
            schema.put("type", "array");
            schema.put("items", Map.of("type", "string"));
        }
    }

    /** An object, or a text that holds one as JSON. Nothing in it is null. */
    record Json(String name, String description) implements SentField {
        @Override
        public void describe(Map<String, Object> schema) {
            schema.put("type", "object");
        }
    }
}
