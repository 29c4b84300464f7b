package io.buildledger.domain.rendering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStampFilter;
import io.buildledger.domain.changing.TextPattern;
import io.buildledger.domain.changing.TextRule;
import io.buildledger.domain.rendering.Condition.All;
import io.buildledger.domain.rendering.Condition.Any;
import io.buildledger.domain.rendering.Condition.Facts;
import io.buildledger.domain.rendering.Condition.Fixed;
import io.buildledger.domain.rendering.Condition.Not;
import io.buildledger.domain.rendering.Condition.Rules;
import io.buildledger.domain.rendering.Condition.SameProperties;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ConditionTest {

    private static final BuildProperties PROPERTIES =
            BuildProperties.NONE.with(
                    Map.of("deploy", true, "shards", 4, "target", "staging", "files", List.of("a")),
                    "Test");
    private static final SourceStamp APP = new SourceStamp("app.git", "main", "abc", "shop", "app");
    private static final SourceStamp LIB = new SourceStamp("lib.git", "dev", null, "", "lib");
    private static final Facts AT_START =
            new Facts(PROPERTIES, List.of(APP, LIB), Results.WARNINGS, null);
    private static final Condition YES = property("deploy", TextRule.oneOf("true"));
    private static final Condition NO = property("deploy", TextRule.oneOf("false"));

    private static Rules property(String name, TextRule rule) {
        return rules(Map.of(name, rule), SourceStampFilter.ALL, Set.of(), Set.of());
    }

    private static Rules stamps(SourceStampFilter filter) {
        return rules(Map.of(), filter, Set.of(), Set.of());
    }

    private static Rules branch(TextRule rule) {
        return stamps(SourceStampFilter.onBranch(rule));
    }

    private static Rules branchOf(String codebase, String branch) {
        return stamps(
                new SourceStampFilter(
                        TextRule.ANY,
                        TextRule.ANY,
                        TextRule.oneOf(branch),
                        TextRule.oneOf(codebase)));
    }

    private static Rules build(Results... results) {
        return rules(Map.of(), SourceStampFilter.ALL, Set.of(results), Set.of());
    }

    private static Rules step(Results... results) {
        return rules(Map.of(), SourceStampFilter.ALL, Set.of(), Set.of(results));
    }

    private static Rules rules(
            Map<String, TextRule> properties,
            SourceStampFilter filter,
            Set<Results> build,
            Set<Results> step) {
        return new Rules(new TreeMap<>(properties), filter, build, step);
    }

    private static Condition same(String one, String other) {
        return new SameProperties(new TreeMap<>(Map.of(one, other)));
    }

    private static TextRule not(String value) {
        return new TextRule(Set.of(), Set.of(value), List.of(), List.of());
    }

    private static TextRule matching(String regex) {
        return new TextRule(Set.of(), Set.of(), List.of(new TextPattern(regex)), List.of());
    }

    static Stream<Arguments> rows() {
        return Stream.of(
                row("true", new Fixed(true), null),
                row("false", new Fixed(false), "the condition is false"),
                row("{}", rules(Map.of(), SourceStampFilter.ALL, Set.of(), Set.of()), null),
                row("{property: {deploy: true}}", YES, null),
                row("{property: {deploy: false}}", NO, "property deploy 'true' is not false"),
                row("{property: {shards: 4}}", property("shards", TextRule.oneOf("4")), null),
                row(
                        "{property: {files: '[\"a\"]'}}",
                        property("files", TextRule.oneOf("[\"a\"]")),
                        null),
                row("{property: {none: ''}}", property("none", TextRule.oneOf("")), null),
                row(
                        "{property_not_eq: {none: ''}}",
                        property("none", not("")),
                        "property none '' is excluded"),
                row("{same_property: {target: target}}", same("target", "target"), null),
                row("{same_property: {none: nothing}}", same("none", "nothing"), null),
                row(
                        "{same_property: {target: none}}",
                        same("target", "none"),
                        "property target 'staging' is not property none ''"),
                row("{property_not_eq: {target: ''}}", property("target", not("")), null),
                row(
                        "{property_re: {target: stag.*}}",
                        property("target", matching("stag.*")),
                        null),
                row(
                        "{property_re: {target: tag}}",
                        property("target", matching("tag")),
                        "property target 'staging' does not match /tag/"),
                row("{branch: main}", branch(TextRule.oneOf("main")), null),
                row("{branch: dev}", branch(TextRule.oneOf("dev")), null),
                row(
                        "{branch: x}",
                        branch(TextRule.oneOf("x")),
                        "app: branch 'main' is not x; lib: branch 'dev' is not x"),
                row("{codebase: app, branch: main}", branchOf("app", "main"), null),
                row(
                        "{codebase: lib, branch: main}",
                        branchOf("lib", "main"),
                        "app: codebase 'app' is not lib; lib: branch 'dev' is not main"),
                row("{branch_not_eq: main}", branch(not("main")), null),
                row("{build_results: [WARNINGS]}", build(Results.SUCCESS, Results.WARNINGS), null),
                row(
                        "{build_results: [SUCCESS, FAILURE]}",
                        build(Results.FAILURE, Results.SUCCESS),
                        "the build is WARNINGS and not SUCCESS or FAILURE"),
                row(
                        "{property: {deploy: true}, branch: x}",
                        rules(
                                Map.of("deploy", TextRule.oneOf("true")),
                                SourceStampFilter.onBranch(TextRule.oneOf("x")),
                                Set.of(),
                                Set.of()),
                        "app: branch"),
                row("{all: [yes, yes]}", new All(List.of(YES, YES)), null),
                row("{all: [yes, no]}", new All(List.of(YES, NO)), "property deploy 'true'"),
                row("{any: [no, yes]}", new Any(List.of(NO, YES)), null),
                row(
                        "{any: [no, false]}",
                        new Any(List.of(NO, new Fixed(false))),
                        "property deploy 'true' is not false; the condition is false"),
                row("{not: no}", new Not(NO), null),
                row("{not: yes}", new Not(YES), "what is under 'not' holds"),
                row(
                        "{not: {any: [no, {all: [yes, {not: yes}]}]}}",
                        new Not(new Any(List.of(NO, new All(List.of(YES, new Not(YES)))))),
                        null));
    }

    private static Arguments row(String yaml, Condition condition, @Nullable String refusal) {
        return Arguments.of(yaml, condition, refusal);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void a_condition_holds_or_says_why_not(
            String yaml, Condition condition, @Nullable String refusal) {
        assertThat(condition.holds(AT_START)).as(yaml).isEqualTo(refusal == null);
        assertThat(condition.refusal(AT_START).orElse(""))
                .startsWith(refusal == null ? "" : refusal);
        assertThat(condition.asksForStepResults()).isFalse();
    }

    @Test
    void a_build_without_a_source_passes_no_rule_on_sources() {
        Facts without = new Facts(PROPERTIES, List.of(), Results.SUCCESS, null);

        assertThat(branch(TextRule.oneOf("main")).refusal(without))
                .contains("the build has no source stamp");
        assertThat(branch(not("main")).holds(without)).isFalse();
        assertThat(YES.holds(without)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void a_step_is_judged_by_how_it_has_ended(Results results) {
        Facts ended = new Facts(PROPERTIES, List.of(), Results.SUCCESS, results);
        boolean isOneOf = EnumSet.of(Results.SKIPPED, Results.SUCCESS).contains(results);

        assertThat(step(Results.SKIPPED, Results.SUCCESS).holds(ended)).isEqualTo(isOneOf);
        assertThat(new Not(step(Results.SKIPPED, Results.SUCCESS)).holds(ended))
                .isEqualTo(!isOneOf);
    }

    @Test
    void what_asks_for_the_end_of_a_step_can_not_be_judged_before() {
        for (Condition condition :
                List.of(
                        step(Results.SUCCESS),
                        new Not(step(Results.SUCCESS)),
                        new All(List.of(YES, step(Results.SUCCESS))),
                        new Any(List.of(NO, step(Results.SUCCESS))))) {
            assertThat(condition.asksForStepResults()).isTrue();
            assertThatThrownBy(() -> condition.holds(AT_START))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("step_results is for hide_step_if alone");
        }
    }

    @Test
    void all_and_any_of_nothing_are_refused() {
        assertThatThrownBy(() -> new All(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("all: [] is a condition without a rule: name one, or write true");
        assertThatThrownBy(() -> new Any(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("any: [] is a condition without a rule: name one, or write false");
    }
}
