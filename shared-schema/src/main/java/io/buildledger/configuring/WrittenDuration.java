package io.buildledger.configuring;

import java.time.Duration;
import java.util.Optional;

/** Durations as they are written in the file, for those who are given one elsewhere. */
public final class WrittenDuration {

    private WrittenDuration() {}

    /**
     * @param text such as {@code 30d}, {@code 12h}, {@code 5m}, {@code 10s}, {@code 500ms}; a plain
     *     number is seconds
     * @return empty if it is none, or longer than ten years
     */
    public static Optional<Duration> parse(String text) {
        return YamlTypes.duration(text).filter(it -> it.compareTo(YamlTypes.LONGEST) <= 0);
    }
}
