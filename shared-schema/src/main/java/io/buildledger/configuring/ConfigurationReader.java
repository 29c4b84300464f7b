package io.buildledger.configuring;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.Nulls;
import io.buildledger.configuring.Problem.Place;
import io.buildledger.domain.changing.TextPattern;
import io.buildledger.filtering.OneOrMore;
import io.buildledger.stepping.StepCondition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.type.LogicalType;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads a file's text and finds all that is wrong with it. Jackson stops at the first thing that it
 * can't read; so that is left out, and the rest is read again, until nothing is left to complain
 * of.
 */
final class ConfigurationReader {

    static final YAMLMapper YAML =
            YAMLMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    // Else 80.5 is 80, '' is the default, and 1 is true or the second word.
                    .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                    .withCoercionConfigDefaults(it ->
                            it.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail))
                    .withCoercionConfig(
                            LogicalType.Boolean,
                            it -> it.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail))
                    .withCoercionConfig(
                            LogicalType.Enum,
                            it -> it.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail))
                    // Else a key of a map may stand without a value, and a word may be none.
                    .withConfigOverride(
                            Map.class,
                            it -> it.setNullHandling(JsonSetter.Value.forContentNulls(Nulls.FAIL)))
                    .withConfigOverride(
                            Set.class,
                            it -> it.setNullHandling(JsonSetter.Value.forContentNulls(Nulls.FAIL)))
                    .addModule(YamlTypes.MODULE)
                    .build();

    private static final String AT_LEAST =
            "a file needs at least db_url: jdbc:mysql://HOST/DATABASE and db_user: NAME";

    static final int MOST_TOLD_OF_SENT = 20;

    /** What takes some 100 MB to be compiled. */
    private static final int MOST_REPETITIONS_SENT = 200_000;

    private final Path file;
    private final int mostTold;
    private final double mostRepetitions;

    ConfigurationReader(Path file) {
        this(file, Integer.MAX_VALUE, Double.POSITIVE_INFINITY);
    }

    private ConfigurationReader(Path file, int mostTold, double mostRepetitions) {
        this.file = file;
        this.mostTold = mostTold;
        this.mostRepetitions = mostRepetitions;
    }

    /**
     * Of a text that somebody sent. It is read again for each thing that is wrong, so that these
     * are bounded, and so are all of its regular expressions together.
     */
    static ConfigurationReader ofSent(Path called) {
        return new ConfigurationReader(called, MOST_TOLD_OF_SENT, MOST_REPETITIONS_SENT);
    }

    /** A file's configuration, and where it says what. */
    record Reading(Configuration configuration, YamlPositions positions) {}

    /**
     * @throws InvalidConfigurationException with all that is wrong
     */
    Reading read(String text) {
        YamlPositions positions = positions(text);
        if (Double.isFinite(mostRepetitions) && repetitions(text) > mostRepetitions) {
            throw refusal(
                    List.of(
                            new Problem(
                                    Place.START,
                                    "its texts have repetitions such as {8,40}, which may be of regular expressions, of more than %.0f in all"
                                            .formatted(mostRepetitions))));
        }
        Mistakes mistakes = new Mistakes();
        for (YamlPositions.Repeated key : first(positions.repeated())) {
            mistakes.add(
                    key.pointer(),
                    key.place(),
                    "%s is given twice, first in line %d: keep one of them"
                            .formatted(pathOf(key.pointer()), positions.of(key.pointer()).line()));
        }
        for (YamlPositions.Alias alias : first(positions.aliases())) {
            mistakes.add(
                    alias.pointer(),
                    alias.place(),
                    "%s: '*%s' stands for what is at '&%s', which is not followed here: write that out"
                            .formatted(pathOf(alias.pointer()), alias.anchor(), alias.anchor()));
            if (alias.isMerge()) {
                mistakes.unknownKey(alias.holder(), Mistakes.ANY);
            }
        }
        Configuration configuration = withoutMistakes(text, positions, mistakes);
        List<Problem> problems = new ArrayList<>(mistakes.problems());
        if (configuration != null) {
            problems.addAll(new ConfigurationCheck(positions, mistakes).problemsOf(configuration));
        }
        if (configuration == null || !problems.isEmpty()) {
            problems.sort(Problem.IN_FILE_ORDER);
            throw refusal(problems);
        }
        return new Reading(configuration, positions);
    }

    private <T> Collection<T> first(Collection<T> all) {
        return all.stream().limit(mostTold).toList();
    }

    private static double repetitions(String text) {
        double repetitions = 0;
        try (JsonParser parser = YAML.createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_STRING) {
                    repetitions += TextPattern.repetitions(parser.getString()) - 1;
                }
            }
        }
        return repetitions;
    }

    private YamlPositions positions(String text) {
        YamlPositions positions;
        try {
            positions = new YamlPositions(YAML, text);
        } catch (JacksonException e) {
            throw refusal(List.of(notYaml(e)));
        }
        Place second = positions.secondDocument();
        if (second != null) {
            throw refusal(
                    List.of(
                            new Problem(
                                    second,
                                    "a second document begins here: one file holds one, remove what follows '---'")));
        }
        return positions;
    }

    /** What can be read of a text, or null if that is nothing. */
    private @Nullable Configuration withoutMistakes(
            String text, YamlPositions positions, Mistakes mistakes) {
        while (mistakes.omitted().size() < mostTold) {
            try (OmittingParser parser =
                    new OmittingParser(YAML.createParser(text), mistakes.omitted())) {
                try {
                    Configuration configuration = YAML.readValue(parser, Configuration.class);
                    if (configuration == null) {
                        mistakes.add("", Place.START, "the file is empty: " + AT_LEAST);
                    }
                    return configuration;
                } catch (JacksonException e) {
                    if (!tell(e, parser.pointer(), positions, mistakes)) {
                        return null;
                    }
                }
            }
        }
        return null;
    }

    /**
     * @return whether there is more to be read
     */
    private static boolean tell(
            JacksonException failure, String at, YamlPositions positions, Mistakes mistakes) {
        String pointer = at;
        if (failure instanceof UnrecognizedPropertyException unknown) {
            // It is noticed at the end of its object.
            pointer = at + "/" + escaped(unknown.getPropertyName());
            mistakes.unknownKey(
                    at,
                    Spelling.nearest(unknown.getPropertyName(), sorted(unknown))
                            .orElse(Mistakes.ANY));
        }
        String omitted = pointer;
        if (isOfType(failure)) {
            // Without its type, the element would be refused once more.
            omitted = pointer.substring(0, pointer.lastIndexOf('/'));
        }
        String message =
                pointer.isEmpty()
                        ? (positions.isEmpty() ? "the file is empty: " : "this must be keys: ")
                                + AT_LEAST
                        : pathOf(pointer) + ": " + explain(failure);
        return mistakes.add(omitted, positions.of(pointer), message) && !omitted.isEmpty();
    }

    /** Whether an element's type is unknown, or not followed by what belongs to that type. */
    private static boolean isOfType(JacksonException failure) {
        return switch (failure) {
            case InvalidTypeIdException type -> type.getTypeId() != null;
            case MismatchedInputException mismatch ->
                    mismatch.getTargetType() != null
                            && Stream.of(mismatch.getTargetType().getInterfaces())
                                    .anyMatch(ConfigurationReader::isUnion);
            default -> false;
        };
    }

    private static boolean isUnion(Class<?> type) {
        return type == ConfiguredStep.class
                || type == ConfiguredLatent.class
                || type.isAnnotationPresent(JsonTypeInfo.class);
    }

    private InvalidConfigurationException refusal(List<Problem> problems) {
        return new InvalidConfigurationException(
                problems.stream()
                        .limit(mostTold)
                        .map(it -> "%s:%s: %s".formatted(file, it.place(), it.message()))
                        .toList());
    }

    private static Problem notYaml(JacksonException failure) {
        if (failure.getCause() instanceof MarkedYamlEngineException yaml
                && yaml.getProblemMark().isPresent()) {
            return new Problem(
                    place(yaml.getProblemMark().get()),
                    "this is not YAML: " + yaml.getProblem() + context(yaml) + hint(yaml));
        }
        TokenStreamLocation location = failure.getLocation();
        return new Problem(
                location == null
                        ? Place.START
                        : new Place(location.getLineNr(), location.getColumnNr()),
                "this is not YAML: " + firstLine(failure.getOriginalMessage()));
    }

    private static String context(MarkedYamlEngineException yaml) {
        return yaml.getContext() == null
                ? ""
                : ", "
                        + yaml.getContext()
                        + yaml.getContextMark()
                                .map(mark -> " that begins in line " + place(mark).line())
                                .orElse("");
    }

    private static String hint(MarkedYamlEngineException yaml) {
        return yaml.getProblem().contains("<block")
                ? ": indent this line as those that it belongs to"
                : "";
    }

    private static Place place(Mark mark) {
        return new Place(mark.getLine() + 1, mark.getColumn() + 1);
    }

    /** A JSON pointer as people read it: {@code workers[0].name}. */
    static String pathOf(String pointer) {
        StringBuilder path = new StringBuilder();
        for (String token : pointer.substring(1).split("/", -1)) {
            if (!token.isEmpty() && token.chars().allMatch(Character::isDigit)) {
                path.append('[').append(token).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".")
                        .append(token.replace("~1", "/").replace("~0", "~"));
            }
        }
        return path.toString();
    }

    private static String escaped(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }

    private static String explain(JacksonException failure) {
        return switch (failure) {
            case UnrecognizedPropertyException key ->
                    unknown("key", key.getPropertyName(), sorted(key));
            case InvalidTypeIdException type when type.getTypeId() != null ->
                    unknown(
                            "type",
                            type.getTypeId(),
                            types(type.getBaseType().getRawClass()).toList());
            case InvalidFormatException format ->
                    "'%s' is not %s".formatted(format.getValue(), expected(format.getTargetType()));
            case InputCoercionException _ ->
                    "this is too large a number: give one of at most 9 digits";
            case MismatchedInputException mismatch when mismatch.getTargetType() != null ->
                    mismatch.getOriginalMessage().startsWith(YamlTypes.EXPECTED)
                            ? mismatch.getOriginalMessage()
                            : "this must be " + expected(mismatch.getTargetType());
            default -> firstLine(failure.getOriginalMessage());
        };
    }

    private static String unknown(String what, String word, Collection<String> known) {
        return "there is no %s '%s' here%s are %s"
                .formatted(
                        what,
                        word,
                        Spelling.nearest(word, known)
                                .map(nearest -> ": did you mean '" + nearest + "'? Known")
                                .orElse("; known"),
                        String.join(", ", known));
    }

    /** What a value of a type looks like, as in "this is not ...". */
    static String expected(Class<?> type) {
        if (type == Duration.class) {
            return "a duration, such as 30, 500ms, 5s, 2m or 1h, and at most 3650d";
        }
        if (type == Size.class) {
            return "a size, such as 65536, 512KiB, 50MiB or 1GiB, and at most 1024GiB";
        }
        if (type == int.class || type == Integer.class || type == long.class) {
            return "a whole number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        if (type.isEnum()) {
            return "one of "
                    + String.join(
                            ", ",
                            Stream.of(type.getEnumConstants())
                                    .map(it -> YAML.convertValue(it, String.class))
                                    .toList());
        }
        if (isUnion(type)) {
            return "a type as the only key, with what belongs to it below: "
                    + String.join(" or ", types(type).map(name -> name + ": {...}").toList());
        }
        if (type == OneOrMore.class) {
            return "text or a list of texts";
        }
        if (type == StepCondition.class) {
            return "a condition: true, false, or rules such as {branch: main}";
        }
        if (type == Path.class) {
            return "a path";
        }
        if (type == CollapseRequests.class) {
            return "true, false, or what must be the same: {same_properties: [...]}";
        }
        return CharSequence.class.isAssignableFrom(type)
                ? "text"
                : "a group of keys" + keyOf(type).map(" such as {%s: ...}"::formatted).orElse("");
    }

    /** The key of a record that comes first. */
    private static Optional<String> keyOf(Class<?> type) {
        return Optional.ofNullable(type.getRecordComponents())
                .filter(components -> components.length > 0)
                .map(components ->
                        components[0]
                                .getName()
                                .replaceAll("(?=[A-Z])", "_")
                                .toLowerCase(Locale.ROOT));
    }

    private static Stream<String> types(Class<?> type) {
        if (type == ConfiguredStep.class) {
            return StepTypes.names().stream();
        }
        if (type == ConfiguredLatent.class) {
            return LatentTypes.all().keySet().stream();
        }
        JsonSubTypes types = type.getAnnotation(JsonSubTypes.class);
        return types == null
                ? Stream.of()
                : Arrays.stream(types.value()).map(JsonSubTypes.Type::name).sorted();
    }

    private static Collection<String> sorted(UnrecognizedPropertyException unknown) {
        Collection<String> sorted = new TreeSet<>();
        for (Object key : Optional.ofNullable(unknown.getKnownPropertyIds()).orElseGet(List::of)) {
            sorted.add(String.valueOf(key));
        }
        return sorted;
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse(text);
    }
}
