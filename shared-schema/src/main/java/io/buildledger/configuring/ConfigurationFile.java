package io.buildledger.configuring;

import io.buildledger.configuring.Configuration.Scheduler;
import io.buildledger.database.Database;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** A configuration file that was read and checked. */
public final class ConfigurationFile {

    private static final YAMLMapper YAML =
            YAMLMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .addModule(YamlTypes.MODULE)
                    .build();

    private final Path file;
    private final Configuration configuration;

    private ConfigurationFile(Path file, Configuration configuration) {
        this.file = file;
        this.configuration = configuration;
    }

    /**
     * Reads and checks a file.
     *
     * @throws InvalidConfigurationException with all that is wrong
     */
    public static ConfigurationFile read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new InvalidConfigurationException(List.of(file + ": there is no such file"));
        } catch (MalformedInputException e) {
            throw new InvalidConfigurationException(List.of(file + ": is not UTF-8 text"));
        } catch (IOException e) {
            throw new InvalidConfigurationException(
                    List.of(file + ": can't be read: " + e.getMessage()));
        }
        return new ConfigurationFile(file, parse(file, text));
    }

    public Configuration configuration() {
        return configuration;
    }

    /**
     * The database that the file names.
     *
     * @throws InvalidConfigurationException if the password's file can't be read
     */
    public Database database() {
        return new Database(configuration.dbUrl(), configuration.dbUser(), password());
    }

    private String password() {
        Path passwordFile = configuration.dbPasswordFile();
        if (passwordFile == null) {
            String password = configuration.dbPassword();
            return password == null ? "" : password;
        }
        try {
            return Files.readString(beside(passwordFile)).strip();
        } catch (IOException e) {
            throw new InvalidConfigurationException(
                    List.of(
                            "%s: db_password_file: can't read %s: %s"
                                    .formatted(file, passwordFile, e.getMessage())));
        }
    }

    /** Where a builder master of this name keeps its builds. */
    public Path basedir(String master) {
        Path basedir = configuration.basedir();
        return beside(basedir == null ? Path.of("builds") : basedir).resolve(master);
    }

    private Path beside(Path path) {
        return file.toAbsolutePath().resolveSibling(path).normalize();
    }

    /**
     * SHA-256 of a scheduler's configuration, in hexadecimal: the same for files that say the same,
     * and for later versions that know more keys.
     */
    public static String digest(Scheduler scheduler) {
        return sha256(scheduler);
    }

    /**
     * Tells apart what builders do: the first 12 hexadecimal digits of the SHA-256 of steps and
     * environment.
     */
    public static String fingerprint(Configuration.Builder builder) {
        return sha256(new Work(builder.env(), builder.factory())).substring(0, 12);
    }

    /** What a builder does; the declared type of the steps lets each be written with its type. */
    private record Work(Map<String, String> env, List<Configuration.Step> factory) {
        Work {
            env = env == null ? Map.of() : env;
            factory = factory == null ? List.of() : factory;
        }
    }

    private static String sha256(Object value) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(CanonicalForm.of(value)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static Configuration parse(Path file, String text) {
        try {
            Configuration configuration = YAML.readValue(text, Configuration.class);
            if (configuration == null) {
                throw new InvalidConfigurationException(List.of(file + ": is empty"));
            }
            List<String> problems =
                    new ConfigurationCheck(file, new YamlPositions(YAML, text))
                            .problemsOf(configuration);
            if (!problems.isEmpty()) {
                throw new InvalidConfigurationException(problems);
            }
            return configuration;
        } catch (JacksonException e) {
            throw new InvalidConfigurationException(List.of(describe(file, text, e)));
        }
    }

    private static String describe(Path file, String text, JacksonException failure) {
        if (failure instanceof DatabindException databind && !databind.getPath().isEmpty()) {
            // The text itself is well-formed, so that the place of the value is to be had;
            // Jackson's is behind it.
            return "%s:%s: %s: %s"
                    .formatted(
                            file,
                            new YamlPositions(YAML, text).of(pointerTo(databind)),
                            pathOf(databind),
                            explain(failure));
        }
        TokenStreamLocation location = failure.getLocation();
        return location == null
                ? file + ": " + explain(failure)
                : "%s:%d:%d: %s"
                        .formatted(
                                file,
                                location.getLineNr(),
                                location.getColumnNr(),
                                explain(failure));
    }

    private static String pointerTo(DatabindException failure) {
        StringBuilder pointer = new StringBuilder();
        for (JacksonException.Reference reference : failure.getPath()) {
            pointer.append('/')
                    .append(
                            reference.getPropertyName() != null
                                    ? reference.getPropertyName()
                                    : String.valueOf(reference.getIndex()));
        }
        return pointer.toString();
    }

    private static String pathOf(DatabindException failure) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference reference : failure.getPath()) {
            if (reference.getPropertyName() != null) {
                path.append(path.isEmpty() ? "" : ".").append(reference.getPropertyName());
            } else {
                path.append('[').append(reference.getIndex()).append(']');
            }
        }
        return path.toString();
    }

    private static String explain(JacksonException failure) {
        return switch (failure) {
            case UnrecognizedPropertyException unknown ->
                    "there is no key '%s' here; known are %s"
                            .formatted(
                                    unknown.getPropertyName(),
                                    sorted(unknown.getKnownPropertyIds()));
            case InvalidTypeIdException type ->
                    type.getTypeId() == null
                            ? "write it as 'type: {...}' with the type as its only key"
                            : "there is no type '%s' here".formatted(type.getTypeId());
            case InvalidFormatException format ->
                    "'%s' is not %s".formatted(format.getValue(), expected(format.getTargetType()));
            case MismatchedInputException mismatch
                    when mismatch.getTargetType() != null
                            && mismatch.getClass() == MismatchedInputException.class ->
                    mismatch.getOriginalMessage().startsWith(YamlTypes.EXPECTED)
                            ? mismatch.getOriginalMessage()
                            : "this must be " + expected(mismatch.getTargetType());
            default -> firstLine(failure.getOriginalMessage());
        };
    }

    private static String expected(Class<?> type) {
        if (type == Duration.class) {
            return "a duration, such as 30, 500ms, 5s, 2m or 1h, and at most 3650d";
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
            return "one of " + List.of(type.getEnumConstants()).toString().toLowerCase(Locale.ROOT);
        }
        return CharSequence.class.isAssignableFrom(type) ? "text" : "a group of keys";
    }

    private static Set<String> sorted(@Nullable Collection<Object> names) {
        Set<String> sorted = new TreeSet<>();
        if (names != null) {
            names.forEach(name -> sorted.add(String.valueOf(name)));
        }
        return sorted;
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse(text);
    }
}
