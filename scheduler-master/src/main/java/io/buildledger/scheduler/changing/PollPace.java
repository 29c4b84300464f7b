package io.buildledger.scheduler.changing;

import io.buildledger.configuring.Configuration.GitPoller;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a poller waits between its polls: its interval, and after failures in a row twice as
 * long each time, up to an hour. Waits after failures differ by up to a fifth, so that pollers that
 * failed together don't come back together.
 */
final class PollPace {

    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int MOST_DOUBLINGS = 30;
    private static final double SPREAD = 0.2;

    private final Duration interval;
    private final Duration randomDelay;
    private final RandomGenerator random;
    private int failures;

    PollPace(GitPoller poller, RandomGenerator random) {
        this.interval = poller.pollInterval();
        this.randomDelay = poller.pollRandomDelay();
        this.random = random;
    }

    void succeeded() {
        failures = 0;
    }

    void failed() {
        failures++;
    }

    boolean isFailing() {
        return failures > 0;
    }

    /** How long to wait after the last poll. */
    Duration untilNext() {
        return failures == 0 ? interval.plus(delay()) : backoff().plus(delay());
    }

    /** How much later than it could a poll comes. */
    Duration delay() {
        return Duration.ofMillis(random.nextLong(randomDelay.toMillis() + 1));
    }

    private Duration backoff() {
        double millis = interval.toMillis() * Math.pow(2, Math.min(failures - 1, MOST_DOUBLINGS));
        double longest = Math.max(LONGEST.toMillis(), interval.toMillis());
        double spread = 1 + SPREAD * (2 * random.nextDouble() - 1);
        return Duration.ofMillis(Math.round(Math.min(millis, longest) * spread));
    }
}
