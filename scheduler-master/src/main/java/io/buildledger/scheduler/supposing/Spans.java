package io.buildledger.scheduler.supposing;

import java.util.Locale;

/** Lengths of time as people read them. */
public final class Spans {

    private Spans() {}

    /** The two largest units of it: {@code 1h 5m}, {@code 4m 10s}, {@code 7.3s}. */
    public static String told(long millis) {
        long seconds = (millis + 500) / 1_000;
        if (millis < 10_000) {
            return String.format(Locale.ROOT, "%.1fs", millis / 1_000.0);
        }
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3_600) {
            return "%dm %ds".formatted(seconds / 60, seconds % 60);
        }
        long minutes = (seconds + 30) / 60;
        return minutes < 24 * 60
                ? "%dh %dm".formatted(minutes / 60, minutes % 60)
                : "%dd %dh".formatted(minutes / 1_440, minutes % 1_440 / 60);
    }
}
