package io.buildledger.domain.attaching;

import java.time.Duration;

/**
 * For how long a worker isn't used after builds that came to nothing because of it.
 *
 * @param first after the first one; zero if it is used on in any case
 * @param most however many there were in a row
 */
public record Backoff(Duration first, Duration most) {

    /**
     * Twice as long with each failure in a row.
     *
     * @param failures from 1
     */
    public Duration after(int failures) {
        Duration backoff = first;
        for (int i = 1; i < failures && backoff.compareTo(most) < 0; i++) {
            backoff = backoff.plus(backoff);
        }
        return backoff.compareTo(most) < 0 ? backoff : most;
    }

    public boolean isNone() {
        return first.isZero();
    }
}
