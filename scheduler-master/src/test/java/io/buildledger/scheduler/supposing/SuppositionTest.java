package io.buildledger.scheduler.supposing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.scheduler.supposing.Answer.OfBuilder;
import io.buildledger.scheduler.supposing.Answer.Supposed;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What would have been made is written {@code main[1, 2]@15}: of changes 1 and 2, at second 15. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SuppositionTest {

    private static final Duration LAG = Duration.ofMillis(80);

    private static ConfigurationFile file(String schedulers) {
        return ServedLog.file(
                """
                builders:
                  - {name: linux, worker_names: [w], factory: []}
                  - {name: docs, worker_names: [w], factory: []}
                workers: [{name: w, password: secret}]
                %s
                """
                        .formatted(schedulers));
    }

    private static ConfigurationFile scheduler(String... schedulers) {
        return file("schedulers:\n  - " + String.join("\n  - ", schedulers));
    }

    private static final String AT_ONCE =
            "single_branch: {name: main, builder_names: [linux], change_filter: {}}";

    private static String stable(int seconds) {
        return "single_branch: {name: main, builder_names: [linux], change_filter: {}, tree_stable_timer: %ds}"
                .formatted(seconds);
    }

    private static Past past(ConfigurationFile file) {
        return new Past(file, LAG);
    }

    private static String told(Answer answer) {
        return answer.wouldMake().stream()
                .map(it ->
                        "%s%s@%s"
                                .formatted(
                                        it.scheduler(),
                                        it.changes(),
                                        Duration.between(Past.START, it.at()).toMillis() / 1_000.0))
                .collect(Collectors.joining(" "));
    }

    private static OfBuilder of(Answer answer, String builder) {
        return answer.builders().stream()
                .filter(it -> it.name().equals(builder))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_timer_that_ran_then_elapses_when_it_did_and_any_other_at_its_moment() {
        Past past = past(scheduler(stable(10))).change(1, 1).change(5, 2).change(40, 3).pass(60);

        Answer same = past.suppose(scheduler(stable(10)));
        assertThat(told(same)).isEqualTo("main[1, 2]@15.08 main[3]@50.08");
        assertThat(same.isSame()).isTrue();

        assertThat(told(past.suppose(scheduler(stable(3)))))
                .isEqualTo("main[1]@4.0 main[2]@8.0 main[3]@43.0");
        assertThat(told(past.suppose(scheduler(AT_ONCE))))
                .isEqualTo("main[1]@1.0 main[2]@5.0 main[3]@40.0");
    }

    @Test
    void a_change_that_came_before_a_late_timer_is_in_its_buildset_only_if_the_file_takes_it() {
        // Timer 1 is due at 11 and late; change 2 comes before it, and sets it anew.
        Past past = past(scheduler(stable(10))).change(1, 1).change(11.05, 2, "docs/a").pass(60);

        Answer same = past.suppose(scheduler(stable(10)));
        assertThat(told(same)).isEqualTo("main[1, 2]@21.13");
        assertThat(same.isSame()).isTrue();
        assertThat(
                        told(
                                past.suppose(
                                        scheduler(
                                                stable(10)
                                                        .replace(
                                                                "tree_stable",
                                                                "file_is_important: {exclude: docs/}, only_important: true, tree_stable")))))
                .isEqualTo("main[1]@11.05");
    }

    @Test
    void what_was_due_at_the_very_end_and_had_not_elapsed_has_not() {
        Past past =
                past(scheduler(stable(10)))
                        .change(1, 1)
                        .ask(11.04, new SchedulerSwitched("other", false, "me", ""));

        assertThat(past.suppose(scheduler(stable(10))).isSame()).isTrue();
        assertThat(told(past.suppose(scheduler(stable(9))))).isEqualTo("main[1]@10.0");
    }

    @Test
    void what_is_due_while_no_master_is_up_waits_for_the_next() {
        Past past =
                past(scheduler(stable(10)))
                        .change(1, 1)
                        .down(5)
                        .change(30, 2)
                        .up(100)
                        .pass(200)
                        .change(200, 3);

        assertThat(told(past.suppose(scheduler(stable(10))))).isEqualTo("main[1, 2]@100.0");
        assertThat(told(past.suppose(scheduler(stable(2))))).isEqualTo("main[1]@3.0 main[2]@100.0");
    }

    @Test
    void what_schedulers_knew_when_the_time_began_they_know() {
        Past past =
                past(scheduler(stable(10)))
                        .change(1, 1)
                        .ask(2, new SchedulerSwitched("main", false, "me", ""))
                        .pass(20)
                        .change(30, 2)
                        .ask(40, new SchedulerSwitched("main", true, "me", ""))
                        .change(70, 3);

        Answer answer = past.suppose(scheduler(stable(10)), 25);
        assertThat(answer.since()).isEqualTo(Past.second(25));
        assertThat(told(answer)).isEqualTo("main[1, 2]@50.08");
        assertThat(answer.isSame()).isTrue();
        assertThat(told(past.suppose(scheduler(stable(3)), 25))).isEqualTo("main[1, 2]@43.0");
    }

    @Test
    void another_name_goes_on_where_the_old_one_was_and_hears_what_that_was_asked() {
        Past past =
                past(scheduler(stable(10)))
                        .change(1, 1)
                        .ask(8, new SchedulerSwitched("main", false, "me", ""))
                        .ask(30, new SchedulerSwitched("main", true, "me", ""))
                        .change(60, 2)
                        .pass(80);
        String renamed = stable(10).replace("name: main", "name: trunk, renamed_from: main");

        Answer answer = past.suppose(scheduler(renamed), 5);

        assertThat(told(answer)).isEqualTo("trunk[1]@40.08 trunk[2]@70.08");
        assertThat(answer.isSame()).isTrue();
        assertThat(answer.assumptions()).contains("scheduler trunk goes on where main was");
    }

    @Test
    void what_was_asked_of_a_scheduler_that_the_file_does_not_have_is_left_out() {
        String force = "force: {name: force, builder_names: [linux, docs]}";
        Past past =
                past(scheduler(force))
                        .ask(
                                5,
                                new BuildForced(
                                        "force", "me", "", List.of(), List.of(), Map.of(), null))
                        .change(10, 1);

        assertThat(past.suppose(scheduler(force)).isSame()).isTrue();

        Answer answer = past.suppose(scheduler(AT_ONCE));
        assertThat(told(answer)).isEqualTo("main[1]@10.0");
        assertThat(answer.wouldNotMake())
                .singleElement()
                .satisfies(it -> assertThat(it.builders()).containsExactly("docs", "linux"));
        assertThat(answer.schedulers())
                .extracting(Answer.OfScheduler::name, Answer.OfScheduler::missing)
                .contains(tuple("force", 1L));
        assertThat(answer.assumptions())
                .contains(
                        "what was asked of scheduler force, which the file does not have, is left out; so often: 1");
    }

    @Test
    void builders_that_are_more_or_less_are_told() {
        Past past = past(scheduler(AT_ONCE)).change(1, 1).pass(10).change(10, 2);

        Answer answer = past.suppose(scheduler(AT_ONCE.replace("[linux]", "[docs]")));

        assertThat(answer.wouldNotMake()).isEmpty();
        assertThat(answer.wouldMake()).extracting(Supposed::buildset).containsExactly(1L, 2L);
        assertThat(answer.wouldMake().getFirst().additionalBuilders()).containsExactly("docs");
        assertThat(answer.wouldMake().getFirst().missingBuilders()).containsExactly("linux");
        assertThat(of(answer, "docs").additional()).isEqualTo(2);
        assertThat(of(answer, "linux").missing()).isEqualTo(2);
        assertThat(answer.isSame()).isFalse();
    }

    @Test
    void a_dependent_one_follows_what_ended_well_or_of_which_nothing_is_recorded() {
        String after = "dependent: {name: after, builder_names: [docs], upstream: main}";
        Past past =
                past(scheduler(AT_ONCE))
                        .change(1, 1)
                        .build(2, 1, 10, Results.FAILURE)
                        .change(20, 2)
                        .build(21, 2, 10, Results.WARNINGS)
                        .branchChange(40, 3, "other")
                        .pass(99)
                        .branchChange(99, 4, "other");

        assertThat(told(past.suppose(scheduler(AT_ONCE, after))))
                .as("as it was recorded; of change 3 nothing ended")
                .isEqualTo("main[1]@1.0 main[2]@20.0 after[2]@31.0 main[3]@40.0 main[4]@99.0");

        Answer answer = past.suppose(scheduler(AT_ONCE.replace("linux", "linux, docs"), after));
        assertThat(told(answer))
                .as(
                        "docs is taken to be as long as the median of all, and one worker builds it all")
                .isEqualTo(
                        "main[1]@1.0 main[2]@20.0 main[3]@40.0 after[2]@41.0 after[3]@61.0 main[4]@99.0");
        assertThat(answer.assumptions())
                .contains(
                        "no build of docs ended in that time: one is taken to last 10s, the median of all 2 builds",
                        "so many buildsets of dependent schedulers follow on others of which not all was built, and what was not is taken to have ended well: 2");
    }

    @Test
    void the_same_workers_and_durations_give_the_same_hours_and_waits() {
        Past past =
                past(scheduler(AT_ONCE))
                        .change(0.5, 1)
                        .claim(0.5, 1)
                        .change(10, 2)
                        .complete(30.5, 1, Results.SUCCESS)
                        .build(30.5, 2, 20, Results.SUCCESS)
                        .change(60, 3)
                        .build(60, 3, 10, Results.SUCCESS);

        Answer answer = past.suppose(scheduler(AT_ONCE));

        assertThat(answer.supposed()).isEqualTo(answer.recorded());
        assertThat(answer.supposed().workerMillis()).isEqualTo(60_000);
        assertThat(answer.supposed().waits()).isEqualTo(new Answer.Waits(0, 20_500, 20_500));
        assertThat(of(answer, "linux").buildMillis()).isEqualTo(20_000);
    }

    @Test
    void what_was_running_or_waiting_before_keeps_workers_busy_and_is_not_counted() {
        Past past =
                past(scheduler(AT_ONCE))
                        .change(1, 1)
                        .claim(1, 1)
                        .change(2, 2)
                        .change(10, 3)
                        .complete(21, 1, Results.SUCCESS)
                        .build(21, 2, 20, Results.SUCCESS)
                        .build(41, 3, 20, Results.SUCCESS);

        Answer answer = past.suppose(scheduler(AT_ONCE), 5);

        assertThat(answer.supposed().begun()).isEqualTo(1);
        assertThat(answer.supposed().waits()).isEqualTo(new Answer.Waits(31_000, 31_000, 31_000));
        assertThat(answer.supposed()).isEqualTo(answer.recorded());
    }

    @Test
    void a_request_that_somebody_cancelled_is_cancelled_and_one_of_a_canceller_is_not() {
        Past past =
                past(scheduler(AT_ONCE))
                        .change(1, 1)
                        .claim(1, 1)
                        .change(2, 2)
                        .change(3, 3)
                        .cancel(4, 2, "me")
                        .cancel(5, 3, "old_build_canceller newest")
                        .complete(11, 1, Results.SUCCESS);

        Answer answer = past.suppose(scheduler(AT_ONCE));

        assertThat(answer.supposed().begun()).isEqualTo(2);
        assertThat(answer.recorded().begun()).isEqualTo(1);
        assertThat(answer.supposed().unbegun()).isEqualTo(1);
    }

    @Test
    void what_is_not_worth_a_build_any_more_is_left_out_as_the_file_says() {
        Past past =
                past(scheduler(AT_ONCE))
                        .change(1, 1)
                        .claim(1, 1)
                        .change(2, 2)
                        .change(3, 3)
                        .complete(101, 1, Results.SUCCESS)
                        .build(101, 2, 100, Results.SUCCESS)
                        .build(201, 3, 100, Results.SUCCESS);

        Answer collapsing =
                past.suppose(file("collapse_requests: true\nschedulers:\n  - " + AT_ONCE));
        assertThat(of(collapsing, "linux").collapsed()).isEqualTo(1);
        assertThat(collapsing.supposed().workerMillis()).isEqualTo(200_000);
        assertThat(collapsing.isSame()).as("it was made all the same").isTrue();

        Answer cancelling =
                past.suppose(
                        file(
                                """
                                services:
                                  - old_build_canceller:
                                      name: newest
                                      filters: [{builder_names: [linux]}]
                                schedulers:
                                  - %s
                                """
                                        .formatted(AT_ONCE)));
        assertThat(of(cancelling, "linux").cancelled()).isEqualTo(2);
        assertThat(cancelling.supposed().workerMillis()).isEqualTo(102_000);
    }

    @Test
    void a_failure_ends_the_others_of_its_buildset_as_the_file_says() {
        String both = AT_ONCE.replace("[linux]", "[linux, docs]");
        Past past =
                past(scheduler(both))
                        .change(1, 1)
                        .build(1, 1, 10, Results.FAILURE)
                        .build(11, 2, 50, Results.SUCCESS);

        Answer answer =
                past.suppose(
                        file(
                                """
                                services:
                                  - failing_buildset_canceller:
                                      name: fail-fast
                                      filters: [{builder_names: [linux]}]
                                schedulers:
                                  - %s
                                """
                                        .formatted(both)));

        assertThat(of(answer, "docs").cancelled()).isEqualTo(1);
        assertThat(answer.supposed().workerMillis()).isEqualTo(10_000);
    }

    @Test
    void a_rebuild_is_as_it_was() {
        Past past =
                past(scheduler(AT_ONCE))
                        .change(1, 1)
                        .build(1, 1, 10, Results.FAILURE)
                        .rebuild(20, 1)
                        .build(20, 2, 5, Results.SUCCESS);

        assertThat(past.suppose(scheduler(AT_ONCE)).isSame()).isTrue();

        Answer answer = past.suppose(scheduler(stable(3)));
        assertThat(told(answer)).isEqualTo("main[1]@4.0 main[1]@20.0");
        assertThat(answer.isSame()).isTrue();
        assertThat(answer.supposed().workerMillis()).isEqualTo(15_000);
    }

    @Test
    void a_new_scheduler_begins_with_the_time_or_with_the_change_that_it_says() {
        Past past =
                past(scheduler(AT_ONCE))
                        .change(1, 1)
                        .change(10, 2)
                        .change(20, 3)
                        .pass(40)
                        .change(40, 4);
        String every = "periodic: {name: every, builder_names: [docs], periodic_build_timer: 15s}";
        String fromThird =
                "single_branch: {name: third, builder_names: [docs], change_filter: {}, start_at_change: %d}";

        assertThat(told(past.suppose(scheduler(every), 5)))
                .isEqualTo("every[]@5.0 every[2, 3]@20.0 every[]@35.0");
        assertThat(told(past.suppose(scheduler(fromThird.formatted(3)), 5)))
                .isEqualTo("third[3]@20.0 third[4]@40.0");
        Answer early = past.suppose(scheduler(fromThird.formatted(1)), 5);
        assertThat(told(early)).isEqualTo("third[2]@10.0 third[3]@20.0 third[4]@40.0");
        assertThat(early.assumptions())
                .contains(
                        "scheduler third would have begun with change 1, which did not come in that time: what came before is left out");
    }

    @Test
    void the_answer_is_the_same_each_time() {
        Past past = past(scheduler(stable(10)));
        for (int i = 1; i <= 50; i++) {
            past.change(i * 7, i);
        }
        ConfigurationFile other = scheduler(AT_ONCE.replace("[linux]", "[docs, linux]"));

        assertThat(past.suppose(other)).isEqualTo(past.suppose(other));
    }
}
