package io.buildledger.scheduler.supposing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.scheduler.serving.ServedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Times of differences are seconds, as {@code +10.0}. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ShadowingTest {

    private static final Duration LAG = Duration.ofMillis(80);
    private static final Duration GRACE = Duration.ofSeconds(5);

    private static final String AT_ONCE =
            "single_branch: {name: main, builder_names: [linux], change_filter: {}}";
    private static final String DEPENDENT =
            "dependent: {name: after, builder_names: [docs], upstream: main}";

    private static final String OTHER = "triggerable: {name: other, builder_names: [docs]}";

    private static ConfigurationFile file(String... schedulers) {
        return ServedLog.file(
                """
                builders:
                  - {name: linux, worker_names: [w], factory: []}
                  - {name: docs, worker_names: [w], factory: []}
                workers: [{name: w, password: secret}]
                schedulers:
                  - %s
                """
                        .formatted(String.join("\n  - ", schedulers)));
    }

    private static String stable(int seconds) {
        return "single_branch: {name: main, builder_names: [linux], change_filter: {}, tree_stable_timer: %ds}"
                .formatted(seconds);
    }

    private static Past past(String... schedulers) {
        return new Past(file(schedulers), LAG);
    }

    private final List<String> told = new ArrayList<>();

    private Comparisons shadow(Past past, double since, String... schedulers) {
        return past.shadow(file(schedulers), since, GRACE, it -> told.add(inSeconds(it)));
    }

    private Comparisons shadow(Past past, String... schedulers) {
        return shadow(past, -1, schedulers);
    }

    private static String inSeconds(Difference difference) {
        return difference
                .line()
                .replace(
                        difference.at().toString(),
                        String.valueOf(
                                Duration.between(Past.START, difference.at()).toMillis()
                                        / 1_000.0));
    }

    @Test
    void of_the_file_in_force_nothing_differs_also_where_timers_are_late() {
        Past past =
                past(stable(10), DEPENDENT)
                        .change(1, 1)
                        .change(11.05, 2)
                        .build(22, 1, 3, Results.SUCCESS)
                        .change(40, 3)
                        .pass(60);

        Comparisons comparisons = shadow(past, stable(10), DEPENDENT);

        assertThat(told).isEmpty();
        assertThat(comparisons)
                .isEqualTo(
                        new Comparisons(
                                Past.START, Past.second(55), 3, 3, 3, 3, 0, 0, 0, 0, List.of()));
        assertThat(comparisons.isSame()).isTrue();
        assertThat(comparisons.line())
                .isEqualTo(
                        "from 2026-01-01T00:00:00Z to 2026-01-01T00:00:55Z: 3 changes; 3 buildsets made, 3 would have been: 3 the same, 0 otherwise, 0 only here, 0 only by the cluster, 0 not compared yet");
    }

    @Test
    void what_would_be_made_at_other_times_for_other_changes_differs_when_that_is_certain() {
        Past past = past(stable(10)).change(1, 1).change(5, 2).change(40, 3).pass(60);

        Comparisons comparisons = shadow(past, stable(3));

        assertThat(told)
                .containsExactly(
                        "+ 4.0 main, change 1: would have made a buildset on linux",
                        "+ 8.0 main, change 2: would have made a buildset on linux",
                        "- 15.08 main, changes 1 2: would not have made buildset 1 on linux");
        assertThat(comparisons.same()).isEqualTo(1);
        assertThat(comparisons.additional()).isEqualTo(2);
        assertThat(comparisons.missing()).isEqualTo(1);
        assertThat(comparisons.waiting()).isZero();
    }

    @Test
    void what_is_made_for_the_same_changes_at_another_time_is_the_same() {
        Past past = past(stable(60)).change(1, 1).pass(100).change(200, 2).pass(300);

        assertThat(shadow(past, stable(10)).same()).isEqualTo(2);
        Past faster = past(stable(10)).change(1, 1).pass(100).change(200, 2).pass(300);
        assertThat(shadow(faster, stable(60)).same()).isEqualTo(2);
        assertThat(told).isEmpty();
    }

    @Test
    void what_may_still_be_made_is_not_compared_yet() {
        Past past = past(stable(60)).change(1, 1).pass(30);

        Comparisons comparisons = shadow(past, stable(10));

        assertThat(told).isEmpty();
        assertThat(comparisons.waiting()).isEqualTo(1);
    }

    @Test
    void what_the_cluster_does_not_make_within_its_grace_it_has_not_made() {
        Past past = past(OTHER).change(10, 1).pass(14);
        shadow(past, AT_ONCE);
        assertThat(told).isEmpty();

        shadow(past.pass(16), AT_ONCE);

        assertThat(told)
                .containsExactly("+ 10.0 main, change 1: would have made a buildset on linux");
    }

    @Test
    void other_builders_sources_and_properties_are_told() {
        Past past = past(AT_ONCE).change(1, 1).pass(20);

        Comparisons comparisons =
                shadow(
                        past,
                        "single_branch: {name: main, builder_names: [docs], change_filter: {}, properties: {a: 1}, create_absolute_source_stamps: true}");

        assertThat(told)
                .containsExactly(
                        "~ 1.0 main, change 1: would have made buildset 1 otherwise: on docs besides; not on linux; property a 1 from Scheduler instead of unset");
        assertThat(comparisons.otherwise()).isEqualTo(1);
        assertThat(comparisons.isSame()).isFalse();
    }

    @Test
    void a_scheduler_that_the_file_has_no_more_and_one_that_is_new_differ() {
        Past past = past(AT_ONCE).change(1, 1).pass(20);

        shadow(past, AT_ONCE.replace("main", "new"));

        assertThat(told)
                .containsExactly(
                        "- 1.0 main, change 1: would not have made buildset 1 on linux",
                        "+ 1.0 new, change 1: would have made a buildset on linux");
        told.clear();
        shadow(past, 0.5, AT_ONCE.replace("name: main", "name: new, renamed_from: main"));
        assertThat(told).isEmpty();
    }

    @Test
    void while_no_scheduler_master_is_up_nothing_is_missed() {
        Past past =
                past(stable(10))
                        .change(1, 1)
                        .down(5)
                        .change(30, 2)
                        .up(100)
                        .pass(200)
                        .change(200, 3)
                        .pass(300);

        Comparisons comparisons = shadow(past, stable(10));

        assertThat(told).isEmpty();
        assertThat(comparisons.same()).isEqualTo(2);
    }

    @Test
    void nothing_that_is_ordered_before_the_masters_end_is_judged_while_they_are_away() {
        Past past = past(OTHER).change(10, 1).down(12).pass(100);

        Comparisons comparisons = shadow(past, AT_ONCE);

        assertThat(told).isEmpty();
        assertThat(comparisons.waiting()).isEqualTo(1);
    }

    @Test
    void dependent_schedulers_follow_what_the_cluster_has_built_of_the_same() {
        Past past =
                past(stable(2), DEPENDENT)
                        .change(1, 1)
                        .build(5, 1, 10, Results.SUCCESS)
                        .change(30, 2)
                        .build(34, 3, 10, Results.FAILURE)
                        .pass(60);

        assertThat(shadow(past, stable(2), DEPENDENT).same()).isEqualTo(3);
        assertThat(shadow(past, stable(20), DEPENDENT).same()).isEqualTo(3);
        assertThat(told).isEmpty();
        // It ends as the cluster's, whatever it is built on.
        shadow(past, stable(2).replace("[linux]", "[linux, docs]"), DEPENDENT);
        assertThat(told)
                .containsExactly(
                        "~ 3.08 main, change 1: would have made buildset 1 otherwise: on docs besides",
                        "~ 32.08 main, change 2: would have made buildset 3 otherwise: on docs besides");
        told.clear();
        shadow(past, stable(2));
        assertThat(told)
                .containsExactly("- 15.0 after, change 1: would not have made buildset 2 on docs");
    }

    @Test
    void what_people_ask_for_is_asked_of_the_shadow_too() {
        String force = "force: {name: force, builder_names: [linux]}";
        Past past =
                past(force, AT_ONCE)
                        .ask(
                                2,
                                new BuildForced(
                                        "force",
                                        "me",
                                        "because",
                                        List.of("linux"),
                                        List.of(new SourceStamp("", "main", null, "", "")),
                                        Map.of("x", new Property(1, "form")),
                                        null))
                        .ask(3, new SchedulerSwitched("main", false, "me", ""))
                        .change(4, 1)
                        .pass(20);

        assertThat(shadow(past, force, AT_ONCE).same()).isEqualTo(1);
        assertThat(told).isEmpty();
        Comparisons without = shadow(past, AT_ONCE);
        assertThat(told)
                .containsExactly(
                        "- 2.0 force, no changes, branch main: would not have made buildset 1 on linux");
        assertThat(without.remarks())
                .containsExactly(
                        "what was asked of scheduler force, which the file does not have, is left out");
    }

    @Test
    void a_new_scheduler_with_a_timer_begins_as_masters_would_with_the_first_that_comes() {
        String often = "periodic: {name: often, builder_names: [docs], periodic_build_timer: 20s}";
        Past past = past(often, OTHER).change(100, 1).pass(150);

        Comparisons comparisons = shadow(past, often, OTHER);
        assertThat(told).isEmpty();
        assertThat(comparisons.same()).isGreaterThan(2);

        Past without = past(OTHER).change(100, 1).pass(135);
        shadow(without, 50, often, OTHER);
        assertThat(told)
                .containsExactly(
                        "+ 100.0 often, change 1: would have made a buildset on docs",
                        "+ 120.0 often, no changes, the default branch: would have made a buildset on docs");
    }

    @Test
    void rebuilds_are_nobodys_decision() {
        Past past =
                past(AT_ONCE).change(1, 1).build(2, 1, 1, Results.FAILURE).rebuild(5, 1).pass(30);

        Comparisons comparisons = shadow(past, AT_ONCE);

        assertThat(told).isEmpty();
        assertThat(comparisons.made()).isEqualTo(1);
    }

    @Test
    void what_schedulers_knew_at_the_start_they_know_and_what_came_before_is_not_compared() {
        Past past = past(stable(10)).change(1, 1).pass(20).change(30, 2).pass(60).change(70, 3);

        Comparisons comparisons = shadow(past.pass(100), 35, stable(10));

        assertThat(told).isEmpty();
        assertThat(comparisons.changes()).isEqualTo(1);
        assertThat(comparisons.same()).isEqualTo(2);
    }
}
