package io.buildledger.domain.scheduling;

import static io.buildledger.domain.scheduling.SchedulerFixtures.APP_AND_LIB;
import static io.buildledger.domain.scheduling.SchedulerFixtures.MAIN;
import static io.buildledger.domain.scheduling.SchedulerFixtures.main;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.TextPattern;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.ForceForm.Answer;
import io.buildledger.domain.scheduling.ForceParameter.Choice;
import io.buildledger.domain.scheduling.ForceParameter.Codebase;
import io.buildledger.domain.scheduling.ForceParameter.Fixed;
import io.buildledger.domain.scheduling.ForceParameter.Flag;
import io.buildledger.domain.scheduling.ForceParameter.Nested;
import io.buildledger.domain.scheduling.ForceParameter.Text;
import io.buildledger.domain.scheduling.ForceParameter.UserName;
import io.buildledger.domain.scheduling.ForceParameter.Whole;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ForceFormTest {

    private static final CodebaseDefaults APP = requireNonNull(APP_AND_LIB.get("app"));
    private static final String MEGABYTE = "a".repeat(1 << 20);

    private static final Text TEXT = new Text("text", "Text", "", false, false, null, 10);
    private static final Text LINES = new Text("lines", "Lines", "", false, true, null, 100);
    private static final Text VERSION =
            new Text(
                    "version",
                    "Version",
                    "1.0",
                    false,
                    false,
                    new TextPattern("[0-9]+\\.[0-9]+"),
                    10);
    private static final Whole WHOLE = new Whole("whole", "Whole", 5, false, 0, 10);
    private static final Flag FLAG = new Flag("flag", "Flag", true);
    private static final Choice ONE =
            new Choice("one", "One", List.of("a", "b", "c"), List.of("b"), false, false, true);
    private static final Choice SEVERAL =
            new Choice("several", "Several", List.of("a", "b", "c"), List.of(), false, true, true);
    private static final Choice FREE =
            new Choice("free", "Free", List.of("a"), List.of("a"), false, false, false);
    private static final UserName USER = new UserName("username", "Your name", "", false, true);
    private static final Fixed FIXED = new Fixed("fixed", 42);

    private static final List<ForceParameter> ALL =
            List.of(TEXT, LINES, VERSION, WHOLE, FLAG, ONE, SEVERAL, FREE, USER, FIXED);

    private static ForceScheduler form(ForceParameter... parameters) {
        return form(MAIN, parameters);
    }

    private static ForceScheduler form(SchedulerSettings settings, ForceParameter... parameters) {
        return new ForceScheduler(settings, "Force", "Force", List.of(parameters), false);
    }

    private static BuildForced accepted(ForceScheduler form, Map<String, ?> given) {
        Answer answer = form.read("me", given);
        assertThat(answer).isInstanceOf(Answer.Accepted.class);
        return ((Answer.Accepted) answer).command();
    }

    private static Map<String, String> problems(ForceScheduler form, Map<String, ?> given) {
        Answer answer = form.read("me", given);
        assertThat(answer).isInstanceOf(Answer.Refused.class);
        return ((Answer.Refused) answer).problems();
    }

    private static Object value(ForceParameter parameter, Object given) {
        BuildForced forced = accepted(form(parameter), Map.of(parameter.name(), given));
        Property property = requireNonNull(forced.properties().get(parameter.name()));
        assertThat(property.source()).isEqualTo("Force Build Form");
        return property.value();
    }

    private static String problem(ForceParameter parameter, Object given) {
        Map<String, String> problems = problems(form(parameter), Map.of(parameter.name(), given));
        assertThat(problems).containsOnlyKeys(parameter.name());
        return requireNonNull(problems.get(parameter.name()));
    }

    private static Map<String, Object> valuesOf(BuildForced forced) {
        Map<String, Object> values = new HashMap<>();
        forced.properties().forEach((name, property) -> values.put(name, property.value()));
        return values;
    }

    @Test
    void an_empty_form_means_the_defaults() {
        BuildForced forced = accepted(form(ALL.toArray(ForceParameter[]::new)), Map.of());

        assertThat(valuesOf(forced))
                .isEqualTo(
                        Map.ofEntries(
                                Map.entry("text", ""),
                                Map.entry("lines", ""),
                                Map.entry("version", "1.0"),
                                Map.entry("whole", 5L),
                                Map.entry("flag", true),
                                Map.entry("one", "b"),
                                Map.entry("several", List.of()),
                                Map.entry("free", "a"),
                                Map.entry("username", ""),
                                Map.entry("fixed", 42),
                                Map.entry("owner", "me")));
        assertThat(forced.scheduler()).isEqualTo("main");
        assertThat(forced.requestedBy()).isEqualTo("me");
        assertThat(forced.reason()).isEmpty();
        assertThat(forced.builderNames()).containsExactly("linux", "windows");
        assertThat(forced.priority()).isNull();
        assertThat(forced.sourceStamps()).containsExactly(new SourceStamp("", null, null, "", ""));
    }

    @Test
    void what_is_blank_or_null_is_as_if_it_were_not_there() {
        Map<String, Object> blank = new HashMap<>();
        for (ForceParameter parameter : ALL) {
            blank.put(parameter.name(), " \t");
        }
        blank.put("several", Arrays.asList("", null, " "));
        blank.put("whole", null);
        blank.put("reason", " ");
        blank.put("builder_names", List.of());
        blank.put("priority", "");
        blank.put("branch", "");
        blank.put("revision", null);
        ForceScheduler form = form(ALL.toArray(ForceParameter[]::new));

        assertThat(accepted(form, blank)).isEqualTo(accepted(form, Map.of()));
    }

    @Test
    void a_text_is_taken_as_it_is() {
        assertThat(value(TEXT, " a b ")).isEqualTo(" a b ");
        assertThat(value(TEXT, 17)).isEqualTo("17");
        assertThat(value(LINES, "a\nb\tc")).isEqualTo("a\nb\tc");
    }

    @Test
    void a_text_that_is_too_long_or_of_several_lines_is_refused() {
        assertThat(problem(TEXT, "12345678901")).isEqualTo("has more than 10 characters");
        assertThat(problem(TEXT, "a\nb"))
                .isEqualTo("has a control character, such as a newline: remove it");
        assertThat(problem(TEXT, "a\u0000b")).contains("control character");
    }

    @Test
    void a_text_must_match_its_pattern_as_a_whole() {
        assertThat(value(VERSION, "2.13")).isEqualTo("2.13");
        assertThat(problem(VERSION, "2.13x"))
                .isEqualTo("'2.13x' does not match /[0-9]+\\.[0-9]+/ as a whole");
        assertThat(problem(VERSION, "v2.13")).contains("does not match");
    }

    @Test
    void what_is_required_must_be_there() {
        Text text = new Text("t", "The text", "", true, false, null, 10);
        Text preset = new Text("t", "The text", "x", true, false, null, 10);
        Whole whole = new Whole("t", "The number", 0, true, 0, 10);
        Choice choice = new Choice("t", "The choice", List.of("a"), List.of(), true, false, true);
        UserName user = new UserName("t", "The name", "", true, false);

        assertThat(problem(text, " ")).isEqualTo("'The text' is missing: fill it in");
        assertThat(problem(whole, "")).isEqualTo("'The number' is missing: fill it in");
        assertThat(problem(choice, List.of())).isEqualTo("'The choice' is missing: choose");
        assertThat(problem(user, "")).isEqualTo("'The name' is missing: fill it in");
        assertThat(problems(form(text), Map.of())).containsOnlyKeys("t");
        assertThat(value(preset, "")).isEqualTo("x");
    }

    @Test
    void a_number_is_whole_and_within_its_bounds() {
        assertThat(value(WHOLE, "7")).isEqualTo(7L);
        assertThat(value(WHOLE, 10)).isEqualTo(10L);
        assertThat(value(WHOLE, " 0 ")).isEqualTo(0L);
    }

    static Stream<Object> wrongNumbers() {
        return Stream.of(
                "11",
                "-1",
                "1.5",
                1.5,
                "x",
                "1e1",
                "0x1",
                true,
                Long.MAX_VALUE,
                Double.NaN,
                BigInteger.ONE.shiftLeft(70),
                "9".repeat(1_000));
    }

    @ParameterizedTest
    @MethodSource("wrongNumbers")
    void any_other_number_is_refused(Object given) {
        assertThat(problem(WHOLE, given)).endsWith("is not a whole number from 0 to 10");
    }

    @Test
    void a_flag_is_true_or_false() {
        assertThat(value(FLAG, "false")).isEqualTo(false);
        assertThat(value(FLAG, true)).isEqualTo(true);
        assertThat(problem(FLAG, "yes")).isEqualTo("'yes' is neither true nor false");
        assertThat(problem(FLAG, 1)).isEqualTo("'1' is neither true nor false");
    }

    @Test
    void a_choice_is_one_of_its_choices() {
        assertThat(value(ONE, "c")).isEqualTo("c");
        assertThat(value(ONE, List.of("a"))).isEqualTo("a");
        assertThat(problem(ONE, "d")).isEqualTo("'d' is not one of a, b, c");
        assertThat(problem(ONE, List.of("a", "b"))).isEqualTo("several are chosen: choose one");
    }

    @Test
    void a_choice_of_several_is_a_list() {
        assertThat(value(SEVERAL, List.of("c", "a"))).isEqualTo(List.of("c", "a"));
        assertThat(value(SEVERAL, "c")).isEqualTo(List.of("c"));
        assertThat(problem(SEVERAL, List.of("a", "d"))).isEqualTo("'d' is not one of a, b, c");
    }

    @Test
    void a_choice_that_is_not_strict_may_be_anything() {
        assertThat(value(FREE, "z")).isEqualTo("z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Me <me@example.org>", "me@example.org", "<me@example.org>"})
    void a_user_name_has_an_address(String given) {
        assertThat(value(USER, given)).isEqualTo(given);
    }

    @Test
    void a_user_name_without_an_address_is_refused_where_one_is_needed() {
        assertThat(problem(USER, "me"))
                .isEqualTo("'me' has no address in it: write NAME <USER@HOST>");
        assertThat(value(new UserName("u", "User", "", false, false), "me")).isEqualTo("me");
    }

    @Test
    void what_is_fixed_is_so_whatever_is_sent() {
        assertThat(value(FIXED, "43")).isEqualTo(42);
        assertThat(value(FIXED, Map.of("a", List.of()))).isEqualTo(42);
    }

    @Test
    void the_owner_is_who_is_logged_in_else_who_is_said_to_be_else_the_user_name_else_somebody() {
        ForceScheduler form = form(new Nested("", "", List.of(USER)));
        Map<String, String> given = Map.of("username", "you@example.org");

        assertThat(accepted(form, given).requestedBy()).isEqualTo("me");
        assertThat(form.read("", given))
                .isInstanceOfSatisfying(
                        Answer.Accepted.class,
                        it -> {
                            assertThat(it.command().requestedBy()).isEqualTo("you@example.org");
                            assertThat(valuesOf(it.command()))
                                    .containsEntry("owner", "you@example.org");
                        });
        assertThat(form.read("", Map.of("username", "you@example.org", "owner", "ann")))
                .isInstanceOfSatisfying(
                        Answer.Accepted.class,
                        it -> {
                            assertThat(it.command().requestedBy()).isEqualTo("ann");
                            assertThat(valuesOf(it.command())).containsEntry("owner", "ann");
                        });
        assertThat(accepted(form, Map.of("owner", "ann")).requestedBy()).isEqualTo("me");
        assertThat(problems(form, Map.of("owner", "a\nb"))).containsOnlyKeys("owner");
        assertThat(form.read("", Map.of()))
                .isInstanceOfSatisfying(
                        Answer.Accepted.class,
                        it -> assertThat(it.command().requestedBy()).isEqualTo("somebody"));
    }

    @Test
    void a_reason_is_a_property_too_and_may_be_asked_for() {
        BuildForced forced = accepted(form(), Map.of("reason", "I want to"));

        assertThat(forced.reason()).isEqualTo("I want to");
        assertThat(valuesOf(forced)).containsEntry("reason", "I want to");
        assertThat(problems(new ForceScheduler(MAIN, "F", "F", List.of(), true), Map.of()))
                .isEqualTo(Map.of("reason", "'reason' is missing: fill it in"));
    }

    @Test
    void builders_are_some_of_the_schedulers() {
        assertThat(accepted(form(), Map.of("builder_names", List.of("windows"))).builderNames())
                .containsExactly("windows");
        assertThat(accepted(form(), Map.of("builder_names", "linux")).builderNames())
                .containsExactly("linux");
        assertThat(problems(form(), Map.of("builder_names", List.of("linux", "solaris"))))
                .isEqualTo(Map.of("builder_names", "'solaris' is not one of linux, windows"));
        assertThat(problems(form(), Map.of("builder_names", Map.of("linux", true))))
                .containsOnlyKeys("builder_names");
    }

    @Test
    void a_priority_is_any_int_and_without_one_the_schedulers_counts() {
        assertThat(accepted(form(), Map.of("priority", "-2147483648")).priority())
                .isEqualTo(Integer.MIN_VALUE);
        assertThat(accepted(form(), Map.of("priority", Integer.MAX_VALUE)).priority())
                .isEqualTo(Integer.MAX_VALUE);
        assertThat(accepted(form(), Map.of("priority", "")).priority()).isNull();
    }

    static Stream<Object> wrongPriorities() {
        return Stream.of(
                2_147_483_648L,
                "-2147483649",
                Long.MIN_VALUE,
                "99999999999999999999",
                1.0,
                "high",
                List.of(1),
                Map.of("a", 1));
    }

    @ParameterizedTest
    @MethodSource("wrongPriorities")
    void any_other_priority_is_refused(Object given) {
        assertThat(problems(form(), Map.of("priority", given))).containsOnlyKeys("priority");
    }

    @Test
    void groups_give_their_fields_names_and_their_property_is_a_map() {
        ForceScheduler form =
                form(
                        new Nested(
                                "outer",
                                "Outer",
                                List.of(
                                        WHOLE,
                                        new Nested("inner", "Inner", List.of(TEXT)),
                                        new Nested("", "", List.of(FLAG)))),
                        new Nested("", "Group", List.of(ONE)));
        BuildForced forced =
                accepted(
                        form,
                        Map.of(
                                "outer_whole", "7",
                                "outer_inner_text", "x",
                                "outer_flag", "false",
                                "one", "c"));

        assertThat(valuesOf(forced))
                .isEqualTo(
                        Map.of(
                                "outer",
                                Map.of("whole", 7L, "inner", Map.of("text", "x"), "flag", false),
                                "one",
                                "c",
                                "owner",
                                "me"));
        assertThat(problems(form, Map.of("outer_inner_text", "12345678901", "outer_whole", "x")))
                .containsOnlyKeys("outer_inner_text", "outer_whole");
    }

    @Test
    void each_codebase_has_its_fields_and_its_defaults() {
        BuildForced forced =
                accepted(
                        form(main(APP_AND_LIB)),
                        Map.of("app_branch", "b", "lib_revision", "123", "lib_project", "p"));

        assertThat(forced.sourceStamps())
                .containsExactly(
                        new SourceStamp("app.git", "b", null, "apps", "app"),
                        new SourceStamp("lib.git", null, "123", "p", "lib"));
        assertThat(accepted(form(main(APP_AND_LIB)), Map.of("app_project", "p")).sourceStamps())
                .contains(new SourceStamp("app.git", "stable", "12345", "p", "app"));
        assertThat(valuesOf(forced)).containsOnlyKeys("owner");
    }

    @Test
    void a_codebase_without_a_name_has_fields_without_a_prefix() {
        assertThat(
                        accepted(
                                        form(),
                                        Map.of(
                                                "branch", "a",
                                                "revision", "c",
                                                "repository", "d",
                                                "project", "p"))
                                .sourceStamps())
                .containsExactly(new SourceStamp("d", "a", "c", "p", ""));
    }

    @Test
    void fields_of_a_codebase_can_be_fixed_or_required() {
        Codebase codebase =
                new Codebase(
                        "app",
                        "App",
                        APP,
                        Set.of("repository", "revision"),
                        Set.of("branch", "project"));
        Codebase without =
                new Codebase("lib", "Lib", CodebaseDefaults.NONE, Set.of(), Set.of("branch"));
        ForceScheduler form = form(main(APP_AND_LIB), codebase, without);

        assertThat(
                        accepted(form, Map.of("app_repository", "evil.git", "lib_branch", "b"))
                                .sourceStamps())
                .containsExactly(
                        new SourceStamp("app.git", "stable", "12345", "apps", "app"),
                        new SourceStamp("", "b", null, "", "lib"));
        assertThat(problems(form, Map.of()))
                .isEqualTo(Map.of("lib_branch", "'Lib branch' is missing: fill it in"));
    }

    @Test
    void a_codebase_in_a_group_is_asked_for_there_and_nowhere_else() {
        Codebase codebase = new Codebase("app", "App", APP, Set.of(), Set.of());
        ForceScheduler form = form(main(APP_AND_LIB), new Nested("src", "", List.of(codebase)));

        assertThat(accepted(form, Map.of("src_app_branch", "b")).sourceStamps())
                .containsExactly(new SourceStamp("app.git", "b", null, "apps", "app"));
        assertThat(problems(form, Map.of("app_branch", "b"))).containsOnlyKeys("app_branch");
    }

    @Test
    void unknown_fields_are_refused_and_the_known_ones_named() {
        assertThat(problems(form(TEXT), Map.of("txet", "a")))
                .isEqualTo(
                        Map.of(
                                "txet",
                                "there is no such field; known are branch, builder_names, owner,"
                                        + " priority, project, reason, repository, revision,"
                                        + " text"));
    }

    @Test
    void all_that_is_wrong_is_told_at_once() {
        ForceScheduler form = form(TEXT, WHOLE, FLAG, ONE, SEVERAL, USER, VERSION);

        assertThat(
                        problems(
                                form,
                                Map.of(
                                        "text", "12345678901",
                                        "whole", "x",
                                        "flag", "x",
                                        "one", "x",
                                        "several", List.of("x"),
                                        "username", "x",
                                        "version", "x",
                                        "branch", "a\nb",
                                        "priority", "x",
                                        "other", "x")))
                .containsOnlyKeys(
                        "text",
                        "whole",
                        "flag",
                        "one",
                        "several",
                        "username",
                        "version",
                        "branch",
                        "priority",
                        "other");
    }

    static Stream<Object> hostileValues() {
        Object deep = "x";
        for (int i = 0; i < 1_000; i++) {
            deep = List.of(deep);
        }
        return Stream.of(
                MEGABYTE,
                "@".repeat(1 << 20),
                "1".repeat(1 << 20),
                "\u0000\uD800",
                Map.of("a", "b"),
                Map.of(MEGABYTE, MEGABYTE),
                List.of(MEGABYTE, MEGABYTE),
                List.of(Map.of()),
                deep,
                Collections.nCopies(100_000, "x"),
                Long.MIN_VALUE,
                Double.NEGATIVE_INFINITY,
                new BigInteger("9".repeat(10_000)));
    }

    @ParameterizedTest
    @MethodSource("hostileValues")
    void hostile_values_are_refused_in_no_time_and_not_repeated_in_full(Object value) {
        ForceScheduler form = form(ALL.toArray(ForceParameter[]::new));
        Map<String, Object> given = new HashMap<>();
        for (ForceParameter parameter : ALL) {
            given.put(parameter.name(), value);
        }
        given.put("reason", value);
        given.put("builder_names", value);
        given.put("priority", value);
        given.put("branch", value);

        Assertions.assertTimeout(
                Duration.ofSeconds(5),
                () -> {
                    Map<String, String> problems = problems(form, given);
                    assertThat(problems)
                            .containsKeys("version", "whole", "flag", "one", "several", "priority")
                            .allSatisfy((_, problem) -> assertThat(problem).hasSizeLessThan(500));
                });
    }

    @Test
    void lists_and_maps_are_no_texts() {
        for (Object value : List.of(List.of("a"), Map.of("a", "b"), List.of())) {
            assertThat(problem(TEXT, value))
                    .isEqualTo("this is a list or a map: send a single value");
            assertThat(problem(WHOLE, value)).contains("list or a map");
            assertThat(problem(FLAG, value)).contains("list or a map");
            assertThat(problem(USER, value)).contains("list or a map");
        }
        assertThat(problem(FREE, Map.of("a", "b"))).contains("list or a map");
        assertThat(problem(FREE, List.of(List.of("a"))))
                .isEqualTo("this is a list of lists or maps: send texts");
    }
}
