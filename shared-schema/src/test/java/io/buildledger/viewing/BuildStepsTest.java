package io.buildledger.viewing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import io.buildledger.viewing.BuildSteps.Step;
import io.buildledger.viewing.BuildSteps.Steps;
import io.buildledger.viewing.Views.Build;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BuildStepsTest {

    private static final Author B1 = new Author("b1", 1);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final BuildSteps steps = new BuildSteps(test.log);
    private final Won won = begun();
    private final Build build = new Views(test.jdbc).build("linux", 1).orElseThrow();

    @AfterEach
    void close() {
        test.close();
    }

    private Won begun() {
        story.fire(List.of(1L), "abc", "linux");
        Won begun = story.claim(B1, "linux");
        story.start(B1, begun);
        story.project();
        return begun;
    }

    @Test
    void steps_are_told_as_they_are_though_the_views_are_behind() {
        assertThat(steps.of(build).all()).isEmpty();

        long log = story.startStep(B1, won, 1, "test");
        Step running = steps.of(build).all().getFirst();
        story.finishStep(B1, won, 1, log, Results.FAILURE);
        story.startStep(B1, won, 2, "docs");

        assertThat(running.state()).isEqualTo("running");
        assertThat(running.results()).isNull();
        assertThat(running.startedAt())
                .isEqualTo(test.log.readOfType("build/linux/1", StepStarted.class).getFirst().at());
        assertThat(steps.of(build).all())
                .extracting(Step::step, Step::name, Step::state, Step::results, Step::exitCode)
                .containsExactly(
                        tuple(1, "test", "finished", "FAILURE", 1),
                        tuple(2, "docs", "running", null, null));
        Step finished = steps.of(build).all().getFirst();
        assertThat(finished.startedAt()).isEqualTo(running.startedAt());
        assertThat(finished.finishedAt()).isAfterOrEqualTo(running.startedAt());
        assertThat(finished.summary()).isEqualTo("exit code 1");
    }

    @Test
    void a_hidden_step_is_one_of_its_build_and_told_apart() {
        story.finishStep(B1, won, 1, story.startStep(B1, won, 1, "test"), Results.SUCCESS);
        story.finishStep(B1, won, 2, story.startStep(B1, won, 2, "docs"), Results.SKIPPED, true);
        story.startStep(B1, won, 3, "tidy");

        Steps found = steps.of(build);

        assertThat(found.all())
                .extracting(Step::name, Step::hidden)
                .containsExactly(tuple("test", false), tuple("docs", true), tuple("tidy", false));
        assertThat(found.hiddenCount()).isEqualTo(1);
        assertThat(found.shown(false)).extracting(Step::name).containsExactly("test", "tidy");
        assertThat(found.shown(true)).isEqualTo(found.all());
    }

    @Test
    void what_can_not_be_read_is_passed_over() {
        story.finishStep(B1, won, 1, story.startStep(B1, won, 1, "test"), Results.SUCCESS);
        story.startStep(B1, won, 2, "docs");
        test.appendOfNewerProgram("build/linux/1", "step-started", "99");
        test.jdbc.sql("UPDATE event SET payload = '{' WHERE type = 'step-finished'").update();

        assertThat(steps.of(build).all())
                .extracting(Step::name, Step::state)
                .containsExactly(tuple("test", "running"), tuple("docs", "running"));
    }
}
