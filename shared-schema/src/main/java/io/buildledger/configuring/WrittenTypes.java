package io.buildledger.configuring;

import io.buildledger.configuring.ConfiguredScheduler.Codebases;
import io.buildledger.filtering.OneOrMore;
import io.buildledger.stepping.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** What {@link YamlTypes} reads, as a person would write it. */
final class WrittenTypes {

    static final SimpleModule MODULE =
            new SimpleModule("as written")
                    .addSerializer(new Written<>(Duration.class, WrittenTypes::duration))
                    .addSerializer(new Written<>(Size.class, Size::toString))
                    .addSerializer(new Written<>(Path.class, Path::toString))
                    .addSerializer(new Written<>(OneOrMore.class, it -> oneOrMore(it.values())))
                    .addSerializer(new Written<>(Command.class, it -> command(it.words())))
                    .addSerializer(new Written<>(Codebases.class, Codebases::byName))
                    .addSerializer(new Written<>(CollapseRequests.class, WrittenTypes::collapse));

    private static final long SECOND = 1_000;
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;

    private WrittenTypes() {}

    private static String duration(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0) {
            return "0s";
        }
        if (millis % HOUR == 0) {
            return millis / HOUR + "h";
        }
        if (millis % MINUTE == 0) {
            return millis / MINUTE + "m";
        }
        return millis % SECOND == 0 ? millis / SECOND + "s" : millis + "ms";
    }

    private static Object oneOrMore(List<String> values) {
        return values.size() == 1 ? values.getFirst() : values;
    }

    private static Object command(List<String> words) {
        boolean isLine = words.size() == 3 && words.subList(0, 2).equals(List.of("/bin/sh", "-c"));
        return isLine ? words.getLast() : words;
    }

    private static Object collapse(CollapseRequests rule) {
        return rule.enabled() && !rule.sameProperties().isEmpty()
                ? Map.of("same_properties", rule.sameProperties())
                : rule.enabled();
    }

    private static final class Written<T> extends StdSerializer<T> {

        private final Function<T, Object> written;

        Written(Class<T> type, Function<T, Object> written) {
            super(type);
            this.written = written;
        }

        @Override
        public void serialize(T value, JsonGenerator generator, SerializationContext context) {
            context.writeValue(generator, written.apply(value));
        }

        @Override
        public void serializeWithType(
                T value,
                JsonGenerator generator,
                SerializationContext context,
                TypeSerializer types) {
            serialize(value, generator, context);
        }
    }
}
