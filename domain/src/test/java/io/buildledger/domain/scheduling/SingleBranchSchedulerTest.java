package io.buildledger.domain.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.ChangeFilter;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangesScheduled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerConfigured;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerInput.ChangeArrived;
import io.buildledger.domain.scheduling.SchedulerInput.Configured;
import io.buildledger.domain.scheduling.SchedulerInput.TimerElapsed;
import io.buildledger.domain.scheduling.SingleBranchScheduler.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SingleBranchSchedulerTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final List<SchedulerEvent> history = new ArrayList<>();
    private State state = State.INITIAL;

    private static SingleBranchScheduler scheduler(@Nullable Duration treeStableTimer) {
        return new SingleBranchScheduler(
                "main",
                new ChangeFilter(Set.of(), Set.of(), Set.of("main"), Set.of()),
                treeStableTimer,
                List.of("linux"),
                0,
                null);
    }

    private static ChangeReceived change(long id, @Nullable String branch) {
        return new ChangeReceived(
                id,
                "repo",
                branch,
                "rev" + id,
                "",
                "",
                null,
                "me",
                "",
                List.of(),
                null,
                NOON,
                Map.of(),
                "base");
    }

    private List<SchedulerEvent> when(SingleBranchScheduler scheduler, SchedulerInput input) {
        List<SchedulerEvent> events = scheduler.decide(state, input);
        for (SchedulerEvent event : events) {
            state = scheduler.evolve(state, event);
        }
        history.addAll(events);
        return events;
    }

    @Test
    void without_a_timer_each_change_fires_at_once() {
        assertThat(when(scheduler(null), new ChangeArrived(change(1, "main"), NOON)))
                .containsExactly(
                        new ChangeTaken("main", 1, "repo", "main", "rev1", "", ""),
                        new ChangesScheduled(
                                "main", 1, List.of(1L), "repo", "main", "rev1", "", ""));
    }

    @Test
    void a_change_of_another_branch_or_of_none_is_nothing_to_it() {
        assertThat(when(scheduler(null), new ChangeArrived(change(1, "other"), NOON))).isEmpty();
        assertThat(when(scheduler(null), new ChangeArrived(change(2, null), NOON))).isEmpty();
    }

    @Test
    void each_change_sets_the_timer_anew_and_all_are_built_together_when_it_ends() {
        SingleBranchScheduler scheduler = scheduler(MINUTE);

        assertThat(when(scheduler, new ChangeArrived(change(1, "main"), NOON)))
                .contains(new TimerArmed("main", 1, NOON.plus(MINUTE)));
        assertThat(when(scheduler, new ChangeArrived(change(2, "main"), NOON.plusSeconds(30))))
                .contains(new TimerArmed("main", 2, NOON.plusSeconds(90)));
        assertThat(when(scheduler, new TimerElapsed(1))).isEmpty();
        assertThat(when(scheduler, new TimerElapsed(2)))
                .containsExactly(
                        new ChangesScheduled(
                                "main", 1, List.of(1L, 2L), "repo", "main", "rev2", "", ""));
    }

    @Test
    void a_timer_that_fires_again_fires_for_nothing() {
        SingleBranchScheduler scheduler = scheduler(MINUTE);
        when(scheduler, new ChangeArrived(change(1, "main"), NOON));
        when(scheduler, new TimerElapsed(1));

        assertThat(when(scheduler, new TimerElapsed(1))).isEmpty();
    }

    @Test
    void a_configuration_is_recorded_once() {
        SingleBranchScheduler scheduler = scheduler(null);

        assertThat(when(scheduler, new Configured("d1", NOON)))
                .containsExactly(
                        new SchedulerConfigured("main", "single_branch", "d1", List.of("linux")));
        assertThat(when(scheduler, new Configured("d1", NOON))).isEmpty();
        assertThat(when(scheduler, new Configured("d2", NOON))).hasSize(1);
    }

    @Test
    void changes_that_wait_are_built_when_the_timer_is_taken_out_of_the_configuration() {
        when(scheduler(MINUTE), new Configured("with", NOON));
        when(scheduler(MINUTE), new ChangeArrived(change(1, "main"), NOON));

        assertThat(when(scheduler(null), new Configured("without", NOON)))
                .endsWith(
                        new ChangesScheduled(
                                "main", 1, List.of(1L), "repo", "main", "rev1", "", ""));
    }

    @Test
    void whatever_comes_every_change_is_in_exactly_one_firing_and_a_replay_gives_the_same_state() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        SingleBranchScheduler scheduler = scheduler(MINUTE);
        List<Long> sent = new ArrayList<>();
        for (long id = 1; id <= 500; id++) {
            if (random.nextInt(3) > 0) {
                when(scheduler, new ChangeArrived(change(id, "main"), NOON.plusSeconds(id)));
                sent.add(id);
            }
            if (random.nextInt(3) == 0) {
                when(scheduler, new TimerElapsed(state.timers() - random.nextInt(2)));
            }
        }
        when(scheduler, new TimerElapsed(state.timers()));

        List<Long> scheduled =
                history.stream()
                        .filter(ChangesScheduled.class::isInstance)
                        .flatMap(event -> ((ChangesScheduled) event).changeIds().stream())
                        .toList();
        State replayed = State.INITIAL;
        for (SchedulerEvent event : history) {
            replayed = scheduler.evolve(replayed, event);
        }
        assertThat(scheduled).isEqualTo(sent);
        assertThat(replayed).isEqualTo(state);
    }
}
