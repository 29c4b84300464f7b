package io.buildledger.scheduler.supposing;

import io.buildledger.configuring.WrittenDuration;
import io.buildledger.scheduler.supposing.WhatIf.Question;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Questions as they are written, on the command line and by programs. */
public final class WrittenQuestion {

    /** Reads moments as who asks writes them. */
    public interface Moments {

        /**
         * @param field that it was given for
         * @throws RuntimeException if it is none; which one, the caller knows
         */
        Instant read(String field, String text);
    }

    public static final String SINCE = "since";
    public static final String UNTIL = "until";
    public static final String WORKERS = "workers";

    /** Also of all names together. */
    public static final int MOST_WORKERS = 100_000;

    private WrittenQuestion() {}

    /**
     * @param since how long the time is, such as {@code 30d}; or when it begins
     * @param until when it ends; null for the log's last event
     * @param workers how many there are in the place of those that a name stands for
     * @throws BadQuestionException if that can't be meant
     */
    public static Question read(
            String since, @Nullable String until, Map<String, Integer> workers, Moments moments) {
        Optional<Duration> last = WrittenDuration.parse(since);
        if (last.filter(Duration::isZero).isPresent()) {
            throw new BadQuestionException(
                    SINCE,
                    "'%s' is no time at all: write how long it is, like 30d, 12h or 90m, or when it begins, like 2026-10-01T03:12:00Z"
                            .formatted(since));
        }
        Instant begin = last.isEmpty() ? moments.read(SINCE, since) : null;
        Instant end = until == null ? null : moments.read(UNTIL, until);
        if (begin != null && end != null && !begin.isBefore(end)) {
            throw new BadQuestionException(
                    UNTIL, "%s is not after %s, when it begins".formatted(end, begin));
        }
        requireSome(workers);
        return new Question(begin, last.orElse(null), end, workers);
    }

    private static void requireSome(Map<String, Integer> workers) {
        long all = 0;
        for (Map.Entry<String, Integer> entry : workers.entrySet()) {
            if (entry.getKey().isEmpty()) {
                throw new BadQuestionException(WORKERS, "a name is empty");
            }
            if (entry.getValue() < 1) {
                throw new BadQuestionException(
                        WORKERS,
                        "there can't be %d of '%s': give a number from 1 to %d"
                                .formatted(entry.getValue(), entry.getKey(), MOST_WORKERS));
            }
            all += entry.getValue();
        }
        if (all > MOST_WORKERS) {
            throw new BadQuestionException(
                    WORKERS, "%d are too many: at most %d".formatted(all, MOST_WORKERS));
        }
    }
}
