package io.buildledger.domain.scheduling;

import static io.buildledger.domain.scheduling.ScenarioRow.row;
import static io.buildledger.domain.scheduling.SchedulerFixtures.ABSOLUTE;
import static io.buildledger.domain.scheduling.SchedulerFixtures.APP_AND_LIB;
import static io.buildledger.domain.scheduling.SchedulerFixtures.MAIN;
import static io.buildledger.domain.scheduling.SchedulerFixtures.MAIN_ONLY;
import static io.buildledger.domain.scheduling.SchedulerFixtures.ONLY_IMPORTANT;
import static io.buildledger.domain.scheduling.SchedulerFixtures.RULES;
import static io.buildledger.domain.scheduling.SchedulerFixtures.main;
import static io.buildledger.domain.scheduling.SchedulerScenario.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.TextPattern;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.PriorityRule.OfBranch;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerInput.ChangeArrived;
import io.buildledger.domain.scheduling.SchedulerInput.Commanded;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SingleBranchSchedulerTest {

    private static final SingleBranchScheduler AT_ONCE = single(RULES, null);
    private static final SingleBranchScheduler AFTER_10 = single(RULES, 10);

    private static SingleBranchScheduler single(ChangeRules rules, @Nullable Integer seconds) {
        return single(MAIN, rules, seconds);
    }

    private static SingleBranchScheduler single(
            SchedulerSettings settings, ChangeRules rules, @Nullable Integer seconds) {
        return new SingleBranchScheduler(
                settings, rules, seconds == null ? null : Duration.ofSeconds(seconds));
    }

    static Stream<ScenarioRow> rows() {
        return Stream.of(
                row(
                        "without a timer an important change is built at once",
                        AT_ONCE,
                        "i1@5 i2@6",
                        "B[1]@5 B[2]@6"),
                row(
                        "without a timer an unimportant change waits for the next important one",
                        AT_ONCE,
                        "u1@5 u2@6 i3@7 u4@8 until@99",
                        "B[1,2,3]@7"),
                row("an unimportant change starts no timer", AFTER_10, "u1@0 until@99", ""),
                row(
                        "an unimportant change joins a running timer's buildset",
                        AFTER_10,
                        "i1@0 u2@6 until@99",
                        "B[1,2]@16"),
                row("an important change starts the timer", AFTER_10, "i1@0 until@99", "B[1]@10"),
                row("nothing is built before the timer ends", AFTER_10, "i1@0 until@9", ""),
                row(
                        "an unimportant change sets a running timer anew, and joins",
                        single(RULES, 9),
                        "i1@2220 u2@2226 i3@2232 until@2300",
                        "B[1,2,3]@2241"),
                row(
                        "an unimportant change before the timer started joins",
                        AFTER_10,
                        "u1@0 i2@3 until@99",
                        "B[1,2]@13"),
                row(
                        "an unimportant change after a firing waits for the next important one",
                        AFTER_10,
                        "i1@0 u2@11 until@50 i3@60 until@99",
                        "B[1]@10 B[2,3]@70"),
                row(
                        "a change at the moment at which the timer ends comes too late",
                        AFTER_10,
                        "i1@0 i2@10 until@99",
                        "B[1]@10 B[2]@20"),
                row(
                        "a change that the filter refuses is nothing to it, and sets no timer anew",
                        single(MAIN_ONLY, 10),
                        "i1@0 i2:other@5 i3:null@6 until@99",
                        "B[1]@10"),
                row(
                        "several branches behind the filter have one timer and one buildset",
                        AFTER_10,
                        "i1@0 i2:stable@5 until@99",
                        "B[1,2]@15"),
                row(
                        "a change of an unlisted codebase is nothing to it",
                        AFTER_10,
                        "i1@0 i2:main,codebase=lib@5 until@99",
                        "B[1]@10"),
                row(
                        "only_important: an unimportant change is never built and sets no timer"
                                + " anew",
                        single(ONLY_IMPORTANT, 10),
                        "u1@0 i2@1 u3@5 until@99",
                        "B[2]@11"),
                row(
                        "only_important without a list of files means nothing",
                        single(
                                new ChangeRules(
                                        RULES.filter(),
                                        ChangeRules.ALL.importantFiles(),
                                        true,
                                        false),
                                null),
                        "u1@0",
                        "B[1]@0"),
                row(
                        "a restart leaves the timer its deadline",
                        AFTER_10,
                        "i1@0 restart@8 until@99",
                        "B[1]@10"),
                row(
                        "a timer that ended while no master was up fires when one is",
                        AFTER_10,
                        "i1@0 down@5 up@30 until@99",
                        "B[1]@30"),
                row(
                        "a change while no master is up is not lost",
                        AT_ONCE,
                        "down@5 i1@10 up@30",
                        "B[1]@10"),
                row(
                        "a change while no master is up sets the timer anew, as the log has it",
                        AFTER_10,
                        "i1@0 down@5 i2@12 up@15 until@99",
                        "B[1,2]@22"),
                row(
                        "a new length of the timer leaves a running one its deadline",
                        () ->
                                given(AFTER_10)
                                        .when("i1@0")
                                        .reconfigured(5, single(RULES, 60))
                                        .when("until@20 i2@30 until@999"),
                        "B[1]@10 B[2]@90"),
                row(
                        "a timer that ends later than a new one would is set anew",
                        () ->
                                given(single(RULES, 600))
                                        .when("i1@0")
                                        .reconfigured(5, AFTER_10)
                                        .when("until@999"),
                        "B[1]@15"),
                row(
                        "it does not wait for the moment that another type left",
                        () ->
                                given(
                                                new PeriodicScheduler(
                                                        MAIN,
                                                        RULES,
                                                        false,
                                                        Duration.ofSeconds(600)))
                                        .when("i1@1 u2@2")
                                        .reconfigured(5, AFTER_10)
                                        .when("until@999"),
                        "B[]@0 B[1,2]@15"),
                row(
                        "unimportant changes do not wait for the moment that another type left",
                        () ->
                                given(
                                                new PeriodicScheduler(
                                                        MAIN,
                                                        RULES,
                                                        false,
                                                        Duration.ofSeconds(600)))
                                        .when("u1@1")
                                        .reconfigured(595, AFTER_10)
                                        .when("until@700 i2@701 until@999"),
                        "B[]@0 B[1,2]@711"),
                row(
                        "what is pending is built at once when the timer is taken out",
                        () ->
                                given(AFTER_10)
                                        .when("u1@0 i2@1")
                                        .reconfigured(5, AT_ONCE)
                                        .when("until@99"),
                        "B[1,2]@5"),
                row(
                        "what is pending is not thrown away when the timer is taken out",
                        () ->
                                given(AFTER_10)
                                        .when("u1@0")
                                        .reconfigured(5, AT_ONCE)
                                        .when("until@50 i2@60"),
                        "B[1,2]@60"),
                row(
                        "what is pending is not judged again by another filter",
                        () ->
                                given(AFTER_10)
                                        .when("i1:other@0")
                                        .reconfigured(5, single(MAIN_ONLY, 10))
                                        .when("i2:other@6 until@99"),
                        "B[1]@10"),
                row(
                        "renamed, it keeps what is pending and the deadline",
                        () ->
                                given(AFTER_10)
                                        .when("u1@0 i2@1")
                                        .renamed(
                                                5,
                                                single(
                                                        SchedulerSettings.of("other", "linux"),
                                                        RULES,
                                                        10))
                                        .when("until@99 i3@100 until@199"),
                        "B[1,2]@11 B[3]@110"),
                row(
                        "renamed while disabled, it stays so",
                        () ->
                                given(AFTER_10)
                                        .when("i1@0 off@1")
                                        .renamed(
                                                5,
                                                single(
                                                        SchedulerSettings.of("other", "linux"),
                                                        RULES,
                                                        10))
                                        .when("until@99 on@100 until@199"),
                        "B[1]@110"),
                row(
                        "disabled, it takes changes and builds them when it is enabled",
                        AT_ONCE,
                        "off@1 u1@2 i2@3 until@50 on@60 i3@61",
                        "B[1,2]@60 B[3]@61"),
                row(
                        "enabled, it lets a timer of full length run",
                        AFTER_10,
                        "off@1 i1@2 u2@3 until@50 on@60 until@99",
                        "B[1,2]@70"),
                row(
                        "enabled with unimportant changes alone, it builds nothing",
                        AFTER_10,
                        "off@1 u1@2 on@60 until@99",
                        ""),
                row(
                        "a timer that ends while it is disabled builds nothing",
                        AFTER_10,
                        "i1@0 off@5 until@50 on@60 until@99",
                        "B[1]@70"),
                row(
                        "enabled before the timer ends, it keeps the deadline",
                        AFTER_10,
                        "i1@0 off@2 on@6 until@99",
                        "B[1]@10"),
                row(
                        "a change while it is disabled sets a running timer anew",
                        AFTER_10,
                        "i1@0 off@2 u2@4 on@6 until@99",
                        "B[1,2]@14"),
                row(
                        "the timer is taken out while it is disabled: built when it is enabled",
                        () ->
                                given(AFTER_10)
                                        .when("i1@0 off@2")
                                        .reconfigured(5, AT_ONCE)
                                        .when("until@20 on@30"),
                        "B[1]@30"),
                row(
                        "disabled and enabled twice is as once",
                        AT_ONCE,
                        "off@1 off@2 i1@3 on@4 on@5",
                        "B[1]@4"),
                row(
                        "disabled stays disabled over a restart",
                        AT_ONCE,
                        "off@1 restart@2 i1@3 on@9",
                        "B[1]@9"),
                row(
                        "what a scheduler of another type left pending is built",
                        () ->
                                given(new AnyBranchScheduler(MAIN, RULES, Duration.ofSeconds(10)))
                                        .when("i1:a@0 i2:b@1")
                                        .reconfigured(5, AFTER_10)
                                        .when("until@99"),
                        "B[1,2]@15"),
                row(
                        "it can neither be forced nor triggered nor try a patch",
                        () ->
                                given(AT_ONCE)
                                        .commanded(1, CommandFixtures.force())
                                        .commanded(2, CommandFixtures.trigger())
                                        .commanded(3, CommandFixtures.patch()),
                        "refused force@1 refused trigger@2 refused try@3"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void its_table(ScenarioRow row) {
        row.holds();
    }

    @Test
    void a_buildset_has_the_stamp_of_the_newest_change_of_each_codebase_else_its_default() {
        BuildsetOrder order =
                given(single(main(APP_AND_LIB), RULES, 10))
                        .when("i15:x,codebase=lib@0 i14:y,codebase=lib@1 u16:z,codebase=lib@2")
                        .when("until@99")
                        .lastOrder();

        assertThat(order.changeIds()).containsExactly(14L, 15L, 16L);
        assertThat(order.sourceStamps())
                .containsExactly(
                        new SourceStamp("app.git", "stable", "12345", "apps", "app"),
                        new SourceStamp("repo", "z", "r16", "", "lib"));
    }

    @Test
    void absolute_source_stamps_are_the_newest_that_was_ever_taken() {
        SchedulerScenario scenario =
                given(single(main(APP_AND_LIB), ABSOLUTE, 10))
                        .when(
                                "i1:a,codebase=lib,project=p@0 until@50 i2:b,codebase=app@60 until@99");

        assertThat(scenario.orders().getFirst().sourceStamps())
                .containsExactly(
                        new SourceStamp("app.git", "stable", "12345", "apps", "app"),
                        new SourceStamp("repo", "a", "r1", "p", "lib"));
        assertThat(scenario.lastOrder().sourceStamps())
                .containsExactly(
                        new SourceStamp("repo", "b", "r2", "", "app"),
                        new SourceStamp("repo", "a", "r1", "p", "lib"));
    }

    @Test
    void an_older_change_that_comes_later_is_not_the_newest() {
        SchedulerScenario scenario =
                given(single(main(APP_AND_LIB), ABSOLUTE, null))
                        .when("i9:a,codebase=lib@0 i8:b,codebase=lib@1 i10:c,codebase=app@2");

        assertThat(scenario.lastOrder().sourceStamps())
                .contains(new SourceStamp("repo", "a", "r9", "", "lib"));
    }

    @Test
    void without_absolute_source_stamps_the_default_counts() {
        SchedulerScenario scenario =
                given(single(main(APP_AND_LIB), RULES, null))
                        .when("i1:a,codebase=lib@0 i2:b,codebase=app@1");

        assertThat(scenario.lastOrder().sourceStamps())
                .contains(new SourceStamp("lib.git", null, null, "", "lib"));
    }

    @Test
    void the_properties_of_all_its_changes_count_the_newers_first_and_before_the_schedulers() {
        SchedulerSettings settings =
                new SchedulerSettings(
                        "main",
                        List.of("linux"),
                        SchedulerSettings.ONE_CODEBASE,
                        Map.of("a", "scheduler", "e", 5),
                        "",
                        PriorityRule.of(0),
                        null);
        BuildsetOrder order =
                given(single(settings, RULES, null))
                        .when("u1:main,a=one,b=one,c=one@0 i2:main,b=two@1")
                        .lastOrder();

        assertThat(order.properties())
                .isEqualTo(
                        Map.of(
                                "a", new Property("one", "Change"),
                                "b", new Property("two", "Change"),
                                "c", new Property("one", "Change"),
                                "e", new Property(5, "Scheduler")));
    }

    @Test
    void a_firing_says_why_and_a_configured_reason_counts_before_that() {
        assertThat(given(AT_ONCE).when("i1@0").lastOrder().reason())
                .isEqualTo("scheduler main fired for 1 change");
        assertThat(given(AT_ONCE).when("u1@0 i2@0").lastOrder().reason())
                .isEqualTo("scheduler main fired for 2 changes");
        SchedulerSettings settings =
                new SchedulerSettings(
                        "main",
                        List.of("linux"),
                        SchedulerSettings.ONE_CODEBASE,
                        Map.of(),
                        "%(name)s, a %(classname)s",
                        PriorityRule.of(0),
                        null);
        assertThat(given(single(settings, RULES, null)).when("i1@0").lastOrder().reason())
                .isEqualTo("main, a single_branch");
    }

    @Test
    void priority_and_queue_timeout_are_the_schedulers() {
        SchedulerSettings settings =
                new SchedulerSettings(
                        "main",
                        List.of("linux"),
                        SchedulerSettings.ONE_CODEBASE,
                        Map.of(),
                        "",
                        new PriorityRule(
                                3, List.of(new OfBranch(new TextPattern("release/.*"), 7))),
                        Duration.ofMinutes(1));
        SchedulerScenario scenario = given(single(settings, RULES, null));

        assertThat(scenario.when("i1:release/2@0").lastOrder().priority()).isEqualTo(7);
        assertThat(scenario.when("i2:main@1").lastOrder().priority()).isEqualTo(3);
        assertThat(scenario.lastOrder().queueTimeoutMillis()).isEqualTo(60_000);
        assertThat(scenario.lastOrder().waitedFor()).isFalse();
        assertThat(scenario.lastOrder().externalId()).isNull();
    }

    @Test
    void a_configuration_is_recorded_once_and_another_one_again() {
        SchedulerScenario scenario = given(AT_ONCE).when("restart@1 restart@2");

        assertThat(scenario.history())
                .singleElement()
                .isInstanceOf(SchedulerEvent.SchedulerConfigured.class);
        assertThat(scenario.reconfigured(3, AFTER_10).history()).hasSize(2);
    }

    @Test
    void a_timer_that_is_not_running_elapses_for_nothing() {
        SchedulerState state = given(AFTER_10).when("i1@0 i2@5").state();

        assertThat(
                        AFTER_10.decide(
                                        state,
                                        new SchedulerInput.TimerElapsed(1, SchedulerScenario.START))
                                .events())
                .isEmpty();
    }

    @Test
    void many_changes_that_wait_take_no_longer_each_than_few() {
        SchedulerState[] state = {given(AT_ONCE).when("off@1").state()};

        assertTimeout(
                Duration.ofSeconds(30),
                () -> {
                    for (int id = 1; id <= 100_000; id++) {
                        state[0] =
                                after(
                                        state[0],
                                        new ChangeArrived(
                                                SchedulerScenario.change(id, true, null),
                                                SchedulerScenario.START));
                    }
                });

        assertThat(state[0].pending()).hasSize(100_000);
        assertThat(
                        AT_ONCE.decide(
                                        state[0],
                                        new Commanded(
                                                new SchedulerSwitched("main", true, "me", ""),
                                                SchedulerScenario.START))
                                .orders())
                .singleElement()
                .satisfies(order -> assertThat(order.changeIds()).hasSize(100_000));
    }

    private static SchedulerState after(SchedulerState state, SchedulerInput input) {
        SchedulerState after = state;
        for (SchedulerEvent event : AT_ONCE.decide(state, input).events()) {
            after = after.evolve(event);
        }
        return after;
    }

    @Test
    void why_it_takes_a_change_or_not_can_be_told_of_every_change() {
        assertThat(AT_ONCE.refusal(SchedulerScenario.change(1, true, null))).isEmpty();
        assertThat(single(MAIN_ONLY, null).refusal(SchedulerScenario.change(1, true, "other")))
                .contains("branch 'other' is not main");
        assertThat(AT_ONCE.refusal(SchedulerScenario.change(1, true, "main,codebase=lib")))
                .contains("codebase 'lib' is not one of its codebases ('')");
        assertThat(single(ONLY_IMPORTANT, null).refusal(SchedulerScenario.change(1, false, null)))
                .contains("only_important: it touches no important file");
    }
}
