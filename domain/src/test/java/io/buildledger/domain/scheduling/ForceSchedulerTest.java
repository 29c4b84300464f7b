package io.buildledger.domain.scheduling;

import static io.buildledger.domain.scheduling.CommandFixtures.force;
import static io.buildledger.domain.scheduling.CommandFixtures.patch;
import static io.buildledger.domain.scheduling.CommandFixtures.trigger;
import static io.buildledger.domain.scheduling.ScenarioRow.row;
import static io.buildledger.domain.scheduling.SchedulerFixtures.MAIN;
import static io.buildledger.domain.scheduling.SchedulerScenario.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ForceSchedulerTest {

    private static final ForceScheduler FORCE = forced(MAIN);

    private static ForceScheduler forced(SchedulerSettings settings) {
        return new ForceScheduler(settings, "Force", "Force", List.of(), false);
    }

    private static SchedulerSettings because(String reason) {
        return new SchedulerSettings(
                "main",
                List.of("linux"),
                SchedulerSettings.ONE_CODEBASE,
                Map.of("a", "configured", "b", 1),
                reason,
                PriorityRule.of(4),
                null);
    }

    static Stream<ScenarioRow> rows() {
        return Stream.of(
                row(
                        "each command is a buildset of its own",
                        () -> given(FORCE).commanded(1, force()).commanded(2, force()),
                        "B[]@1 B[]@2"),
                row(
                        "disabled, it refuses",
                        () ->
                                given(FORCE)
                                        .when("off@1")
                                        .commanded(2, force())
                                        .when("on@3")
                                        .commanded(4, force()),
                        "refused force@2 B[]@4"),
                row(
                        "a builder that is not its own is refused, and nothing is built",
                        () -> given(FORCE).commanded(1, force("linux", "solaris")),
                        "refused force@1"),
                row(
                        "a builder that the configuration has lost meanwhile is refused",
                        () ->
                                given(FORCE)
                                        .reconfigured(
                                                1, forced(SchedulerSettings.of("main", "linux")))
                                        .commanded(2, force("windows")),
                        "refused force@2"),
                row("it takes no changes", FORCE, "i1@0 until@99", ""),
                row(
                        "it can neither be triggered nor try a patch",
                        () -> given(FORCE).commanded(1, trigger()).commanded(2, patch()),
                        "refused trigger@1 refused try@2"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void its_table(ScenarioRow row) {
        row.holds();
    }

    @Test
    void what_was_asked_for_is_built_at_once() {
        Property owner = new Property("me", "Force Build Form");
        SourceStamp stamp = new SourceStamp("d", "a", "c", "p", "");
        BuildForced forced =
                new BuildForced(
                        "main",
                        "me",
                        "because",
                        List.of(),
                        List.of(stamp),
                        Map.of("a", owner),
                        null);
        BuildsetOrder order = given(forced(because(""))).commanded(1, forced).lastOrder();

        assertThat(order.sourceStamps()).containsExactly(stamp);
        assertThat(order.builderNames()).containsExactly("linux");
        assertThat(order.reason()).isEqualTo("a build was forced by 'me': because");
        assertThat(order.properties())
                .isEqualTo(Map.of("a", owner, "b", new Property(1, "Scheduler")));
        assertThat(order.priority()).isEqualTo(4);
        assertThat(order.waitedFor()).isFalse();
        assertThat(order.changeIds()).isEmpty();
    }

    @Test
    void the_commands_builders_and_priority_count_before_its_own() {
        BuildForced forced =
                new BuildForced("main", "me", "", List.of("windows"), List.of(), Map.of(), -7);
        BuildsetOrder order = given(FORCE).commanded(1, forced).lastOrder();

        assertThat(order.builderNames()).containsExactly("windows");
        assertThat(order.priority()).isEqualTo(-7);
        assertThat(order.reason()).isEqualTo("a build was forced by 'me'");
    }

    @Test
    void a_configured_reason_has_places_for_who_asked_and_why() {
        assertThat(
                        given(forced(because("%(owner)s wants it %(reason)s")))
                                .commanded(1, force())
                                .lastOrder()
                                .reason())
                .isEqualTo("me wants it because");
    }
}
