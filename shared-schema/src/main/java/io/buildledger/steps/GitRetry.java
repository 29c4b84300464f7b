package io.buildledger.steps;

import java.time.Duration;

/**
 * How often something is tried again, and when.
 *
 * @param delay before each time
 * @param repeat how many more times at most
 */
public record GitRetry(Duration delay, int repeat) {

    public GitRetry {
        delay = delay == null ? Duration.ZERO : delay;
        repeat = repeat == 0 ? 1 : repeat;
    }
}
