package io.buildledger.scheduler.changing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PollPaceTest {

    private static final int SEED = 7;

    private static PollPace pace(String keys) {
        return new PollPace(
                Configured.gitPoller("https://example.org/a.git", keys), new Random(SEED));
    }

    @Test
    void a_poller_that_succeeds_keeps_its_interval() {
        PollPace pace = pace("poll_interval: 1m");
        pace.succeeded();

        assertThat(pace.untilNext()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void each_failure_doubles_the_wait_up_to_an_hour() {
        PollPace pace = pace("poll_interval: 1m");
        for (long minutes : new long[] {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
            pace.failed();
            assertThat(pace.untilNext())
                    .isBetween(
                            Duration.ofMinutes(minutes).multipliedBy(4).dividedBy(5),
                            Duration.ofMinutes(minutes).multipliedBy(6).dividedBy(5));
        }
        for (int i = 0; i < 100; i++) {
            pace.failed();
        }

        assertThat(pace.untilNext()).isLessThanOrEqualTo(Duration.ofMinutes(72));
    }

    @Test
    void a_success_ends_the_waiting() {
        PollPace pace = pace("poll_interval: 1m");
        pace.failed();
        pace.failed();
        assertThat(pace.isFailing()).isTrue();
        pace.succeeded();

        assertThat(pace.isFailing()).isFalse();
        assertThat(pace.untilNext()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void an_interval_of_more_than_an_hour_is_no_shorter_after_a_failure() {
        PollPace pace = pace("poll_interval: 1d");
        pace.failed();
        pace.failed();

        assertThat(pace.untilNext()).isGreaterThan(Duration.ofHours(19));
    }

    @Test
    void a_random_delay_comes_on_top() {
        PollPace pace = pace("poll_interval: 1m, poll_random_delay: 10s");
        for (int i = 0; i < 100; i++) {
            assertThat(pace.untilNext()).isBetween(Duration.ofMinutes(1), Duration.ofSeconds(70));
        }

        assertThat(pace.untilNext()).isNotEqualTo(pace.untilNext());
    }
}
