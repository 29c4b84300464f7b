package io.buildledger.builder.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.builder.running.BuildBench.Finished;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.Property;
import io.buildledger.testing.TestLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class PropertyStepsTest {

    private static final TestLog DATABASE = new TestLog();

    @TempDir Path directory;
    private BuildBench bench;

    @BeforeEach
    void open() {
        bench = new BuildBench(DATABASE, directory);
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private Finished run(String factory) {
        bench.run(BuildBench.HEAD, WrittenSteps.of(directory, factory));
        return bench.finished.getFirst();
    }

    @Test
    void set_property_sets_whatever_JSON_can_hold_in_the_name_of_the_step() {
        run(
                """
                - set_property: {name: choose, property: flavour, value: sweet}
                - set_property: {property: retries, value: 3}
                - set_properties: {properties: {fast: true, arches: [arm64, amd64], on: {linux: 6}}}
                """);

        assertThat(bench.properties)
                .containsEntry("flavour", new Property("sweet", "choose"))
                .containsEntry("retries", new Property(3, "set_property"))
                .containsEntry("fast", new Property(true, "set_properties"))
                .containsEntry("arches", new Property(List.of("arm64", "amd64"), "set_properties"))
                .containsEntry("on", new Property(Map.of("linux", 6), "set_properties"));
        assertThat(bench.finished)
                .extracting(Finished::summary)
                .containsExactly("set flavour", "set retries", "set fast, arches, on");
    }

    @Test
    void set_properties_from_env_takes_what_the_worker_has() {
        String path = System.getenv("PATH");

        assertThat(run("- set_properties_from_env: {variables: [PATH, NO_SUCH_VARIABLE]}"))
                .isEqualTo(new Finished(1, Results.SUCCESS, null, "set PATH"));
        assertThat(bench.properties)
                .containsOnly(Map.entry("PATH", new Property(path, "set_properties_from_env")));
        assertThat(bench.text(1)).contains("NO_SUCH_VARIABLE is not set on worker w");
    }

    @Test
    void set_property_from_command_takes_the_output_without_the_space_around_it() {
        Finished end =
                run(
                        """
                        - set_property_from_command: {name: look, command: "echo; echo ' a b '; echo no >&2", property: p}
                        - set_property_from_command: {command: "echo ' a b '", property: q, strip: false}
                        - set_property_from_command:
                            {command: "echo x; echo y >&2", property: r, include_stdout: false, include_stderr: true}
                        """);

        assertThat(end).isEqualTo(new Finished(1, Results.SUCCESS, 0, "look successful (set p)"));
        assertThat(bench.properties)
                .containsEntry("p", new Property("a b", "look"))
                .containsEntry("q", new Property(" a b \n", "set_property_from_command"))
                .containsEntry("r", new Property("y", "set_property_from_command"));
        assertThat(bench.text(1)).contains(" a b ");
    }

    @Test
    void a_command_that_fails_sets_nothing() {
        Finished end =
                run(
                        "- set_property_from_command: {command: echo x; exit 1, property: p, name: look}");

        assertThat(end).isEqualTo(new Finished(1, Results.FAILURE, 1, "failed look (exit code 1)"));
        assertThat(bench.properties).isEmpty();
    }

    @Test
    void a_command_whose_exit_code_is_a_warning_sets_its_property() {
        assertThat(
                        run("- set_property_from_command: {command: echo x; exit 2, property: p, decode_rc: {2: WARNINGS}}")
                                .results())
                .isEqualTo(Results.WARNINGS);
        assertThat(bench.properties).containsKey("p");
    }

    @Test
    void output_that_is_too_long_for_a_property_fails() {
        Finished end =
                run(
                        """
                        - set_property_from_command: {command: "yes | head -c 65537", property: p, name: look}
                        """);

        assertThat(end.summary()).isEqualTo("failed look (printed more than 65536 bytes)");
        assertThat(bench.properties).isEmpty();
    }

    @Test
    void named_groups_of_an_expression_are_properties() {
        run(
                """
                - set_property_from_command:
                    command: printf 'tool 1.2.3 (x)\\nbuilt today\\n'
                    extract: '^tool (?P<version>[0-9]+\\.[0-9.]+)(?P<extra> never)?'
                """);

        assertThat(bench.finished.getFirst().results()).isEqualTo(Results.SUCCESS);
        assertThat(bench.properties)
                .containsOnly(
                        Map.entry("version", new Property("1.2.3", "set_property_from_command")));
    }

    @Test
    void output_that_an_expression_does_not_find_fails() {
        assertThat(
                        run(
                                "- set_property_from_command: {command: echo x, extract: '(?P<a>[0-9])', name: look}"))
                .isEqualTo(
                        new Finished(
                                1,
                                Results.FAILURE,
                                null,
                                "failed look (nothing in the output is like '(?P<a>[0-9])')"));
    }

    @Test
    void the_members_of_a_JSON_object_are_properties() {
        run(
                """
                - set_property_from_command:
                    command: >
                      echo '{"a": "x", "b": [1, {"c": true}], "none": null}'
                    extract: json
                """);

        assertThat(bench.properties)
                .containsOnly(
                        Map.entry("a", new Property("x", "set_property_from_command")),
                        Map.entry(
                                "b",
                                new Property(
                                        List.of(1, Map.of("c", true)),
                                        "set_property_from_command")));
    }

    @Test
    void output_that_is_no_JSON_object_fails() {
        for (String printed : List.of("[1]", "nothing", "", "null", "7")) {
            Finished end =
                    run(
                            "- set_property_from_command: {command: [echo, '%s'], extract: json}"
                                    .formatted(printed));

            assertThat(end.results()).as(printed).isEqualTo(Results.FAILURE);
            assertThat(end.summary()).contains("the output is no JSON object: ");
        }
    }

    @Test
    void values_are_interpolated_and_nothing_is_the_empty_text() {
        run(
                """
                - set_property: {property: a, value: [1, 2]}
                - set_property: {property: b, value: "%(prop:a)s"}
                - set_property: {property: c, value: "%(prop:nothing)s"}
                - set_properties: {properties: {d: "x%(prop:a)s", e: "%(prop:nothing)s"}}
                """);

        assertThat(bench.properties)
                .containsEntry("b", new Property(List.of(1, 2), "set_property"))
                .containsEntry("c", new Property("", "set_property"))
                .containsEntry("d", new Property("x[1,2]", "set_properties"))
                .containsEntry("e", new Property("", "set_properties"));
    }
}
