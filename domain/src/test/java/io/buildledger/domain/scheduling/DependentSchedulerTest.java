package io.buildledger.domain.scheduling;

import static io.buildledger.domain.scheduling.ScenarioRow.row;
import static io.buildledger.domain.scheduling.SchedulerFixtures.APP_AND_LIB;
import static io.buildledger.domain.scheduling.SchedulerFixtures.MAIN;
import static io.buildledger.domain.scheduling.SchedulerFixtures.main;
import static io.buildledger.domain.scheduling.SchedulerScenario.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildsetOrder;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DependentSchedulerTest {

    private static final DependentScheduler DEPENDENT =
            new DependentScheduler(MAIN, Set.of("up", "up-before"));

    static Stream<ScenarioRow> rows() {
        return Stream.of(
                row(
                        "it follows what has ended well",
                        () -> given(DEPENDENT).ended(5, "up", Results.SUCCESS, 1L, 2L),
                        "B[1,2]@5"),
                row(
                        "it follows what has ended with warnings",
                        () -> given(DEPENDENT).ended(5, "up", Results.WARNINGS, 1L),
                        "B[1]@5"),
                row(
                        "it does not follow a rebuild",
                        () -> given(DEPENDENT).rebuilt(5, "up", Results.SUCCESS, 1L),
                        ""),
                row(
                        "it does not follow what another scheduler has built",
                        () -> given(DEPENDENT).ended(5, "other", Results.SUCCESS, 1L),
                        ""),
                row(
                        "it follows what upstream has built under an earlier name",
                        () -> given(DEPENDENT).ended(5, "up-before", Results.SUCCESS, 1L),
                        "B[1]@5"),
                row(
                        "it follows a buildset without changes, such as a nightly one",
                        () -> given(DEPENDENT).ended(5, "up", Results.SUCCESS),
                        "B[]@5"),
                row(
                        "it follows each buildset for itself",
                        () ->
                                given(DEPENDENT)
                                        .ended(5, "up", Results.SUCCESS, 1L)
                                        .ended(6, "up", Results.FAILURE, 2L)
                                        .ended(7, "up", Results.SUCCESS, 3L),
                        "B[1]@5 B[3]@7"),
                row(
                        "it follows what was made before it was configured, or while no master"
                                + " was up",
                        () ->
                                given(DEPENDENT)
                                        .when("down@3")
                                        .ended(5, "up", Results.SUCCESS, 1L)
                                        .when("up@9"),
                        "B[1]@5"),
                row(
                        "what ends well while it is disabled is followed once it is enabled, each"
                                + " for itself",
                        () ->
                                given(DEPENDENT)
                                        .when("off@3")
                                        .ended(5, "up", Results.SUCCESS, 1L)
                                        .ended(6, "up", Results.FAILURE, 2L)
                                        .ended(7, "up", Results.WARNINGS, 3L)
                                        .when("restart@8 on@9 off@10 on@11"),
                        "B[1]@9 B[3]@9"),
                row(
                        "what ended while it was disabled is followed under another name, and with"
                                + " another upstream",
                        () ->
                                given(DEPENDENT)
                                        .when("off@3")
                                        .ended(5, "up", Results.SUCCESS, 1L)
                                        .renamed(
                                                6,
                                                new DependentScheduler(
                                                        SchedulerSettings.of("other", "linux"),
                                                        Set.of("new")))
                                        .when("on@9"),
                        "B[1]@9"),
                row(
                        "what ended while it was disabled is forgotten if it is enabled as another"
                                + " type",
                        () ->
                                given(DEPENDENT)
                                        .when("off@3")
                                        .ended(5, "up", Results.SUCCESS, 1L)
                                        .reconfigured(6, new TriggerableScheduler(MAIN))
                                        .when("on@7 off@8")
                                        .reconfigured(9, DEPENDENT)
                                        .when("on@10"),
                        ""),
                row("it takes no changes", DEPENDENT, "i1@0 until@99", ""),
                row(
                        "upstream's name is what the configuration in force says",
                        () ->
                                given(DEPENDENT)
                                        .reconfigured(
                                                3, new DependentScheduler(MAIN, Set.of("new")))
                                        .ended(5, "up", Results.SUCCESS, 1L)
                                        .ended(6, "new", Results.SUCCESS, 2L),
                        "B[2]@6"),
                row(
                        "timers that a scheduler of another type left are dropped",
                        () ->
                                given(
                                                new PeriodicScheduler(
                                                        MAIN,
                                                        ChangeRules.ALL,
                                                        false,
                                                        Duration.ofSeconds(10)))
                                        .when("until@5")
                                        .reconfigured(5, DEPENDENT)
                                        .when("until@99"),
                        "B[]@0"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void its_table(ScenarioRow row) {
        row.holds();
    }

    @ParameterizedTest(name = "it does not follow {0}")
    @EnumSource(
            value = Results.class,
            mode = Mode.EXCLUDE,
            names = {"SUCCESS", "WARNINGS"})
    void it_follows_nothing_else(Results results) {
        assertThat(given(DEPENDENT).ended(5, "up", results, 1L).outcome()).isEmpty();
    }

    @Test
    void source_stamps_are_upstreams_whatever_its_own_codebases_are() {
        BuildsetOrder order =
                given(new DependentScheduler(main(APP_AND_LIB), Set.of("up")))
                        .ended(5, "up", Results.SUCCESS, 1L)
                        .lastOrder();

        assertThat(order.sourceStamps())
                .containsExactly(new SourceStamp("repo", "main", "abc", "project", ""));
        assertThat(order.reason()).isEqualTo("scheduler main fired after buildset 7 of up");
        assertThat(order.builderNames()).containsExactly("linux");
    }
}
