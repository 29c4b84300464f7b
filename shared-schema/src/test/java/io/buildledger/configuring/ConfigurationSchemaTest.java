package io.buildledger.configuring;

import static com.networknt.schema.SpecificationVersion.DRAFT_7;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import io.buildledger.configuring.Configuration.OnLeaseLapse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ConfigurationSchemaTest {

    private static final YAMLMapper YAML = ConfigurationReader.YAML;
    private static final RecordDocs DOCS =
            new RecordDocs(
                    Path.of("src", "main", "java"),
                    Path.of("src", "test", "java"),
                    Path.of("..", "domain", "src", "main", "java"));
    private static final String NEEDED = "db_url: jdbc:mysql://db/buildledger\ndb_user: me\n";

    private static ObjectNode generated;
    private static Schema schema;

    @BeforeAll
    static void generate() {
        generated =
                new SchemaOfBinding(YAML, DOCS)
                        .of(Configuration.class, "Buildledger's configuration");
        schema = SchemaRegistry.withDefaultDialect(DRAFT_7).getSchema(generated);
    }

    private static List<Error> errors(String yaml) {
        return schema.validate(YAML.readTree(yaml));
    }

    @Test
    void the_published_schema_is_that_of_the_code_that_binds_the_file() throws IOException {
        Path made = Path.of("target", "buildledger.schema.json");
        Path published = Path.of("..", "docs", "buildledger.schema.json");

        String json =
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(generated)
                        + "\n";

        Files.writeString(made, json);
        assertThat(Files.exists(published) && Files.readString(published).equals(json))
                .as(
                        "docs/buildledger.schema.json is that of the code; if not, and if that is"
                                + " meant: cp shared-schema/%s docs/",
                        made)
                .isTrue();
        assertThat(ConfigurationSchema.text()).isEqualTo(json);
    }

    /** Those that the pages show, and the demo's, whose variables stand for words or numbers. */
    static Stream<String> filesOfTheTree() throws IOException {
        List<String> files = new ArrayList<>();
        Path demo = Path.of("..", "scheduler-master", "src", "main", "resources", "demo");
        files.add(Files.readString(demo.resolve("cluster.yaml")).replaceAll("\\$\\{\\w+}", "1"));
        try (Stream<Path> pages = Files.list(Path.of("..", "docs"))) {
            for (Path page :
                    Stream.concat(Stream.of(Path.of("..", "README.md")), pages)
                            .filter(it -> it.toString().endsWith(".md"))
                            .toList()) {
                Matcher block =
                        Pattern.compile("(?s)```yaml\n(.*?)```").matcher(Files.readString(page));
                while (block.find()) {
                    files.add(block.group(1));
                }
            }
        }
        return files.stream();
    }

    @ParameterizedTest
    @MethodSource("filesOfTheTree")
    void files_of_the_tree_are_good(String yaml) {
        String whole =
                yaml
                        + NEEDED.lines()
                                .filter(it -> !yaml.contains(it.substring(0, it.indexOf(':'))))
                                .collect(Collectors.joining("\n"));

        assertThat(errors(whole)).isEmpty();
        YAML.readValue(whole, Configuration.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lease: 30",
                "lease: 0.5",
                "lease: 1.5h",
                "lease: '500 ms'",
                "log_max_size: 65536",
                "log_max_size: 50MiB",
                "log_max_tail_size: '512 KiB'",
                "multi_master: 'true'",
                "web: {port: 8020}",
                "web: {port: '8020'}",
                "web:\nbuilders:\nlease:\non_lease_lapse:",
                "on_lease_lapse: stop",
                "db_password: 1234",
                "change_sources: [git_poller: {repourl: x, branches: [main, 4.3]}]",
                "schedulers: [single_branch: {name: a, change_filter: {branch: x, project: [x, y]}}]",
                "builders: [{name: a, factory: []}]",
                "builders: [{name: a, factory: [shell: {command: make}]}]",
                "builders: [{name: a, factory: [shell: {command: [make, -j, 4]}]}]",
                "builders: [{name: a, factory: [shell: {command: x, decode_rc: {3: WARNINGS}}]}]",
                "builders: [{name: a, factory: [], env: {PATH: /bin, JOBS: 4, X: true}}]"
            })
    void what_is_right_is_accepted(String yaml) {
        assertThat(errors(NEEDED + yaml)).isEmpty();
        YAML.readValue(NEEDED + yaml, Configuration.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    leese: 30s                                    |                                  | additionalProperties
                    lease: long                                   | /lease                           | pattern
                    lease: -1                                     | /lease                           | minimum
                    lease: 99999999999                            | /lease                           | maximum
                    lease: [30s]                                  | /lease                           | type
                    log_max_size: 50MB                            | /log_max_size                    | pattern
                    log_max_size: 1.5                             | /log_max_size                    | type
                    log_max_size: -1                              | /log_max_size                    | minimum
                    log_max_size: 99999999999999                  | /log_max_size                    | maximum
                    multi_master: perhaps                         | /multi_master                    | pattern
                    on_lease_lapse: abort                         | /on_lease_lapse                  | enum
                    web: {port: http}                             | /web/port                        | pattern
                    web: {port: 80.5}                             | /web/port                        | type
                    web: 8010                                     | /web                             | type
                    builders: {name: a}                           | /builders                        | type
                    builders: [{name: a}]                         | /builders/0                      | required
                    builders: [{name: , factory: []}]             | /builders/0/name                 | type
                    builders: [{name: a, factory: [make]}]        | /builders/0/factory/0            | type
                    builders: [{name: a, factory: [shel: {}]}]    | /builders/0/factory/0            | additionalProperties
                    builders: [{name: a, factory: [{}]}]          | /builders/0/factory/0            | minProperties
                    builders: [{name: a, factory: [shell: {}]}]   | /builders/0/factory/0/shell      | required
                    builders: [{name: a, factory: [shell: {command: []}]}]       | /builders/0/factory/0/shell/command | minItems
                    builders: [{name: a, factory: [shell: {command: x, decode_rc: {x: FAILURE}}]}] | /builders/0/factory/0/shell/decode_rc | pattern
                    builders: [{name: a, factory: [shell: {command: x, decode_rc: {1: BAD}}]}]     | /builders/0/factory/0/shell/decode_rc/1 | enum
                    builders: [{name: a, factory: [{git: {repourl: x}, shell: {command: x}}]}]     | /builders/0/factory/0 | maxProperties
                    change_sources: [git_poller: {}]              | /change_sources/0/git_poller     | required
                    """)
    void what_is_wrong_is_refused_where_it_is(String yaml, String place, String rule) {
        assertThat(errors(NEEDED + yaml))
                .anySatisfy(error -> {
                    assertThat(error.getInstanceLocation().toString())
                            .isEqualTo(place == null ? "" : place);
                    assertThat(error.getSchemaNode() + error.getKeyword()).contains(rule);
                });
    }

    @Test
    void what_a_file_can_not_do_without_is_required() {
        assertThat(errors("lease: 30s"))
                .extracting(Error::getProperty)
                .containsExactlyInAnyOrder("db_url", "db_user");
    }

    /** Also of types that are yet to come: the files are made from the schema. */
    @Test
    void whatever_the_schema_accepts_can_be_bound() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);

        for (int i = 0; i < 500; i++) {
            String file = YAML.writeValueAsString(new SchemaSamples(generated, random).file());
            assertThat(errors(file)).as("seed %s:%n%s", seed, file).isEmpty();
            try {
                YAML.readValue(file, Configuration.class);
            } catch (JacksonException e) {
                throw new AssertionError("seed %s:%n%s".formatted(seed, file), e);
            }
        }
    }

    /** But for what is missing, which is told when all of the file has been read. */
    @Test
    void whatever_can_be_bound_is_accepted_by_the_schema() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int bound = 0;

        for (int i = 0; i < 5000; i++) {
            SchemaSamples samples = new SchemaSamples(generated, random);
            JsonNode file = samples.file();
            samples.spoil(file);
            String yaml = YAML.writeValueAsString(file);
            if (canBeBound(yaml)) {
                bound++;
                List<String> missing =
                        errors(yaml).stream()
                                .filter(ConfigurationSchemaTest::isMissing)
                                .map(it -> it.getInstanceLocation().toString())
                                .toList();
                // Where there are several ways to write a thing, each is told not to fit.
                assertThat(errors(yaml))
                        .as("seed %s:%n%s", seed, yaml)
                        .allMatch(it ->
                                isMissing(it)
                                        || missing.stream()
                                                .anyMatch(within ->
                                                        within.startsWith(
                                                                it.getInstanceLocation()
                                                                        .toString())));
            }
        }
        assertThat(bound).as("seed %s", seed).isPositive();
    }

    private static boolean isMissing(Error error) {
        return error.getKeyword().equals("required") || error.getInstanceNode().isNull();
    }

    private static boolean canBeBound(String yaml) {
        try {
            YAML.readValue(yaml, Configuration.class);
            return true;
        } catch (JacksonException _) {
            return false;
        }
    }

    /**
     * A group.
     *
     * @param inner as {@code quiteDeep} as {@link Group#inner()}
     */
    record Group(
            @Nullable List<Group> inner,
            Map<OnLeaseLapse, Set<Path>> paths,
            @Nullable Object quiteDeep) {

        Group {
            paths = paths == null ? Map.of() : paths;
        }
    }

    @Test
    void a_record_that_is_yet_to_come_needs_no_description() {
        assertThat(new SchemaOfBinding(YAML, DOCS).of(Group.class, "Groups").at("/properties"))
                .isEqualTo(
                        YAML.readTree(
                                """
                                inner:
                                  type: [array, "null"]
                                  items: {$ref: "#/definitions/Group"}
                                  description: as `quite_deep` as `inner`
                                paths:
                                  type: [object, "null"]
                                  propertyNames: {enum: [continue, stop]}
                                  additionalProperties:
                                    type: array
                                    items: {type: [string, number, boolean]}
                                quite_deep: {type: [string, number, boolean, array, object, "null"]}
                                """));
    }

    private record Odd(Locale locale) {}

    private record Timed(Instant instant) {}

    @Test
    void a_type_with_a_deserializer_of_its_own_must_be_described() {
        StdDeserializer<Locale> own =
                new StdDeserializer<>(Locale.class) {
                    @Override
                    public Locale deserialize(JsonParser parser, DeserializationContext context) {
                        return Locale.ROOT;
                    }
                };
        YAMLMapper mapper =
                YAML.rebuild()
                        .addModule(new SimpleModule().addDeserializer(Locale.class, own))
                        .build();

        assertThatThrownBy(() -> new SchemaOfBinding(mapper, DOCS).of(Odd.class, ""))
                .hasMessageStartingWith("say in SchemaOfBinding what ")
                .hasMessageEndingWith(" takes, which reads java.util.Locale");
        assertThatThrownBy(() -> new SchemaOfBinding(YAML, DOCS).of(Timed.class, ""))
                .hasMessageEndingWith("reads java.time.Instant");
    }
}
