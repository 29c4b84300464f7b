package io.buildledger.domain.scheduling;

import static io.buildledger.domain.scheduling.SchedulerFixtures.APP_AND_LIB;
import static io.buildledger.domain.scheduling.SchedulerFixtures.MAIN;
import static io.buildledger.domain.scheduling.SchedulerFixtures.MAIN_ONLY;
import static io.buildledger.domain.scheduling.SchedulerFixtures.RULES;
import static io.buildledger.domain.scheduling.SchedulerFixtures.main;
import static io.buildledger.domain.scheduling.SchedulerScenario.given;
import static io.buildledger.domain.scheduling.SchedulerScenario.givenAt;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.changing.SourceStamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class NightlySchedulerTest {

    private static final NightlyScheduler AT_3 = nightly("0 3 * * *", CatchUp.ONCE, false, null);
    private static final NightlyScheduler IF_CHANGED =
            nightly("0 3 * * *", CatchUp.ONCE, true, null);

    private static NightlyScheduler nightly(
            String cron, CatchUp catchUp, boolean onlyIfChanged, @Nullable String forceAt) {
        return new NightlyScheduler(
                MAIN,
                MAIN_ONLY,
                onlyIfChanged,
                new Calendar(Cron.parse(cron), ZoneOffset.UTC, catchUp),
                forceAt == null ? null : Cron.parse(forceAt));
    }

    private static ScenarioRow row(
            String sentence, Scheduler scheduler, String words, String outcome) {
        return ScenarioRow.row(sentence, () -> nights(scheduler).when(words), outcome);
    }

    private static ScenarioRow row(
            String sentence, Supplier<SchedulerScenario> scenario, String outcome) {
        return ScenarioRow.row(sentence, scenario, outcome);
    }

    /** The outcome has skips, and days with times of the day. */
    private static SchedulerScenario nights(Scheduler scheduler) {
        return given(scheduler).tellingSkips().tellingDays();
    }

    static Stream<ScenarioRow> rows() {
        return Stream.of(
                row(
                        "a new one waits for its first moment",
                        AT_3,
                        "until@2+12:00",
                        "B[]@0+03:00 B[]@1+03:00 B[]@2+03:00"),
                row(
                        "it builds what has changed since, of its branch, important or not",
                        AT_3,
                        "i1@0+01:00 u2@0+01:30 i3:other@0+02:00 i4@0+03:30 until@2+12:00",
                        "B[1,2]@0+03:00 B[4]@1+03:00 B[]@2+03:00"),
                row(
                        "several minutes of an hour",
                        nightly("10,20,21,40,50,51 * * * *", CatchUp.ONCE, false, null),
                        "until@0+00:30",
                        "B[]@0+00:10 B[]@0+00:20 B[]@0+00:21"),
                row(
                        "a restart leaves the moment as it is",
                        AT_3,
                        "restart@0+02:59 until@0+12:00",
                        "B[]@0+03:00"),
                row(
                        "catch_up once: however many moments were missed, one is caught up",
                        AT_3,
                        "down@0+02:00 i1@1+00:00 up@3+12:00 until@4+12:00",
                        "B[1]@3+12:00 B[]@4+03:00"),
                row(
                        "catch_up none: moments that were missed are left out, and nothing is lost",
                        nightly("0 3 * * *", CatchUp.NONE, false, null),
                        "down@0+02:00 i1@0+02:30 up@0+03:02 until@1+12:00",
                        "-@0+03:02 B[1]@1+03:00"),
                row(
                        "catch_up none: within a minute a moment is not missed",
                        nightly("0 3 * * *", CatchUp.NONE, false, null),
                        "down@0+02:00 up@0+03:01 until@0+12:00",
                        "B[]@0+03:01"),
                row(
                        "only_if_changed: the first moment builds all the same",
                        IF_CHANGED,
                        "until@2+12:00",
                        "B[]@0+03:00 -@1+03:00 -@2+03:00"),
                row(
                        "only_if_changed: an unimportant change is built by the first moment",
                        IF_CHANGED,
                        "u500@0+01:00 u501@0+12:00 until@1+12:00",
                        "B[500]@0+03:00 -@1+03:00"),
                row(
                        "only_if_changed: unimportant changes wait for an important one",
                        IF_CHANGED,
                        "until@0+12:00 u1@1+01:00 u2@1+12:00 i3:other@1+13:00 i4@2+01:00 u5@2+02:00"
                                + " until@3+12:00",
                        "B[]@0+03:00 -@1+03:00 B[1,2,4,5]@2+03:00 -@3+03:00"),
                row(
                        "force_at: at such a moment it builds though nothing has changed",
                        nightly("5,25,45 * * * *", CatchUp.ONCE, true, "23,25,27 * * * *"),
                        "until@0+01:00",
                        "B[]@0+00:05 B[]@0+00:25 -@0+00:45"),
                row(
                        "force_at: it builds unimportant changes",
                        nightly("5,25,45 * * * *", CatchUp.ONCE, true, "23,25,27 * * * *"),
                        "u500@0+00:06 u501@0+00:07 until@0+01:00",
                        "B[]@0+00:05 B[500,501]@0+00:25 -@0+00:45"),
                row(
                        "force_at: a moment that is caught up is judged by when it was to be",
                        nightly("5,25,45 * * * *", CatchUp.ONCE, true, "23,25,27 * * * *"),
                        "down@0+00:10 up@0+00:33 until@0+00:50",
                        "B[]@0+00:05 B[]@0+00:33 -@0+00:45"),
                row(
                        "force_at alone is no moment",
                        nightly("5 * * * *", CatchUp.ONCE, true, "23 * * * *"),
                        "until@0+02:00",
                        "B[]@0+00:05 -@0+01:05"),
                row(
                        "moments that pass while it is disabled are skipped",
                        AT_3,
                        "off@0+01:00 i1@0+02:00 on@1+12:00 until@2+12:00",
                        "-@0+03:00 -@1+03:00 B[1]@2+03:00"),
                row(
                        "a moment before it was enabled, which nobody saw, is skipped",
                        AT_3,
                        "off@0+01:00 down@0+02:00 on@0+04:00 up@0+05:00 until@1+12:00",
                        "-@0+04:00 B[]@1+03:00"),
                row(
                        "another cron line counts from when it is configured",
                        () ->
                                nights(AT_3)
                                        .when("until@0+01:00")
                                        .reconfigured(
                                                3_600,
                                                nightly("0 5 * * *", CatchUp.ONCE, false, null))
                                        .when("until@1+12:00"),
                        "B[]@0+05:00 B[]@1+05:00"),
                row(
                        "a moment that is due when another line is configured is not lost",
                        () ->
                                nights(AT_3)
                                        .when("down@0+02:00")
                                        .reconfigured(
                                                4 * 3_600,
                                                nightly("0 5 * * *", CatchUp.ONCE, false, null))
                                        .when("up@0+04:30 until@0+12:00"),
                        "B[]@0+04:30 B[]@0+05:00"),
                row(
                        "renamed, it keeps its moment and what is pending, and has fired before",
                        () ->
                                nights(IF_CHANGED)
                                        .when("until@0+12:00 u1@0+13:00")
                                        .renamed(
                                                14 * 3_600,
                                                new NightlyScheduler(
                                                        SchedulerSettings.of("other", "linux"),
                                                        RULES,
                                                        true,
                                                        new Calendar(
                                                                Cron.parse("0 3 * * *"),
                                                                ZoneOffset.UTC,
                                                                CatchUp.ONCE),
                                                        null))
                                        .when("i2@1+12:00 until@2+12:00"),
                        "B[]@0+03:00 -@1+03:00 B[1,2]@2+03:00"),
                row(
                        "a periodic scheduler becomes a nightly one",
                        () ->
                                nights(
                                                new PeriodicScheduler(
                                                        MAIN, RULES, false, Duration.ofHours(1)))
                                        .when("until@0+01:30")
                                        .reconfigured(5_400, IF_CHANGED)
                                        .when("i1@0+02:00 until@1+12:00"),
                        "B[]@0+00:00 B[]@0+01:00 B[1]@0+03:00 -@1+03:00"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void its_table(ScenarioRow row) {
        row.holds();
    }

    private static String firings(String cron, String from, String until) {
        SchedulerScenario scenario =
                givenAt(
                        from,
                        new NightlyScheduler(
                                MAIN,
                                RULES,
                                false,
                                new Calendar(
                                        Cron.parse(cron), ZoneId.of("Europe/Berlin"), CatchUp.ONCE),
                                null));
        long days = Duration.between(SchedulerScenario.START, Instant.parse(until)).toDays();
        return scenario.tellingDays().when("until@" + days + "+00:00").outcome();
    }

    @Test
    void in_spring_it_fires_at_the_local_time_that_was_asked_for() {
        // 28 March is day 86; at 2:00 on the 29th the clock is set to 3:00, which is 1:00 UTC.
        assertThat(firings("0 3 * * *", "2026-03-27T12:00:00Z", "2026-03-31T00:00:00Z"))
                .isEqualTo("B[]@86+02:00 B[]@87+01:00 B[]@88+01:00");
        assertThat(firings("30 2 * * *", "2026-03-27T12:00:00Z", "2026-03-31T00:00:00Z"))
                .isEqualTo("B[]@86+01:30 B[]@87+01:00 B[]@88+00:30");
    }

    @Test
    void in_autumn_it_fires_once() {
        // 24 October is day 296; at 3:00 on the 25th the clock is set to 2:00, which is 1:00 UTC.
        assertThat(firings("0 3 * * *", "2026-10-23T12:00:00Z", "2026-10-27T00:00:00Z"))
                .isEqualTo("B[]@296+01:00 B[]@297+02:00 B[]@298+02:00");
        assertThat(firings("30 2 * * *", "2026-10-23T12:00:00Z", "2026-10-27T00:00:00Z"))
                .isEqualTo("B[]@296+00:30 B[]@297+00:30 B[]@298+01:30");
    }

    @Test
    void without_a_change_the_branch_of_the_defaults_is_built() {
        NightlyScheduler scheduler =
                new NightlyScheduler(
                        main(APP_AND_LIB),
                        RULES,
                        false,
                        new Calendar(Cron.parse("@hourly"), ZoneOffset.UTC, CatchUp.ONCE),
                        null);

        assertThat(given(scheduler).when("until@0+01:00").lastOrder().sourceStamps())
                .containsExactly(
                        new SourceStamp("app.git", "stable", "12345", "apps", "app"),
                        new SourceStamp("lib.git", null, null, "", "lib"));
    }
}
