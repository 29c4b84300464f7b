package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.configuring.Configuration.GitPoller;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DifferenceTest {

    private static final String FILE =
            """
            db_url: jdbc:mysql://db/buildledger
            db_user: buildledger
            db_password: hunter2
            drain_timeout: 1h
            change_sources:
              - git_poller: {repourl: "https://me:hunter2@example.org/app.git", poll_interval: 10m}
              - git_poller: {repourl: "https://example.org/lib.git"}
            change_hooks:
              github: {secret: hunter2}
            codebases:
              - {name: app, project: app}
              - {name: lib, project: lib}
            schedulers:
              - single_branch: {name: main, branch: main, tree_stable_timer: 5s, builder_names: [linux]}
              - periodic: {name: hourly, periodic_build_timer: 1h, builder_names: [linux, docs]}
            builders:
              - name: linux
                worker_names: [w1]
                env: {CC: gcc}
                factory:
                  - git: {repourl: "https://me:hunter2@example.org/app.git"}
                  - shell: {command: make, timeout: 90m}
              - name: docs
                worker_names: [w1]
                factory: [{shell: {command: [make, docs]}}]
            workers:
              - {name: w1}
              - {name: w2, max_builds: 2}
            """;

    @TempDir Path directory;

    private ConfigurationFile read(String text) throws IOException {
        return ConfigurationFile.read(Files.writeString(directory.resolve("cluster.yaml"), text));
    }

    private List<String> differences(String before, String after) throws IOException {
        ConfigurationFile former = read(before);
        return read(after).differencesFrom(former);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    drain_timeout: 1h                 | drain_timeout: 60m                   |
                    drain_timeout: 1h                 | {}                                   |
                    drain_timeout: 1h                 | drain_timeout: 90s                   | drain_timeout: (default) -> 90s
                    drain_timeout: 1h                 | log_max_size: 1048576                | log_max_size: (default) -> 1MiB
                    drain_timeout: 1h                 | log_max_tail_size: 1MiB              |
                    tree_stable_timer: 5s             | tree_stable_timer: 10s               | schedulers.main.tree_stable_timer: 5s -> 10s
                    tree_stable_timer: 5s,            |                                      | schedulers.main.tree_stable_timer: 5s -> (default)
                    name: main, branch: main          | name: trunk, branch: main            | schedulers.trunk: added; schedulers.main: removed
                    [linux, docs]                     | [docs]                               | schedulers.hourly.builder_names: [linux, docs] -> [docs]
                    branch: main                      | change_filter: {branch: main}        | schedulers.main.branch: main -> (default); schedulers.main.change_filter.branch: (default) -> main
                    periodic: {name: hourly, periodic_build_timer: 1h | nightly: {name: hourly, hour: 3 | schedulers.hourly: periodic -> nightly
                    command: make,                    | command: [make, all],                | builders.linux.factory[1].command: make -> [make, all]
                    command: make,                    | command: "make all",                 | builders.linux.factory[1].command: make -> make all
                    command: [make, docs]             | command: make, name: docs            | builders.docs.factory[0].command: [make, docs] -> make; builders.docs.factory[0].name: make -> docs
                    - shell: {command: make, timeout: 90m} | - shell: {command: make, timeout: 90m, halt_on_failure: true} | builders.linux.factory[1].halt_on_failure: (default) -> true
                    timeout: 90m}                     | timeout: 90m, do_step_if: false}     | builders.linux.factory[1].do_step_if: (default) -> false
                    timeout: 90m}                     | timeout: 90m, hide_step_if: {step_results: [SKIPPED], any: [{branch: main}, true]}} | builders.linux.factory[1].hide_step_if.any[0]: added; builders.linux.factory[1].hide_step_if.any[1]: added; builders.linux.factory[1].hide_step_if.step_results: (default) -> [SKIPPED]
                    - shell: {command: make, timeout: 90m} | - git: {repourl: x} | builders.linux.factory[1]: shell -> git
                    CC: gcc                           | CC: clang, TOKEN: hunter3            | builders.linux.env.CC: changed; builders.linux.env.TOKEN: added
                    - {name: w1}                      | - {name: w1, max_builds: 3}          | workers.w1.max_builds: (default) -> 3
                    - {name: w2, max_builds: 2}       | - {name: w3}                         | workers.w3: added; workers.w2: removed
                    poll_interval: 10m                | poll_interval: 30s                   | change_sources[https://example.org/app.git].poll_interval: (default) -> 30s
                    - git_poller: {repourl: "https://example.org/lib.git"} | - git_poller: {repourl: "https://example.org/new.git"} | change_sources[https://example.org/new.git]: added; change_sources[https://example.org/lib.git]: removed
                    secret: hunter2                   | secret: hunter3                      | change_hooks.github.secret: changed
                    secret: hunter2                   | secret_file: gh                      | change_hooks.github.secret_file: (default) -> gh; change_hooks.github.secret: removed
                    github: {secret: hunter2}         | gitlab: {secret: hunter2}            | change_hooks.gitlab.secret: added; change_hooks.github.secret: removed
                    db_password: hunter2              | db_password: hunter3                 | db_password: changed
                    jdbc:mysql://db/buildledger       | jdbc:mysql://db2/buildledger?password=x | db_url: changed
                    codebases:                        | collapse_requests: {same_properties: [arch]}\\ncodebases: | collapse_requests.same_properties: (default) -> [arch]
                    codebases:                        | collapse_requests: true\\ncodebases: | collapse_requests: (default) -> true
                    codebases:                        | secrets: [{file: {directory: s}}]\\ncodebases: | secrets[0]: added
                    codebases:                        | web: {port: 8011}\\ncodebases:       | web.port: (default) -> 8011
                    """)
    void each_difference_is_told_by_its_path_with_what_was_and_what_is(
            String was, String is, String expected) throws IOException {
        String after =
                FILE.replaceFirst(
                        Pattern.quote(was),
                        Matcher.quoteReplacement(
                                is == null || is.equals("{}") ? "" : is.replace("\\n", "\n")));
        assertThat(after).isNotEqualTo(FILE);

        assertThat(differences(FILE, after))
                .containsExactlyInAnyOrder(expected == null ? new String[0] : expected.split("; "));
    }

    @Test
    void a_step_that_was_put_first_moves_the_others() throws IOException {
        assertThat(
                        differences(
                                FILE,
                                FILE.replace(
                                        "factory: [{shell: {command: [make, docs]}}]",
                                        "factory: [{shell: {command: clean}}, {shell: {command: [make, docs]}}]")))
                .containsExactly(
                        "builders.docs.factory[0].command: [make, docs] -> clean",
                        "builders.docs.factory[0].name: make -> clean",
                        "builders.docs.factory[1]: added");
    }

    @Test
    void the_order_of_what_is_looked_through_in_order_counts() throws IOException {
        String app = "  - {name: app, project: app}\n";
        String lib = "  - {name: lib, project: lib}\n";

        assertThat(differences(FILE, FILE.replace(app + lib, lib + app)))
                .containsExactly("codebases: in another order");
    }

    @Test
    void credentials_in_an_address_are_not_told() throws IOException {
        String after = FILE.replace("me:hunter2@", "me:hunter3@");

        assertThat(differences(FILE, after))
                .containsExactlyInAnyOrder(
                        "builders.linux.factory[0].repourl: changed",
                        "change_sources[https://example.org/app.git].repourl: changed");
    }

    @Test
    void headers_of_requests_are_not_told() throws IOException {
        String file =
                FILE.replace(
                        "{shell: {command: [make, docs]}}",
                        "{http: {url: 'https://example.org', headers: {Authorization: hunter2}}}");

        assertThat(differences(file, file.replace("n: hunter2", "n: hunter3")))
                .containsExactly("builders.docs.factory[0].headers.Authorization: changed");
    }

    @Test
    void a_long_value_is_cut() throws IOException {
        String after =
                FILE.replace(
                        "command: make,", "name: make, command: make " + "x".repeat(2_000) + ",");

        assertThat(differences(FILE, after))
                .singleElement()
                .matches(line -> line.length() < 300)
                .matches(line ->
                        line.startsWith("builders.linux.factory[1].command: make -> make x"));
    }

    @Test
    void what_needs_a_restart_is_told_with_its_place_by_the_role_that_reads_it()
            throws IOException {
        ConfigurationFile before = read(FILE);
        ConfigurationFile after =
                read(
                        FILE.replace("drain_timeout: 1h", "drain_timeout: 2h\nlease: 40s")
                                + "web: {port: 8011}\n");

        assertThat(after.needingRestart(before, "builder"))
                .containsExactly(
                        directory.resolve("cluster.yaml")
                                + ":5:1: lease: (default) -> 40s: a master reads 'lease' only when it starts: restart it, or put the former value back");
        assertThat(after.needingRestart(before, "scheduler"))
                .hasSize(2)
                .anyMatch(line -> line.contains(": web.port: (default) -> 8011: "));
    }

    @Test
    void of_every_key_it_is_known_whether_it_needs_a_restart() {
        Set<String> known = new HashSet<>(RestartKeys.RELOADED);
        known.addAll(RestartKeys.ROLES.keySet());

        assertThat(RestartKeys.RELOADED).doesNotContainAnyElementsOf(RestartKeys.ROLES.keySet());
        assertThat(
                        Arrays.stream(Configuration.class.getRecordComponents())
                                .map(RecordComponent::getName)
                                .map(DifferenceTest::inSnakeCase))
                .containsExactlyInAnyOrderElementsOf(known);
    }

    private static String inSnakeCase(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    /** By their names, so that one that is added is thought of. */
    @Test
    void every_text_that_is_named_like_a_secret_is_one() {
        Set<RecordComponent> components = new HashSet<>();
        for (Class<?> root : List.of(Configuration.class, GitPoller.class)) {
            collect(root, components, new HashSet<>());
        }

        assertThat(
                        components.stream()
                                .filter(it -> it.getType() == String.class)
                                .map(it -> inSnakeCase(it.getName()))
                                .filter(it ->
                                        it.matches(
                                                ".*(password|secret|token|passphrase|credential).*")))
                .contains("db_password", "secret", "password")
                .allMatch(Confidential::isSecret);
    }

    private static void collect(
            Class<?> type, Set<RecordComponent> components, Set<Class<?>> seen) {
        if (!seen.add(type)) {
            return;
        }
        if (type.isSealed()) {
            for (Class<?> one : type.getPermittedSubclasses()) {
                collect(one, components, seen);
            }
        }
        if (type.isRecord()) {
            for (RecordComponent component : type.getRecordComponents()) {
                components.add(component);
                types(component.getGenericType()).forEach(it -> collect(it, components, seen));
            }
        }
    }

    private static Stream<Class<?>> types(Type type) {
        return switch (type) {
            case Class<?> one -> Stream.of(one);
            case ParameterizedType of ->
                    Arrays.stream(of.getActualTypeArguments()).flatMap(DifferenceTest::types);
            default -> Stream.of();
        };
    }
}
