package io.buildledger.configuring;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What a record makes of keys that are absent. */
final class RecordShape {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final RecordComponent[] components;
    private final Class<?> type;
    private final YAMLMapper mapper;
    private final Object[] ofNothing;

    RecordShape(Class<?> type, YAMLMapper mapper) {
        this.type = type;
        this.mapper = mapper;
        components = type.getRecordComponents();
        ofNothing = values(new Object[components.length]);
    }

    RecordComponent component(int index) {
        return components[index];
    }

    /** What a component is when nothing is said, if that is something that can be written down. */
    Optional<JsonNode> defaultOf(int index) {
        return Optional.ofNullable(
                switch (ofNothing[index]) {
                    case Integer number -> NODES.numberNode(number);
                    case Long number -> NODES.numberNode(number);
                    case Boolean truth -> NODES.booleanNode(truth);
                    case Enum<?> word -> NODES.stringNode(mapper.convertValue(word, String.class));
                    case String text when !text.isEmpty() -> NODES.stringNode(text);
                    case Duration duration -> NODES.stringNode(written(duration));
                    case Size size -> NODES.stringNode(size.toString());
                    case null, default -> null;
                });
    }

    /** Whether a component is null unless it is given, also if all others are, and may not be. */
    boolean requires(int index) {
        if (!mayLack(index)) {
            return false;
        }
        Object[] others =
                IntStream.range(0, components.length)
                        .mapToObj(i -> i != index && mayLack(i) ? sample(components[i]) : null)
                        .toArray();
        return values(others)[index] == null;
    }

    private boolean mayLack(int index) {
        return ofNothing[index] == null
                && !components[index].getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private @Nullable Object sample(RecordComponent component) {
        for (String text : List.of("x", "1", "[]", "{}")) {
            try {
                return mapper.readValue(text, mapper.constructType(component.getGenericType()));
            } catch (JacksonException _) {
                // Of another form, then.
            }
        }
        return null;
    }

    /** What the record's components are when it is made of these; null stands for an absent key. */
    private Object[] values(@Nullable Object[] given) {
        Object made = RecordMaking.make(type, Arrays.asList(given));
        try {
            Object[] values = new Object[components.length];
            for (int i = 0; i < components.length; i++) {
                components[i].getAccessor().setAccessible(true);
                values[i] = components[i].getAccessor().invoke(made);
            }
            return values;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " can't be read", e);
        }
    }

    private static String written(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        if (millis == 0 || millis % 60_000 != 0) {
            return millis / 1000 + "s";
        }
        return millis % 3_600_000 == 0 ? millis / 3_600_000 + "h" : millis / 60_000 + "m";
    }
}
