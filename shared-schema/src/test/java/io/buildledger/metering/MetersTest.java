package io.buildledger.metering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MetersTest {

    private final AtomicLong nanoTime = new AtomicLong();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Meters meters = new Meters(registry, nanoTime::get);

    private void passes(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }

    @Test
    void a_loop_that_ends_no_turn_for_long_is_stuck_and_one_whose_turns_fail_is_not() {
        Loop still = meters.loop("still", Duration.ofSeconds(10));
        Loop failing = meters.loop("failing", Duration.ofSeconds(10));
        passes(Duration.ofMinutes(5));
        assertThat(meters.stuck()).isEmpty();
        assertThatThrownBy(() ->
                        failing.turn(
                                (Runnable)
                                        () -> {
                                            throw new IllegalStateException("no database");
                                        }))
                .hasMessage("no database");

        passes(Duration.ofSeconds(11));

        assertThat(meters.stuck()).containsExactly("still");
        still.turn(() -> passes(Duration.ofHours(1)));
        assertThat(meters.stuck())
                .as("one that has just ended a long turn")
                .containsExactly("failing");
        failing.ended();
        assertThat(meters.stuck()).isEmpty();
    }

    @Test
    void turns_are_timed_by_the_name_of_their_loop() {
        Loop loop = meters.loop("claim", Duration.ZERO);

        String result =
                loop.turn(() -> {
                    passes(Duration.ofMillis(30));
                    return "done";
                });

        assertThat(result).isEqualTo("done");
        assertThat(
                        registry.get("buildledger.poll")
                                .tag("loop", "claim")
                                .timer()
                                .totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(30);
    }
}
