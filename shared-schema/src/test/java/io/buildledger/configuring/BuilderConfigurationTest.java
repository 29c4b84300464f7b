package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.domain.mastering.BuilderDescription;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.domain.mastering.ProjectDescription;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a file says of its builders beside what they do. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class BuilderConfigurationTest {

    private static final String LEAST =
            """
            db_url: jdbc:mysql://db/buildledger
            db_user: buildledger
            builders:
              - name: linux
                worker_names: [w1]
                factory: [shell: {command: make}]
            workers: [name: w1]
            projects: [{name: app, description: the application, url: "https://example.org/app"}, {name: lib}]
            """;

    @TempDir Path directory;

    private ConfigurationFile read(String text) throws IOException {
        return ConfigurationFile.read(Files.writeString(directory.resolve("c.yaml"), text));
    }

    private static String with(String keys) {
        return LEAST.replace("    worker_names", "    " + keys + "\n    worker_names");
    }

    private List<String> problems(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("c.yaml"), text);
        return catchThrowableOfType(
                        InvalidConfigurationException.class, () -> ConfigurationFile.read(file))
                .problems()
                .stream()
                .map(line -> line.replace(directory + "/", ""))
                .toList();
    }

    @Test
    void without_them_there_is_nothing_to_tell() throws IOException {
        assertThat(read(LEAST).descriptions()).isEqualTo(Descriptions.NONE);
        assertThat(read(LEAST).configuration().builderFingerprint())
                .isEqualTo(BuilderFingerprint.WARN);
        assertThat(
                        read(LEAST + "builder_fingerprint: refuse\n")
                                .configuration()
                                .builderFingerprint())
                .isEqualTo(BuilderFingerprint.REFUSE);
    }

    @Test
    void a_builder_is_described_and_so_is_its_project() throws IOException {
        assertThat(
                        read(with(
                                        "{tags: [slow, gpu], description: for all, project: app}"
                                                .replaceAll("[{}]", "")
                                                .replace(", description", "\n    description")
                                                .replace(", project", "\n    project")))
                                .descriptions())
                .isEqualTo(
                        new Descriptions(
                                Map.of(
                                        "linux",
                                        new BuilderDescription(
                                                List.of("slow", "gpu"), "for all", "app", null)),
                                Map.of(
                                        "app",
                                        new ProjectDescription(
                                                "the application", "https://example.org/app"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tags: [slow]",
                "description: for all",
                "project: app",
                "max_attempts: 7",
                "collapse_requests: true",
                "next_build: {order: newest_first}",
                "next_build: {prefer: {branch: main}}",
                "next_worker: last_used",
                "can_start_build: {property: {a: b}}"
            })
    void what_is_told_and_who_builds_it_makes_no_other_fingerprint(String keys) throws IOException {
        assertThat(read(with(keys)).fingerprints()).isEqualTo(read(LEAST).fingerprints());
    }

    @Test
    void the_environment_makes_another() throws IOException {
        assertThat(read(with("env: {CC: gcc}")).fingerprints())
                .isNotEqualTo(read(LEAST).fingerprints());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    next_build: {order: newest_first}                 | next_build: newest_first
                    next_build: {prefer: {branch: main}}              | next_build: prefer
                    next_worker: least_busy                           | next_worker: least_busy
                    can_start_build: {same_property: {a: b}}          | can_start_build
                    next_build: {order: in_order}                     |
                    next_worker: first_free                           |
                    """)
    void people_are_told_of_policies(String keys, @Nullable String policy) throws IOException {
        assertThat(read(with(keys)).descriptions().of("linux").policy()).isEqualTo(policy);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    next_build: newest_first   | builders[0].next_build: this must be a group of keys
                    next_build: {order: fastest} | builders[0].next_build.order: 'fastest' is not one of in_order, newest_first
                    next_build: {prefer: {}}   | builder linux: next_build: a condition without a rule: name one
                    next_build: {prefer: {property_re: {a: "("}}} | builder linux: next_build:
                    next_worker: random        | 'random' is not one of first_free, least_busy, last_used
                    can_start_build: {step_results: [SUCCESS]} | builder linux: can_start_build: step_results asks how the step has ended
                    can_start_build: {same: {a: b}} | there is no key 'same' here
                    tags: [slow, slow]  | c.yaml:5:18: builder linux has tag 'slow' twice: name it once
                    tags: [' slow']     | builder linux has tag ' slow': a name has 1 to 100 characters and no space around it
                    tags: slow          | builders[0].tags: this must be a list
                    collapse_requests: always | this must be true, false, or what must be the same: {same_properties: [...]}
                    env: {'': x} | builder linux: env: '' can't be the name of a variable: at least a character, and no =
                    env: {V: "%(prop:v"} | builder linux: env: '%(prop:v': at character 1
                    env: {V: "%(kw:v)s"} | builder linux: env: it names keyword 'v', which only texts of a step have: write it into the step's env
                    env: {V: "%(secret:v)s"} | builder linux: env: it names secret 'v', and this file has no secrets
                    project: ap         | c.yaml:5:5: builder linux: there is no project 'ap' in this file: add it to projects
                    """)
    void what_is_wrong_is_told(String keys, String problem) throws IOException {
        assertThat(problems(with(keys))).singleElement().asString().contains(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    name: lib          | name: app                          | there are two projects named 'app': rename one
                    {name: lib}        | {description: x}                   | a project has no name: add name: ...
                    {name: lib}        |                                    | a project is empty: write {name: ...}
                    {name: lib}        | {name: lib, url: "javascript:1"}   | project lib: url: 'javascript:1' is no address of a page: write https://...
                    db_user: buildledger | `db_user: buildledger
                    builder_fingerprint: stop` | builder_fingerprint: 'stop' is not one of warn, refuse
                    """)
    void what_is_wrong_with_projects_is_told(String good, String bad, String problem)
            throws IOException {
        assertThat(LEAST).contains(good);

        assertThat(problems(LEAST.replace(good, bad == null ? "null" : bad)))
                .singleElement()
                .asString()
                .contains(problem);
    }

    @Test
    void a_long_description_is_refused() throws IOException {
        assertThat(problems(with("description: " + "x".repeat(1001))))
                .singleElement()
                .asString()
                .contains("builder linux: description has more than 1000 characters");
    }
}
