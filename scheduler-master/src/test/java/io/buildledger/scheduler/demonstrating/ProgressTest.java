package io.buildledger.scheduler.demonstrating;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.ChangeSourceEvent.RepositoryPolled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ProgressTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final ChangeReceived CHANGE =
            new ChangeReceived(
                    1, "", "main", "abc", "", "", null, "A", "", List.of(), null, NOW, Map.of(),
                    "base");
    private static final BuildRequested REQUESTED = new BuildRequested(1, 1, "test", 0, NOW, null);
    private static final BuildRequestClaimed CLAIMED =
            new BuildRequestClaimed(1, "test", 5, "b1", 1, 1, "local", "", null, null);
    private static final StepStarted STEP = new StepStarted("test", 5, 0, "git");

    private static String after(Object... events) {
        Progress progress = new Progress();
        for (Object event : events) {
            progress.read(event);
        }
        return progress.describe();
    }

    @Test
    void a_commit_is_waited_with_until_the_repository_has_been_looked_at() {
        Progress progress = new Progress();
        boolean atFirst = progress.hasPolled();
        progress.read(new RepositoryPolled("r", Map.of("main", "abc"), null, null));

        assertThat(atFirst).isFalse();
        assertThat(progress.hasPolled()).isTrue();
    }

    @Test
    void at_first_no_change_has_come_in() {
        assertThat(after()).isEqualTo("no change has come in");
    }

    @Test
    void a_change_may_lead_to_no_request() {
        assertThat(after(CHANGE)).isEqualTo("change 1 is here, but no build was requested for it");
    }

    @Test
    void a_request_may_be_claimed_by_nobody() {
        assertThat(after(CHANGE, REQUESTED))
                .isEqualTo("request 1 for builder test is claimed by nobody");
        assertThat(
                        after(
                                CHANGE,
                                REQUESTED,
                                CLAIMED,
                                new BuildRequestReleased(1, 1, "b2", "master b1 is gone", null)))
                .isEqualTo("request 1 for builder test is claimed by nobody");
    }

    @Test
    void a_build_may_not_have_begun_or_be_at_a_step() {
        assertThat(after(CHANGE, REQUESTED, CLAIMED)).isEqualTo("build test/5 has not begun");
        assertThat(after(CHANGE, REQUESTED, CLAIMED, STEP))
                .isEqualTo("build test/5 is at its step 'git'");
    }

    @Test
    void all_that_goes_on_is_told() {
        assertThat(
                        after(
                                CHANGE,
                                REQUESTED,
                                new BuildRequested(2, 1, "package", 0, NOW, null),
                                CLAIMED,
                                STEP))
                .isEqualTo(
                        "build test/5 is at its step 'git'; request 2 for builder package is claimed by nobody");
        assertThat(
                        after(
                                CHANGE,
                                REQUESTED,
                                new BuildRequested(2, 1, "package", 0, NOW, null),
                                CLAIMED,
                                new BuildRequestCompleted(1, 1, Results.SUCCESS, "")))
                .isEqualTo("request 2 for builder package is claimed by nobody");
    }
}
