package io.buildledger.configuring;

import static io.buildledger.domain.changing.TextRule.ANY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStampFilter;
import io.buildledger.domain.changing.TextPattern;
import io.buildledger.domain.changing.TextRule;
import io.buildledger.domain.rendering.Condition;
import io.buildledger.domain.rendering.Condition.All;
import io.buildledger.domain.rendering.Condition.Any;
import io.buildledger.domain.rendering.Condition.Fixed;
import io.buildledger.domain.rendering.Condition.Not;
import io.buildledger.domain.rendering.Condition.Rules;
import io.buildledger.steps.AssertStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StepConditionTest {

    @TempDir Path directory;

    private ConfigurationFile read(String step) throws IOException {
        return ConfigurationFile.read(
                Files.writeString(
                        directory.resolve("c.yaml"),
                        """
                        db_url: jdbc:mysql://db/buildledger
                        db_user: buildledger
                        workers: [{name: w}]
                        builders:
                          - name: linux
                            worker_names: [w]
                            factory:
                              - %s
                        """
                                .formatted(step)));
    }

    private ConfiguredStep step(String step) throws IOException {
        return read(step).configuration().builders().getFirst().factory().getFirst();
    }

    private String fingerprint(String keys) throws IOException {
        Configuration with = read("shell: {command: make" + keys + "}").configuration();
        return ConfigurationFile.fingerprint(with.builders().getFirst());
    }

    private static Rules properties(Map<String, TextRule> rules) {
        return new Rules(new TreeMap<>(rules), SourceStampFilter.ALL, Set.of(), Set.of());
    }

    private static Rules stamp(SourceStampFilter filter) {
        return new Rules(new TreeMap<>(), filter, Set.of(), Set.of());
    }

    private static Rules branch(TextRule rule) {
        return stamp(SourceStampFilter.onBranch(rule));
    }

    private static TextRule not(String value) {
        return new TextRule(Set.of(), Set.of(value), List.of(), List.of());
    }

    private static TextRule matching(String regex) {
        return new TextRule(Set.of(), Set.of(), List.of(new TextPattern(regex)), List.of());
    }

    private static TextRule notMatching(String regex) {
        return new TextRule(Set.of(), Set.of(), List.of(), List.of(new TextPattern(regex)));
    }

    private static final Rules MAIN = branch(TextRule.oneOf("main"));

    static List<Arguments> written() {
        return List.of(
                arguments("true", new Fixed(true)),
                arguments("'False'", new Fixed(false)),
                arguments("{branch: main}", MAIN),
                arguments("{branch: [main, next]}", branch(TextRule.oneOf("main", "next"))),
                arguments("{branch_not_eq: main}", branch(not("main"))),
                arguments("{branch_re: 'release/.*'}", branch(matching("release/.*"))),
                arguments("{branch_not_re: 'fix/.*'}", branch(notMatching("fix/.*"))),
                arguments(
                        "{project: p, repository: r, codebase: ''}",
                        stamp(
                                new SourceStampFilter(
                                        TextRule.oneOf("p"),
                                        TextRule.oneOf("r"),
                                        ANY,
                                        TextRule.oneOf("")))),
                arguments(
                        "{property: {deploy: true, jobs: [1, 2]}}",
                        properties(
                                Map.of(
                                        "deploy",
                                        TextRule.oneOf("true"),
                                        "jobs",
                                        TextRule.oneOf("1", "2")))),
                arguments(
                        "{property_not_eq: {x: ''}, property_re: {y: a+}, property_not_re: {z: b}}",
                        properties(
                                Map.of(
                                        "x", not(""),
                                        "y", matching("a+"),
                                        "z", notMatching("b")))),
                arguments(
                        "{build_results: [WARNINGS, SUCCESS], step_results: [SKIPPED]}",
                        new Rules(
                                new TreeMap<>(),
                                SourceStampFilter.ALL,
                                Set.of(Results.SUCCESS, Results.WARNINGS),
                                Set.of(Results.SKIPPED))),
                arguments("{not: {branch: main}}", new Not(MAIN)),
                arguments("{all: [true, {branch: main}]}", new All(List.of(new Fixed(true), MAIN))),
                arguments(
                        "{any: [{not: false}, {branch: main}]}",
                        new Any(List.of(new Not(new Fixed(false)), MAIN))),
                arguments(
                        "{branch: main, any: [{branch: main}], not: false}",
                        new All(List.of(MAIN, new Any(List.of(MAIN)), new Not(new Fixed(false))))));
    }

    @ParameterizedTest
    @MethodSource("written")
    void a_condition_is_what_is_written(String condition, Condition meant) throws IOException {
        assertThat(
                        step("shell: {command: make, hide_step_if: %s}".formatted(condition))
                                .arguments()
                                .hideStepIf()
                                .toDomain())
                .isEqualTo(meant);
    }

    @Test
    void a_step_runs_and_is_shown_unless_something_else_is_said() throws IOException {
        ConfiguredStep silent = step("shell: {command: make}");

        assertThat(silent.arguments().doStepIf().toDomain()).isEqualTo(new Fixed(true));
        assertThat(silent.arguments().hideStepIf().toDomain()).isEqualTo(new Fixed(false));
    }

    @Test
    void an_assert_step_has_a_condition_and_a_message() throws IOException {
        ConfiguredStep step = step("assert: {check: {branch: main}, message: not from here}");

        assertThat(step.name()).isEqualTo("assert");
        assertThat(step.policy().haltOnFailure()).isFalse();
        assertThat(((AssertStep) step.step()).check().toDomain()).isEqualTo(MAIN);
        assertThat(((AssertStep) step.step()).message()).isEqualTo("not from here");
    }

    @Test
    void a_fingerprint_depends_on_what_a_condition_says_and_not_on_how() throws IOException {
        String on = ", do_step_if: {branch: main, build_results: [SUCCESS, WARNINGS]}";

        assertThat(fingerprint(", do_step_if: true, hide_step_if: false"))
                .isEqualTo(fingerprint(""));
        assertThat(fingerprint(on))
                .isEqualTo(
                        fingerprint(
                                ", do_step_if: {build_results: [WARNINGS, SUCCESS], branch: [main]}"))
                .isNotEqualTo(fingerprint(""))
                .isNotEqualTo(fingerprint(on.replace("main", "next")))
                .isNotEqualTo(fingerprint(on.replace("do_", "hide_")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    do_step_if: perhaps                     | 8:32: builders[0].factory[0].shell.do_step_if: 'perhaps' is not a condition: true, false, or rules such as {branch: main}
                    do_step_if: 1                           | 8:32: builders[0].factory[0].shell.do_step_if: '1' is not a condition
                    do_step_if: ''                          | 8:32: builders[0].factory[0].shell.do_step_if: '' is not a condition
                    do_step_if: [true]                      | 8:32: builders[0].factory[0].shell.do_step_if: this must be a condition: true, false, or rules such as {branch: main}
                    do_step_if: {}                          | 8:32: builder linux: do_step_if: a condition without a rule: name one, such as branch: main, or write true or false
                    do_step_if: {property: {}}              | 8:32: builder linux: do_step_if: a condition without a rule
                    do_step_if: {brunch: main}              | 8:45: builders[0].factory[0].shell.do_step_if.brunch: there is no key 'brunch' here: did you mean 'branch'?
                    do_step_if: {category: x}               | there is no key 'category' here
                    do_step_if: {branch: []}                | 8:45: builders[0].factory[0].shell.do_step_if.branch: expected text or a list of texts
                    do_step_if: {property: {x: }}           | builders[0].factory[0].shell.do_step_if.property.x: this must be text or a list of texts
                    do_step_if: {branch_re: "("}            | 8:45: builder linux: do_step_if: '(' is not a regular expression: missing closing )
                    do_step_if: {codebase_not_re: [a, "["]} | 8:45: builder linux: do_step_if: '[' is not a regular expression
                    do_step_if: {property_re: {a/b: "("}}   | 8:59: builder linux: do_step_if: '(' is not a regular expression
                    do_step_if: {build_results: [good]}     | do_step_if.build_results[0]: 'good' is not one of SKIPPED, SUCCESS
                    do_step_if: {build_results: [null]}     | do_step_if.build_results[0]: this must be one of SKIPPED, SUCCESS
                    do_step_if: {build_results: SUCCESS}    | do_step_if.build_results: this must be a list
                    do_step_if: {build_results: []}         | 8:45: builder linux: do_step_if: build_results has no result: name one, such as SUCCESS, or leave it out
                    do_step_if: {step_results: [SKIPPED]}   | 8:45: builder linux: do_step_if: step_results asks how the step has ended, which is known to hide_step_if alone: take it out
                    do_step_if: {any: [true, {not: {step_results: [SKIPPED]}}]} | 8:64: builder linux: do_step_if: step_results asks
                    do_step_if: {all: []}                   | 8:45: builder linux: do_step_if: all has no condition: name one, or leave it out
                    hide_step_if: {any: []}                 | 8:47: builder linux: hide_step_if: any has no condition
                    hide_step_if: {any: [true, {}]}         | 8:59: builder linux: hide_step_if: a condition without a rule
                    hide_step_if: {all: [null]}             | 8:53: builder linux: hide_step_if: a condition is empty: write true, false, or a rule such as {branch: main}
                    hide_step_if: {all: [maybe]}            | hide_step_if.all[0]: 'maybe' is not a condition
                    hide_step_if: {all: true}               | hide_step_if.all: this must be a list
                    hide_step_if: {not: {branch_re: "("}}   | 8:53: builder linux: hide_step_if: '(' is not a regular expression
                    """)
    void what_is_wrong_with_a_condition_is_told_with_its_place_and_the_remedy(
            String key, String problem) {
        assertThat(problemOf("shell: {command: make, " + key + "}")).contains(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    assert: {}                                 | 8:9: builder linux: an assert step lacks its check: add check: {...} with a condition
                    assert: {chek: true}                       | there is no key 'chek' here: did you mean 'check'?
                    assert: {check: {}}                        | 8:18: builder linux: check: a condition without a rule
                    assert: {check: {branch_re: "("}}          | 8:26: builder linux: check: '(' is not a regular expression
                    assert: {check: {step_results: [SUCCESS]}} | 8:26: builder linux: check: step_results asks how the step has ended
                    """)
    void what_is_wrong_with_an_assert_step_is_told(String step, String problem) {
        assertThat(problemOf(step)).contains(problem);
    }

    private String problemOf(String step) {
        InvalidConfigurationException refused =
                catchThrowableOfType(InvalidConfigurationException.class, () -> read(step));
        assertThat(refused).as("the file is refused").isNotNull();
        assertThat(refused.problems()).hasSize(1);
        return refused.problems().getFirst();
    }
}
