package io.buildledger.domain.building;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.building.Build.BetweenSteps;
import io.buildledger.domain.building.BuildEvent.ArtifactStored;
import io.buildledger.domain.building.BuildEvent.BuildDropped;
import io.buildledger.domain.building.BuildEvent.CommandStarted;
import io.buildledger.domain.building.BuildEvent.PropertySet;
import io.buildledger.domain.building.BuildEvent.SchedulerAsked;
import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BuildTest {

    private static BuildEvent started(int step) {
        return new StepStarted("linux", 7, step, "test");
    }

    private static BuildEvent finished(int step) {
        return new StepFinished("linux", 7, step, Results.SUCCESS, 0, "ok", null);
    }

    private static Build after(BuildEvent... events) {
        Build state = Build.BEFORE_THE_FIRST_STEP;
        for (BuildEvent event : events) {
            state = Build.evolve(state, event);
        }
        return state;
    }

    @Test
    void steps_come_one_after_the_other_and_some_are_passed_over() {
        assertThat(after(started(1), finished(1), started(4), finished(4)))
                .isEqualTo(new BetweenSteps(4));
    }

    @Test
    void a_step_neither_starts_within_another_nor_a_second_time() {
        assertThatThrownBy(() -> after(started(1), started(2)))
                .isInstanceOf(IllegalTransition.class);
        assertThatThrownBy(() -> after(started(1), finished(1), started(1)))
                .isInstanceOf(IllegalTransition.class);
    }

    @Test
    void only_the_step_that_runs_finishes() {
        assertThatThrownBy(() -> after(finished(1))).isInstanceOf(IllegalTransition.class);
        assertThatThrownBy(() -> after(started(2), finished(1)))
                .isInstanceOf(IllegalTransition.class);
    }

    @Test
    void commands_properties_artifacts_and_triggers_are_of_the_step_that_runs() {
        BuildEvent command = new CommandStarted("linux", 7, 2, "w1", "41.1.2.1");
        BuildEvent property = new PropertySet("linux", 7, 2, "version", "1");
        BuildEvent artifact =
                new ArtifactStored("linux", 7, 2, 1, "a.txt", 3, "f00d", "disk", "linux/7/a.txt");
        BuildEvent asked =
                new SchedulerAsked("linux", 7, 2, "tests", "scheduler-command/tests@0", false);

        assertThat(after(started(2), command, property, artifact, asked, command, finished(2)))
                .isEqualTo(new BetweenSteps(2));
        for (BuildEvent event : List.of(command, property, artifact, asked)) {
            assertThatThrownBy(() -> after(event)).isInstanceOf(IllegalTransition.class);
            assertThatThrownBy(() -> after(started(1), event))
                    .isInstanceOf(IllegalTransition.class);
            assertThatThrownBy(() -> after(started(2), finished(2), event))
                    .isInstanceOf(IllegalTransition.class);
        }
    }

    @Test
    void a_build_is_dropped_at_any_time_and_nothing_follows() {
        BuildEvent dropped = new BuildDropped("linux", 7, null, "the claim was released by b2");

        assertThat(after(dropped)).isEqualTo(new Build.Dropped());
        assertThat(after(started(1), dropped)).isEqualTo(new Build.Dropped());
        assertThatThrownBy(() -> after(dropped, dropped)).isInstanceOf(IllegalTransition.class);
        assertThatThrownBy(() -> after(dropped, started(1))).isInstanceOf(IllegalTransition.class);
        assertThatThrownBy(() -> after(started(1), dropped, finished(1)))
                .isInstanceOf(IllegalTransition.class);
    }
}
