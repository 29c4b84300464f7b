package io.buildledger.configuring;

import io.buildledger.configuring.Configuration.Command;
import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.configuring.Configuration.OneOrMore;
import io.buildledger.configuring.Configuration.Scheduler;
import io.buildledger.configuring.Configuration.ShellStep;
import io.buildledger.configuring.Configuration.Step;
import io.buildledger.configuring.Configuration.Worker;
import io.buildledger.database.Database;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** A configuration file that was read and checked. */
public final class ConfigurationFile {

    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_REPOSITORY = 240;
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(5);
    private static final Duration LONGEST_LEASE = Duration.ofMinutes(10);
    private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(ms|s|m|h|d)?");

    private static final SimpleModule TYPES =
            new SimpleModule()
                    .addDeserializer(Duration.class, new DurationDeserializer())
                    .addDeserializer(OneOrMore.class, new OneOrMoreDeserializer())
                    .addDeserializer(Command.class, new CommandDeserializer());

    private static final YAMLMapper YAML =
            YAMLMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .addModule(TYPES)
                    .build();

    /** For digests: one way to write each configuration. */
    private static final JsonMapper CANONICAL =
            JsonMapper.builder().enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY).build();

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
     * SHA-256 of a scheduler's configuration, in hexadecimal: the same for files that say the same.
     */
    public static String digest(Scheduler scheduler) {
        return sha256(scheduler);
    }

    /**
     * Tells apart what builders do: the first 12 hexadecimal digits of the SHA-256 of steps and
     * environment.
     */
    public static String fingerprint(Configuration.Builder builder) {
        return sha256(List.of(builder.env(), builder.factory())).substring(0, 12);
    }

    private static String sha256(Object value) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(CANONICAL.writeValueAsBytes(value)));
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
                    new Check(file, new YamlPositions(YAML, text)).problemsOf(configuration);
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
                    mismatch.getOriginalMessage().startsWith(EXPECTED)
                            ? mismatch.getOriginalMessage()
                            : "this must be " + expected(mismatch.getTargetType());
            default -> firstLine(failure.getOriginalMessage());
        };
    }

    private static final String EXPECTED = "expected ";

    private static String expected(Class<?> type) {
        if (type == Duration.class) {
            return "a duration, such as 30, 500ms, 5s, 2m or 1h";
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

    /** What a file that parses can still have wrong. */
    private static final class Check {

        private final Path file;
        private final YamlPositions positions;
        private final List<String> problems = new ArrayList<>();

        Check(Path file, YamlPositions positions) {
            this.file = file;
            this.positions = positions;
        }

        List<String> problemsOf(Configuration configuration) {
            database(configuration);
            range(configuration);
            Set<String> workers = new HashSet<>();
            for (int i = 0; i < configuration.workers().size(); i++) {
                Worker worker = configuration.workers().get(i);
                name("/workers/" + i, "worker", worker.name(), workers);
                positive("/workers/" + i + "/max_builds", "max_builds", worker, Worker::maxBuilds);
            }
            Set<String> builders = new HashSet<>();
            for (int i = 0; i < configuration.builders().size(); i++) {
                builder("/builders/" + i, configuration.builders().get(i), builders, workers);
            }
            Set<String> schedulers = new HashSet<>();
            for (int i = 0; i < configuration.schedulers().size(); i++) {
                scheduler("/schedulers/" + i, configuration, i, schedulers, builders);
            }
            for (int i = 0; i < configuration.changeSources().size(); i++) {
                if (configuration.changeSources().get(i) instanceof GitPoller poller) {
                    poller("/change_sources/" + i + "/git_poller", poller);
                }
            }
            return problems;
        }

        private void problem(String pointer, String message) {
            problems.add("%s:%s: %s".formatted(file, positions.of(pointer), message));
        }

        private void database(Configuration configuration) {
            if (configuration.dbUrl() == null) {
                problem("/db_url", "db_url is missing: write db_url: jdbc:mysql://HOST/DATABASE");
            } else if (!configuration.dbUrl().startsWith("jdbc:mysql:")) {
                problem(
                        "/db_url",
                        "db_url: '%s' is not a MySQL address: write jdbc:mysql://HOST/DATABASE"
                                .formatted(configuration.dbUrl()));
            }
            if (configuration.dbUser() == null) {
                problem("/db_user", "db_user is missing: name the database user");
            }
            if (configuration.dbPassword() != null && configuration.dbPasswordFile() != null) {
                problem("/db_password", "give db_password or db_password_file, not both");
            }
        }

        private void range(Configuration configuration) {
            if (configuration.lease().compareTo(SHORTEST_LEASE) < 0
                    || configuration.lease().compareTo(LONGEST_LEASE) > 0) {
                problem(
                        "/lease",
                        "lease: %s s is out of range: 5s to 10m"
                                .formatted(configuration.lease().toSeconds()));
            }
            if (configuration.dbPollInterval().toMillis() < 10) {
                problem("/db_poll_interval", "db_poll_interval must be at least 10ms");
            }
            int port = configuration.web().port();
            if (port < 0 || port > 65_535) {
                problem("/web/port", "web.port: %d is not a port: 0 to 65535".formatted(port));
            }
        }

        private void builder(
                String at,
                Configuration.Builder builder,
                Set<String> builders,
                Set<String> workers) {
            name(at, "builder", builder.name(), builders);
            if (builder.workerNames().isEmpty()) {
                problem(
                        at,
                        "builder %s: worker_names is missing: name at least one worker"
                                .formatted(builder.name()));
            }
            for (String worker : builder.workerNames()) {
                if (!workers.contains(worker)) {
                    problem(
                            at + "/worker_names",
                            "builder %s: there is no worker '%s' in this file: add it to workers"
                                    .formatted(builder.name(), worker));
                }
            }
            if (builder.factory().isEmpty()) {
                problem(
                        at,
                        "builder %s: factory is missing: list at least one step"
                                .formatted(builder.name()));
            }
            for (int i = 0; i < builder.factory().size(); i++) {
                step(at + "/factory/" + i, builder, builder.factory().get(i));
            }
        }

        private void step(String at, Configuration.Builder builder, @Nullable Step step) {
            if (step == null) {
                problem(
                        at,
                        "builder %s: a step is empty: write git: {...} or shell: {...}"
                                .formatted(builder.name()));
            } else if (step instanceof ShellStep shell && shell.command() == null) {
                problem(at, "builder %s: a shell step lacks its command".formatted(builder.name()));
            } else if (step instanceof Configuration.GitStep git && git.repourl() == null) {
                problem(at, "builder %s: a git step lacks its repourl".formatted(builder.name()));
            } else if (step.name().length() > LONGEST_NAME) {
                problem(
                        at,
                        "builder %s: a step's name has more than %d characters"
                                .formatted(builder.name(), LONGEST_NAME));
            }
        }

        private void scheduler(
                String at,
                Configuration configuration,
                int index,
                Set<String> schedulers,
                Set<String> builders) {
            Scheduler scheduler = configuration.schedulers().get(index);
            if (scheduler == null) {
                problem(at, "a scheduler is empty: write single_branch: {...}");
                return;
            }
            String within = at + "/single_branch";
            name(within, "scheduler", scheduler.name(), schedulers);
            if (scheduler.builderNames().isEmpty()) {
                problem(
                        within,
                        "scheduler %s: builder_names is missing: name at least one builder"
                                .formatted(scheduler.name()));
            }
            if (new HashSet<>(scheduler.builderNames()).size() < scheduler.builderNames().size()) {
                problem(
                        within + "/builder_names",
                        "scheduler %s: a builder is named twice".formatted(scheduler.name()));
            }
            if (!configuration.multiMaster()) {
                for (String builder : scheduler.builderNames()) {
                    if (!builders.contains(builder)) {
                        problem(
                                within + "/builder_names",
                                "scheduler %s names builder '%s', which no master has: add it to builders, or set multi_master: true if another master's file has it"
                                        .formatted(scheduler.name(), builder));
                    }
                }
            }
        }

        private void poller(String at, GitPoller poller) {
            if (poller.repourl() == null) {
                problem(at, "git_poller lacks its repourl");
            } else if (poller.repourl().length() > LONGEST_REPOSITORY) {
                problem(
                        at + "/repourl",
                        "repourl has more than %d characters".formatted(LONGEST_REPOSITORY));
            } else if (poller.repourl().startsWith("-")) {
                problem(
                        at + "/repourl",
                        "repourl: '%s' begins with a dash".formatted(poller.repourl()));
            }
        }

        private void name(String at, String kind, @Nullable String name, Set<String> others) {
            if (name == null || name.isBlank()) {
                problem(at, "a %s has no name: add name: ...".formatted(kind));
            } else if (!name.equals(name.strip()) || name.length() > LONGEST_NAME) {
                problem(
                        at + "/name",
                        "%s '%s': a name has at most %d characters and no space around it"
                                .formatted(kind, name, LONGEST_NAME));
            } else if (!others.add(name)) {
                problem(
                        at + "/name",
                        "there are two %ss named '%s': rename one".formatted(kind, name));
            }
        }

        private <T> void positive(String at, String key, T value, ToIntFunction<T> number) {
            if (number.applyAsInt(value) < 1) {
                problem(at, "%s must be at least 1".formatted(key));
            }
        }
    }

    private static final class DurationDeserializer extends StdDeserializer<Duration> {
        DurationDeserializer() {
            super(Duration.class);
        }

        @Override
        public Duration deserialize(JsonParser parser, DeserializationContext context) {
            String text = parser.getValueAsString();
            Matcher matcher = DURATION.matcher(text == null ? "" : text.strip());
            if (!matcher.matches()) {
                throw InvalidFormatException.from(parser, "not a duration", text, Duration.class);
            }
            double number = Double.parseDouble(matcher.group(1));
            long millisPerUnit =
                    switch (matcher.group(2)) {
                        case "ms" -> 1;
                        case "m" -> 60_000;
                        case "h" -> 3_600_000;
                        case "d" -> 86_400_000;
                        case null, default -> 1_000;
                    };
            return Duration.ofMillis(Math.round(number * millisPerUnit));
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
            if (!parser.currentToken().isScalarValue()) {
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
