package io.buildledger.domain.scheduling;

import static io.buildledger.domain.scheduling.SchedulerFixtures.ABSOLUTE;
import static io.buildledger.domain.scheduling.SchedulerFixtures.APP_AND_LIB;
import static io.buildledger.domain.scheduling.SchedulerFixtures.MAIN;
import static io.buildledger.domain.scheduling.SchedulerFixtures.MAIN_ONLY;
import static io.buildledger.domain.scheduling.SchedulerFixtures.RULES;
import static io.buildledger.domain.scheduling.SchedulerFixtures.main;
import static io.buildledger.domain.scheduling.SchedulerScenario.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.changing.SourceStamp;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PeriodicSchedulerTest {

    private static final PeriodicScheduler EVERY_10 = every(10, RULES, false);
    private static final PeriodicScheduler IF_CHANGED = every(10, MAIN_ONLY, true);

    private static ScenarioRow row(
            String sentence, Scheduler scheduler, String words, String outcome) {
        return ScenarioRow.row(
                sentence, () -> given(scheduler).tellingSkips().when(words), outcome);
    }

    private static ScenarioRow row(
            String sentence, Supplier<SchedulerScenario> scenario, String outcome) {
        return ScenarioRow.row(sentence, scenario, outcome);
    }

    private static PeriodicScheduler every(int seconds, ChangeRules rules, boolean onlyIfChanged) {
        return every(MAIN, seconds, rules, onlyIfChanged);
    }

    private static PeriodicScheduler every(
            SchedulerSettings settings, int seconds, ChangeRules rules, boolean onlyIfChanged) {
        return new PeriodicScheduler(settings, rules, onlyIfChanged, Duration.ofSeconds(seconds));
    }

    static Stream<ScenarioRow> rows() {
        return Stream.of(
                row(
                        "a new one builds at once, then a period after each firing",
                        every(13, RULES, false),
                        "until@30",
                        "B[]@0 B[]@13 B[]@26"),
                row(
                        "a restart leaves the timer its deadline",
                        every(13, RULES, false),
                        "until@7 restart@7 until@30",
                        "B[]@0 B[]@13 B[]@26"),
                row(
                        "a late firing counts from when it was",
                        EVERY_10,
                        "down@5 up@15 until@40",
                        "B[]@0 B[]@15 B[]@25 B[]@35"),
                row(
                        "ten periods that were missed are caught up by one build",
                        EVERY_10,
                        "down@5 up@105 until@120",
                        "B[]@0 B[]@105 B[]@115"),
                row(
                        "it builds what has changed since, important or not",
                        EVERY_10,
                        "i1@2 u2@3 until@15 u3@16 until@40",
                        "B[]@0 B[1,2]@10 B[3]@20 B[]@30 B[]@40"),
                row(
                        "changes while no master is up are built with the moment that was missed",
                        EVERY_10,
                        "down@5 i1@20 up@30 until@35",
                        "B[]@0 B[1]@30"),
                row(
                        "only_if_changed: a new one builds at once all the same",
                        IF_CHANGED,
                        "until@35",
                        "B[]@0 -@10 -@20 -@30"),
                row(
                        "only_if_changed: unimportant changes wait for an important one",
                        IF_CHANGED,
                        "u1@5 i2@15 u3@16 until@35",
                        "B[]@0 -@10 B[1,2,3]@20 -@30"),
                row(
                        "only_if_changed: changes of other branches are nothing to it",
                        IF_CHANGED,
                        "u1@5 i2:other@6 i3@15 u4@16 i5:other@17 until@35",
                        "B[]@0 -@10 B[1,3,4]@20 -@30"),
                row(
                        "only_if_changed: what the first firing has built is not built again",
                        IF_CHANGED,
                        "down@0 u1@1 up@3 u2@4 until@15",
                        "B[]@0 -@10"),
                row(
                        "only_if_changed: turned on later it is no first firing",
                        () ->
                                given(EVERY_10)
                                        .tellingSkips()
                                        .when("until@15")
                                        .reconfigured(15, IF_CHANGED)
                                        .when("until@35"),
                        "B[]@0 B[]@10 -@20 -@30"),
                row(
                        "only_if_changed: renamed it is no first firing",
                        () ->
                                given(IF_CHANGED)
                                        .tellingSkips()
                                        .when("u1@2")
                                        .renamed(
                                                5,
                                                every(
                                                        SchedulerSettings.of("other", "linux"),
                                                        10,
                                                        RULES,
                                                        true))
                                        .when("until@15 i2@16 until@25"),
                        "B[]@0 -@10 B[1,2]@20"),
                row(
                        "a shorter period counts from when it is configured, if that is sooner",
                        () ->
                                given(every(100, RULES, false))
                                        .when("until@50")
                                        .reconfigured(50, EVERY_10)
                                        .when("until@75"),
                        "B[]@0 B[]@60 B[]@70"),
                row(
                        "a longer period leaves the timer its deadline",
                        () ->
                                given(EVERY_10)
                                        .when("until@5")
                                        .reconfigured(5, every(100, RULES, false))
                                        .when("until@115"),
                        "B[]@0 B[]@10 B[]@110"),
                row(
                        "a moment that was missed before a new configuration is caught up once",
                        () ->
                                given(EVERY_10)
                                        .when("down@5")
                                        .reconfigured(25, every(7, RULES, false))
                                        .when("up@30 until@40"),
                        "B[]@0 B[]@30 B[]@37"),
                row(
                        "moments that pass while it is disabled are skipped",
                        EVERY_10,
                        "off@5 i1@12 until@32 on@33 until@50",
                        "B[]@0 -@10 -@20 -@30 B[1]@40 B[]@50"),
                row(
                        "a moment before it was enabled, which nobody saw, is skipped",
                        EVERY_10,
                        "off@5 down@6 on@15 up@18 until@30",
                        "B[]@0 -@15 B[]@25"),
                row(
                        "disabled and enabled between two moments, it misses none",
                        EVERY_10,
                        "off@5 on@6 until@25",
                        "B[]@0 B[]@10 B[]@20"),
                row(
                        "what a scheduler of another type left pending is built at the next moment",
                        () ->
                                given(
                                                new SingleBranchScheduler(
                                                        MAIN, RULES, Duration.ofSeconds(60)))
                                        .when("i1@0")
                                        .reconfigured(5, EVERY_10)
                                        .when("until@20"),
                        "B[1]@15"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void its_table(ScenarioRow row) {
        row.holds();
    }

    @Test
    void without_a_change_the_defaults_are_built_with_their_branch() {
        assertThat(given(every(main(APP_AND_LIB), 10, RULES, false)).when("until@0").lastOrder())
                .satisfies(order -> {
                    assertThat(order.sourceStamps())
                            .containsExactly(
                                    new SourceStamp("app.git", "stable", "12345", "apps", "app"),
                                    new SourceStamp("lib.git", null, null, "", "lib"));
                    assertThat(order.reason()).isEqualTo("scheduler main fired");
                });
    }

    @Test
    void the_newest_change_of_each_codebase_is_built() {
        SchedulerScenario scenario =
                given(every(main(APP_AND_LIB), 10, RULES, false))
                        .when("i1:a,codebase=lib@1 u2:b,codebase=lib@2 until@10");

        assertThat(scenario.lastOrder().sourceStamps())
                .containsExactly(
                        new SourceStamp("app.git", "stable", "12345", "apps", "app"),
                        new SourceStamp("repo", "b", "r2", "", "lib"));
    }

    @Test
    void absolute_source_stamps_are_built_again_where_nothing_has_changed() {
        SchedulerScenario scenario =
                given(every(main(APP_AND_LIB), 10, ABSOLUTE, false))
                        .when("i1:a,codebase=lib@1 until@20");

        assertThat(scenario.orders()).hasSize(3);
        assertThat(scenario.lastOrder().changeIds()).isEmpty();
        assertThat(scenario.lastOrder().sourceStamps())
                .containsExactly(
                        new SourceStamp("app.git", "stable", "12345", "apps", "app"),
                        new SourceStamp("repo", "a", "r1", "", "lib"));
    }
}
