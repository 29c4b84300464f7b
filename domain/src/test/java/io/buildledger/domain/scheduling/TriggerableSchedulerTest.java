package io.buildledger.domain.scheduling;

import static io.buildledger.domain.scheduling.CommandFixtures.PARENT;
import static io.buildledger.domain.scheduling.CommandFixtures.force;
import static io.buildledger.domain.scheduling.CommandFixtures.patch;
import static io.buildledger.domain.scheduling.CommandFixtures.trigger;
import static io.buildledger.domain.scheduling.ScenarioRow.row;
import static io.buildledger.domain.scheduling.SchedulerFixtures.APP_AND_LIB;
import static io.buildledger.domain.scheduling.SchedulerFixtures.MAIN;
import static io.buildledger.domain.scheduling.SchedulerFixtures.main;
import static io.buildledger.domain.scheduling.SchedulerScenario.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerEvent.CommandRefused;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TriggerableSchedulerTest {

    private static final TriggerableScheduler TRIGGERABLE = new TriggerableScheduler(MAIN);
    private static final TriggerableScheduler OF_TWO_CODEBASES =
            new TriggerableScheduler(main(APP_AND_LIB));
    private static final SourceStamp LIB_DEFAULT =
            new SourceStamp("lib.git", null, null, "", "lib");

    static Stream<ScenarioRow> rows() {
        return Stream.of(
                row(
                        "each trigger is a buildset of its own",
                        () -> given(TRIGGERABLE).commanded(1, trigger()).commanded(2, trigger()),
                        "B[]@1 B[]@2"),
                row(
                        "disabled, it refuses",
                        () ->
                                given(TRIGGERABLE)
                                        .when("off@1")
                                        .commanded(2, trigger())
                                        .when("on@3")
                                        .commanded(4, trigger()),
                        "refused trigger@2 B[]@4"),
                row(
                        "two source stamps of a codebase are refused",
                        () ->
                                given(TRIGGERABLE)
                                        .commanded(
                                                1,
                                                trigger(
                                                        new SourceStamp("r", "a", null, "", ""),
                                                        new SourceStamp("r", "b", null, "", ""))),
                        "refused trigger@1"),
                row("it takes no changes", TRIGGERABLE, "i1@0 until@99", ""),
                row(
                        "it can neither be forced nor try a patch",
                        () -> given(TRIGGERABLE).commanded(1, force()).commanded(2, patch()),
                        "refused force@1 refused try@2"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void its_table(ScenarioRow row) {
        row.holds();
    }

    private static List<SourceStamp> stampsOf(SourceStamp... given) {
        return given(OF_TWO_CODEBASES).commanded(1, trigger(given)).lastOrder().sourceStamps();
    }

    @Test
    void without_source_stamps_the_defaults_are_built() {
        assertThat(stampsOf())
                .containsExactly(
                        new SourceStamp("app.git", "stable", "12345", "apps", "app"), LIB_DEFAULT);
    }

    @Test
    void the_triggers_source_stamp_counts_and_the_default_fills_what_it_leaves_open() {
        assertThat(stampsOf(new SourceStamp("", "a", "b", "", "app")))
                .containsExactly(new SourceStamp("app.git", "a", "b", "apps", "app"), LIB_DEFAULT);
        assertThat(stampsOf(new SourceStamp("fork.git", null, null, "p", "app")))
                .containsExactly(
                        new SourceStamp("fork.git", "stable", "12345", "p", "app"), LIB_DEFAULT);
    }

    @Test
    void
            a_default_revision_is_not_put_beside_another_branch_nor_a_default_branch_beside_a_revision() {
        assertThat(stampsOf(new SourceStamp("", "a", null, "", "app")))
                .contains(new SourceStamp("app.git", "a", null, "apps", "app"));
        assertThat(stampsOf(new SourceStamp("", null, "b", "", "app")))
                .contains(new SourceStamp("app.git", null, "b", "apps", "app"));
    }

    @Test
    void a_source_stamp_of_an_unlisted_codebase_is_kept_as_it_is() {
        SourceStamp unlisted =
                new SourceStamp(
                        "r",
                        "b",
                        "1",
                        "project",
                        "docs",
                        new SourceStamp.Patch("d", 1, "me", "", ""));

        assertThat(stampsOf(unlisted))
                .containsExactly(
                        new SourceStamp("app.git", "stable", "12345", "apps", "app"),
                        unlisted,
                        LIB_DEFAULT);
    }

    @Test
    void the_triggers_properties_priority_and_parent_count_before_its_own() {
        TriggerableScheduler scheduler =
                new TriggerableScheduler(
                        new SchedulerSettings(
                                "main",
                                List.of("linux"),
                                SchedulerSettings.ONE_CODEBASE,
                                Map.of("a", 1, "b", 1),
                                "configured",
                                PriorityRule.of(3),
                                null));
        Property given = new Property(2, "Trigger");
        BuildsetOrder order =
                given(scheduler).commanded(1, trigger(Map.of("a", given))).lastOrder();

        assertThat(order.properties())
                .isEqualTo(Map.of("a", given, "b", new Property(1, "Scheduler")));
        assertThat(order.priority()).isEqualTo(9);
        assertThat(order.parent()).isEqualTo(PARENT);
        assertThat(order.waitedFor()).isTrue();
        assertThat(order.externalId()).isEqualTo("external");
        assertThat(order.reason()).isEqualTo("configured");
    }

    @Test
    void a_property_called_reason_is_the_reason_and_stays_a_property() {
        Property reason = new Property("since I say so", "Trigger");
        BuildsetOrder order =
                given(TRIGGERABLE).commanded(1, trigger(Map.of("reason", reason))).lastOrder();

        assertThat(order.reason()).isEqualTo("since I say so");
        assertThat(order.properties()).containsEntry("reason", reason);
    }

    @Test
    void its_own_priority_counts_where_the_trigger_has_none() {
        TriggerableScheduler scheduler =
                new TriggerableScheduler(
                        new SchedulerSettings(
                                "main",
                                List.of("linux"),
                                SchedulerSettings.ONE_CODEBASE,
                                Map.of(),
                                "",
                                PriorityRule.of(3),
                                null));
        BuildTriggered without =
                new BuildTriggered("main", List.of(), Map.of(), false, null, null, null);

        assertThat(given(scheduler).commanded(1, without).lastOrder().priority()).isEqualTo(3);
    }

    @Test
    void a_refusal_says_why() {
        SchedulerScenario scenario =
                given(TRIGGERABLE)
                        .commanded(
                                1,
                                trigger(
                                        new SourceStamp("r", "a", null, "", "x"),
                                        new SourceStamp("r", "b", null, "", "x")))
                        .commanded(2, force());

        assertThat(scenario.history())
                .contains(
                        new CommandRefused(
                                "main",
                                "trigger",
                                "source_stamps: codebase 'x' has two of them, where one is wanted"),
                        new CommandRefused("main", "force", "builds can't be forced here"));
    }
}
