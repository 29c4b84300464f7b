package io.buildledger.log;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How far a reader is behind the log, whichever master reads.
 *
 * @param events that are newer than what it has read, or that no transaction has filled
 * @param age of the oldest of them; zero where there is none
 * @param master the one that reads now, or null if none does
 */
public record ReaderLag(String reader, long events, Duration age, @Nullable String master) {

    /** What concerns a reader in no way makes it seem no older than this. */
    private static final Duration PASSED_OVER = Duration.ofSeconds(10);

    /** Whether it has not read for longer than one that has read all may seem to. */
    public boolean isBehind() {
        return age.compareTo(PASSED_OVER) > 0;
    }
}
