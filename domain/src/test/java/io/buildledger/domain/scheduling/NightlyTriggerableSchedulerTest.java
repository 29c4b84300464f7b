package io.buildledger.domain.scheduling;

import static io.buildledger.domain.scheduling.CommandFixtures.PARENT;
import static io.buildledger.domain.scheduling.CommandFixtures.trigger;
import static io.buildledger.domain.scheduling.ScenarioRow.row;
import static io.buildledger.domain.scheduling.SchedulerFixtures.MAIN;
import static io.buildledger.domain.scheduling.SchedulerScenario.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.Property;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class NightlyTriggerableSchedulerTest {

    private static final int HOUR = 3_600;
    private static final NightlyTriggerableScheduler HOURLY = hourly(MAIN, CatchUp.ONCE);

    private static NightlyTriggerableScheduler hourly(SchedulerSettings settings, CatchUp catchUp) {
        return new NightlyTriggerableScheduler(
                settings, new Calendar(Cron.parse("@hourly"), ZoneOffset.UTC, catchUp));
    }

    private static SchedulerScenario hours(Scheduler scheduler) {
        return given(scheduler).tellingDays();
    }

    static Stream<ScenarioRow> rows() {
        return Stream.of(
                row(
                        "without a trigger it builds nothing",
                        () -> hours(HOURLY).tellingSkips().when("until@0+02:30"),
                        "-@0+01:00 -@0+02:00"),
                row(
                        "a trigger is built at the next moment, once",
                        () -> hours(HOURLY).commanded(60, trigger()).when("until@0+02:30"),
                        "B[]@0+01:00"),
                row(
                        "of several triggers the last is built",
                        () ->
                                hours(HOURLY)
                                        .commanded(60, trigger())
                                        .commanded(120, trigger())
                                        .when("until@0+02:30"),
                        "B[]@0+01:00"),
                row(
                        "each moment builds what was triggered since the last",
                        () ->
                                hours(HOURLY)
                                        .commanded(60, trigger())
                                        .commanded(HOUR + 60, trigger())
                                        .when("until@0+03:30"),
                        "B[]@0+01:00 B[]@0+02:00"),
                row(
                        "a trigger is kept over a restart",
                        () ->
                                hours(HOURLY)
                                        .commanded(60, trigger())
                                        .when("restart@0+00:30 until@0+01:30"),
                        "B[]@0+01:00"),
                row(
                        "a moment that was missed is caught up",
                        () ->
                                hours(HOURLY)
                                        .commanded(60, trigger())
                                        .when("down@0+00:30 up@0+05:30 until@0+06:30"),
                        "B[]@0+05:30"),
                row(
                        "catch_up none: a trigger waits for the next moment",
                        () ->
                                hours(hourly(MAIN, CatchUp.NONE))
                                        .commanded(60, trigger())
                                        .when("down@0+00:30 up@0+05:30 until@0+06:30"),
                        "B[]@0+06:00"),
                row(
                        "disabled, it refuses triggers and keeps what it has",
                        () ->
                                hours(HOURLY)
                                        .commanded(60, trigger())
                                        .when("off@0+00:30")
                                        .commanded(HOUR / 2 + 60, trigger())
                                        .when("until@0+01:30 on@0+01:40 until@0+03:30"),
                        "refused trigger@0+00:31 B[]@0+02:00"),
                row(
                        "a moment before it was enabled, which nobody saw, is skipped",
                        () ->
                                hours(HOURLY)
                                        .commanded(60, trigger())
                                        .when("off@0+00:30 down@0+00:40 on@0+01:10 up@0+01:20")
                                        .when("until@0+03:30"),
                        "B[]@0+02:00"),
                row(
                        "another line of cron leaves what was triggered",
                        () ->
                                hours(HOURLY)
                                        .commanded(60, trigger())
                                        .reconfigured(
                                                120,
                                                new NightlyTriggerableScheduler(
                                                        MAIN,
                                                        new Calendar(
                                                                Cron.parse("30 * * * *"),
                                                                ZoneOffset.UTC,
                                                                CatchUp.ONCE)))
                                        .when("until@0+02:10"),
                        "B[]@0+00:30"),
                row(
                        "renamed, it keeps what was triggered",
                        () ->
                                hours(HOURLY)
                                        .commanded(60, trigger())
                                        .renamed(
                                                120,
                                                hourly(
                                                        SchedulerSettings.of("other", "linux"),
                                                        CatchUp.ONCE))
                                        .when("until@0+02:10"),
                        "B[]@0+01:00"),
                row(
                        "two source stamps of a codebase are refused",
                        () ->
                                hours(HOURLY)
                                        .commanded(
                                                60,
                                                trigger(
                                                        new SourceStamp("r", "a", null, "", ""),
                                                        new SourceStamp("r", "b", null, "", "")))
                                        .when("until@0+01:30"),
                        "refused trigger@0+00:01"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void its_table(ScenarioRow row) {
        row.holds();
    }

    @Test
    void what_is_built_is_what_the_last_trigger_asked_for_but_nobody_waits_for_it() {
        Property property = new Property("two", "Trigger");
        BuildsetOrder order =
                hours(HOURLY)
                        .commanded(60, trigger(new SourceStamp("r", "b", "rev1", "", "")))
                        .commanded(
                                120,
                                trigger(
                                        Map.of("p", property),
                                        new SourceStamp("r", "b", "rev2", "", "")))
                        .when("until@0+01:30")
                        .lastOrder();

        assertThat(order.sourceStamps()).containsExactly(new SourceStamp("r", "b", "rev2", "", ""));
        assertThat(order.properties()).isEqualTo(Map.of("p", property));
        assertThat(order.waitedFor()).isFalse();
        assertThat(order.parent()).isEqualTo(PARENT);
        assertThat(order.priority()).isEqualTo(9);
    }
}
