package io.buildledger.domain.requesting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequest.Claimed;
import io.buildledger.domain.requesting.BuildRequest.Completed;
import io.buildledger.domain.requesting.BuildRequest.Running;
import io.buildledger.domain.requesting.BuildRequest.Unclaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestExpired;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestGivenUp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.domain.requesting.BuildRequestEvent.Choice;
import java.time.Instant;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BuildRequestTest {

    private static final BuildRequested REQUESTED =
            new BuildRequested(7, 1, "linux", 0, Instant.parse("2026-01-01T12:00:00Z"), null);

    private static BuildRequestClaimed claimed(int attempt, String master) {
        return new BuildRequestClaimed(
                7, "linux", attempt, master, 1, attempt, "w", "f", 3, new Choice(1, 1, null));
    }

    private static BuildRequest after(BuildRequestEvent... events) {
        BuildRequest state = BuildRequest.UNKNOWN;
        for (BuildRequestEvent event : events) {
            state = BuildRequest.evolve(state, event);
        }
        return state;
    }

    @Test
    void a_request_is_claimed_started_and_completed() {
        assertThat(
                        after(
                                REQUESTED,
                                claimed(1, "b1"),
                                new BuildStarted(7, 1),
                                new BuildRequestCompleted(7, 1, Results.SUCCESS, "")))
                .isEqualTo(new Completed(REQUESTED, Results.SUCCESS));
    }

    @Test
    void a_released_request_is_on_offer_again_and_counts_its_attempts() {
        assertThat(
                        after(
                                REQUESTED,
                                claimed(1, "b1"),
                                new BuildRequestReleased(7, 1, "b2", "gone", null)))
                .isEqualTo(new Unclaimed(REQUESTED, 1));
        assertThat(
                        BuildRequest.liveClaim(
                                after(
                                        REQUESTED,
                                        claimed(1, "b1"),
                                        new BuildRequestReleased(7, 1, "b2", "gone", null),
                                        claimed(2, "b2"))))
                .contains(claimed(2, "b2"));
    }

    @Test
    void a_claimed_request_can_t_be_claimed_by_a_second_master() {
        BuildRequest claimed = after(REQUESTED, claimed(1, "b1"));

        assertThatThrownBy(() -> BuildRequest.evolve(claimed, claimed(2, "b2")))
                .isInstanceOf(IllegalTransition.class);
    }

    @Test
    void a_released_claim_can_t_complete_the_request() {
        BuildRequest taken =
                after(
                        REQUESTED,
                        claimed(1, "b1"),
                        new BuildStarted(7, 1),
                        new BuildRequestReleased(7, 1, "b2", "gone", null),
                        claimed(2, "b2"),
                        new BuildStarted(7, 2));

        assertThatThrownBy(() ->
                        BuildRequest.evolve(
                                taken, new BuildRequestCompleted(7, 1, Results.SUCCESS, "")))
                .isInstanceOf(IllegalTransition.class);
    }

    @Test
    void a_priority_is_changed_whether_the_request_is_unclaimed_claimed_or_running() {
        BuildRequestPriorityChanged changed = new BuildRequestPriorityChanged(7, 5, "alice");
        BuildRequested urgent = REQUESTED.withPriority(5);

        assertThat(after(REQUESTED, changed)).isEqualTo(new Unclaimed(urgent, 0));
        assertThat(after(REQUESTED, claimed(1, "b1"), changed))
                .isEqualTo(new Claimed(urgent, claimed(1, "b1")));
        assertThat(after(REQUESTED, claimed(1, "b1"), new BuildStarted(7, 1), changed))
                .isEqualTo(new Running(urgent, claimed(1, "b1")));
    }

    @Test
    void a_request_is_cancelled_whether_it_is_unclaimed_claimed_or_running_and_only_once() {
        BuildRequestCancelled cancelled = new BuildRequestCancelled(7, "alice", "");
        Completed over = new Completed(REQUESTED, Results.CANCELLED);

        assertThat(after(REQUESTED, cancelled)).isEqualTo(over);
        assertThat(after(REQUESTED, claimed(1, "b1"), cancelled)).isEqualTo(over);
        assertThat(after(REQUESTED, claimed(1, "b1"), new BuildStarted(7, 1), cancelled))
                .isEqualTo(over);
        assertThatThrownBy(() -> BuildRequest.evolve(over, cancelled))
                .isInstanceOf(IllegalTransition.class);
    }

    @Test
    void a_cancelled_claim_can_t_complete_the_request() {
        BuildRequest cancelled =
                after(
                        REQUESTED,
                        claimed(1, "b1"),
                        new BuildStarted(7, 1),
                        new BuildRequestCancelled(7, "alice", ""));

        assertThatThrownBy(() ->
                        BuildRequest.evolve(
                                cancelled, new BuildRequestCompleted(7, 1, Results.SUCCESS, "")))
                .isInstanceOf(IllegalTransition.class);
    }

    @Test
    void only_a_request_on_offer_expires() {
        BuildRequestExpired expired = new BuildRequestExpired(7, 1000);

        assertThat(after(REQUESTED, expired))
                .isEqualTo(new Completed(REQUESTED, Results.EXCEPTION));
        assertThatThrownBy(() -> after(REQUESTED, claimed(1, "b1"), expired))
                .isInstanceOf(IllegalTransition.class);
    }

    @Test
    void a_request_is_given_up_after_the_attempts_that_were_made() {
        BuildRequestReleased released = new BuildRequestReleased(7, 1, "b2", "gone", null);

        assertThat(
                        after(
                                REQUESTED,
                                claimed(1, "b1"),
                                released,
                                new BuildRequestGivenUp(7, 1, "gone")))
                .isEqualTo(new Completed(REQUESTED, Results.EXCEPTION));
        assertThatThrownBy(() -> after(REQUESTED, new BuildRequestGivenUp(7, 0, "")))
                .isInstanceOf(IllegalTransition.class);
    }
}
