package io.buildledger.stepping;

import java.time.Duration;
import java.util.Locale;

/** How a command ended. */
public sealed interface Ending {

    /**
     * By itself. After a signal the code is 128 and the signal's number, as in a shell, or -1 where
     * the worker does not tell the signal.
     */
    record Exited(int code) implements Ending {}

    /** Killed because it took too long. */
    record TimedOut(Limit limit, Duration after) implements Ending {

        /** For people. */
        public String description() {
            return switch (limit) {
                case TIMEOUT -> "timeout: no output for " + seconds(after);
                case MAX_TIME -> "max_time: not done after " + seconds(after);
            };
        }
    }

    /** Killed because the build was interrupted. */
    record Interrupted(String reason) implements Ending {}

    /** Which limit a command may exceed. */
    enum Limit {
        TIMEOUT,
        MAX_TIME
    }

    /** Such as {@code 1200 s} or {@code 0.5 s}. */
    static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0
                ? duration.toSeconds() + " s"
                : String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
