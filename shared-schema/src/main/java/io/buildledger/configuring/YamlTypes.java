package io.buildledger.configuring;

import io.buildledger.configuring.ConfiguredScheduler.CodebaseSource;
import io.buildledger.configuring.ConfiguredScheduler.Codebases;
import io.buildledger.filtering.OneOrMore;
import io.buildledger.stepping.Command;
import io.buildledger.stepping.StepCondition;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.module.SimpleModule;

/**
 * What can be written in more than one way: durations, sizes, commands, conditions, one value or
 * several.
 */
final class YamlTypes {

    /** How a message begins that says by itself what would be right. */
    static final String EXPECTED = "expected ";

    static final SimpleModule MODULE =
            new SimpleModule()
                    .addDeserializer(String.class, new TextDeserializer())
                    .addDeserializer(Path.class, new PathDeserializer())
                    .addDeserializer(Duration.class, new DurationDeserializer())
                    .addDeserializer(Size.class, new SizeDeserializer())
                    .addDeserializer(OneOrMore.class, new OneOrMoreDeserializer())
                    .addDeserializer(Command.class, new CommandDeserializer())
                    .addDeserializer(Codebases.class, new CodebasesDeserializer())
                    .addDeserializer(StepCondition.class, new ConditionDeserializer())
                    .addDeserializer(ConfiguredStep.class, new StepDeserializer())
                    .addDeserializer(ConfiguredLatent.class, new LatentDeserializer());

    static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(ms|s|m|h|d)?");

    // So that any can be added to any time of this century.
    static final Duration LONGEST = Duration.ofDays(3650);

    static final Pattern SIZE = Pattern.compile("(\\d{1,18})\\s*(KiB|MiB|GiB)?");

    private YamlTypes() {}

    /**
     * Refuses a list in a list of texts. Jackson's own reads {@code [[a], b]} as {@code [a]}, and
     * takes what follows for something else.
     */
    private static final class TextDeserializer extends StdDeserializer<String> {
        TextDeserializer() {
            super(String.class);
        }

        @Override
        public String deserialize(JsonParser parser, DeserializationContext context) {
            if (!parser.currentToken().isScalarValue()) {
                throw MismatchedInputException.from(parser, String.class, "not a scalar");
            }
            return parser.getString();
        }
    }

    /**
     * Takes a text for a path and nothing else. Jackson's own takes it for an address if it can,
     * and has whoever knows such addresses look for a file there.
     */
    private static final class PathDeserializer extends StdDeserializer<Path> {
        PathDeserializer() {
            super(Path.class);
        }

        @Override
        public Path deserialize(JsonParser parser, DeserializationContext context) {
            if (!parser.currentToken().isScalarValue()) {
                throw MismatchedInputException.from(parser, Path.class, "not a scalar");
            }
            String text = parser.getString().strip();
            try {
                if (!text.isEmpty()) {
                    return Path.of(text);
                }
            } catch (InvalidPathException e) {
                // Told like any other that is none.
            }
            throw InvalidFormatException.from(parser, "not a path", text, Path.class);
        }
    }

    private static final class DurationDeserializer extends StdDeserializer<Duration> {
        DurationDeserializer() {
            super(Duration.class);
        }

        @Override
        public Duration deserialize(JsonParser parser, DeserializationContext context) {
            String text = parser.getValueAsString();
            Duration duration =
                    duration(text == null ? "" : text)
                            .orElseThrow(() ->
                                    InvalidFormatException.from(
                                            parser, "not a duration", text, Duration.class));
            if (duration.compareTo(LONGEST) > 0) {
                throw InvalidFormatException.from(parser, "too long", text, Duration.class);
            }
            return duration;
        }
    }

    /** What a text says if it is a duration, however long. */
    static Optional<Duration> duration(String text) {
        Matcher matcher = DURATION.matcher(text.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long millisPerUnit =
                switch (matcher.group(2)) {
                    case "ms" -> 1;
                    case "m" -> 60_000;
                    case "h" -> 3_600_000;
                    case "d" -> 86_400_000;
                    case null, default -> 1_000;
                };
        double number = Double.parseDouble(matcher.group(1));
        return Optional.of(Duration.ofMillis(Math.round(number * millisPerUnit)));
    }

    private static final class SizeDeserializer extends StdDeserializer<Size> {
        SizeDeserializer() {
            super(Size.class);
        }

        @Override
        public Size deserialize(JsonParser parser, DeserializationContext context) {
            String text = parser.getValueAsString();
            Matcher matcher = SIZE.matcher(text == null ? "" : text.strip());
            if (!matcher.matches()) {
                throw InvalidFormatException.from(parser, "not a size", text, Size.class);
            }
            String unit = matcher.group(2);
            try {
                return Size.of(Long.parseLong(matcher.group(1)), unit == null ? "" : unit);
            } catch (IllegalArgumentException _) {
                throw InvalidFormatException.from(parser, "too large", text, Size.class);
            }
        }
    }

    private static final class OneOrMoreDeserializer extends StdDeserializer<OneOrMore> {
        OneOrMoreDeserializer() {
            super(OneOrMore.class);
        }

        @Override
        public OneOrMore deserialize(JsonParser parser, DeserializationContext context) {
            return new OneOrMore(strings(parser, "text or a list of texts", List::of));
        }
    }

    private static final class CommandDeserializer extends StdDeserializer<Command> {
        CommandDeserializer() {
            super(Command.class);
        }

        @Override
        public Command deserialize(JsonParser parser, DeserializationContext context) {
            return new Command(
                    strings(
                            parser,
                            "a command: text for /bin/sh, or a list of words",
                            line -> List.of("/bin/sh", "-c", line)));
        }
    }

    private static final class CodebasesDeserializer extends StdDeserializer<Codebases> {
        CodebasesDeserializer() {
            super(Codebases.class);
        }

        @Override
        public Codebases deserialize(JsonParser parser, DeserializationContext context) {
            Map<String, CodebaseSource> byName = new LinkedHashMap<>();
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = parser.currentName();
                    byName.put(
                            name,
                            parser.nextToken() == JsonToken.VALUE_NULL
                                    ? CodebaseSource.NOTHING_KNOWN
                                    : context.readValue(parser, CodebaseSource.class));
                }
            } else {
                strings(parser, "names of codebases, or what each is by default", List::of)
                        .forEach(name -> byName.put(name, CodebaseSource.NOTHING_KNOWN));
            }
            return new Codebases(byName);
        }
    }

    private static final class ConditionDeserializer extends StdDeserializer<StepCondition> {
        ConditionDeserializer() {
            super(StepCondition.class);
        }

        @Override
        public StepCondition deserialize(JsonParser parser, DeserializationContext context) {
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                return context.readValue(parser, StepCondition.Rules.class);
            }
            if (!parser.currentToken().isScalarValue()) {
                throw MismatchedInputException.from(parser, StepCondition.class, "no condition");
            }
            String text = parser.getString();
            return switch (text.strip()) {
                case "true", "True", "TRUE" -> StepCondition.ALWAYS;
                case "false", "False", "FALSE" -> StepCondition.NEVER;
                default ->
                        throw InvalidFormatException.from(
                                parser, "no condition", text, StepCondition.class);
            };
        }
    }

    private static List<String> strings(
            JsonParser parser, String expected, Function<String, List<String>> single) {
        if (parser.currentToken().isScalarValue()
                && parser.currentToken() != JsonToken.VALUE_NULL) {
            return single.apply(parser.getString());
        }
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw MismatchedInputException.from(parser, String.class, EXPECTED + expected);
        }
        List<String> values = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (!parser.currentToken().isScalarValue()
                    || parser.currentToken() == JsonToken.VALUE_NULL) {
                throw MismatchedInputException.from(parser, String.class, EXPECTED + expected);
            }
            values.add(parser.getString());
        }
        if (values.isEmpty()) {
            throw MismatchedInputException.from(parser, String.class, EXPECTED + expected);
        }
        return values;
    }
}
