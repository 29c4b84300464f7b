package io.buildledger.log;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Waits on a stream for the event that answers what was asked. */
public final class Answers {

    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    private final EventLog log;
    private final LongSupplier nanoTime;

    /**
     * @param nanoTime as of {@link System#nanoTime}
     */
    public Answers(EventLog log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
    }

    /**
     * Waits for the first event after a place of a stream that is an answer.
     *
     * @param answer what an event answers; empty if it is none
     * @param patience how long at most; even without any the stream is read once
     * @return empty if there was none in that time
     */
    public <T> Optional<T> await(
            String stream, long after, Duration patience, Function<Recorded, Optional<T>> answer)
            throws InterruptedException {
        long seen = after;
        long deadline = nanoTime.getAsLong() + patience.toNanos();
        while (true) {
            for (Recorded recorded : log.readAfter(stream, seen)) {
                seen = recorded.sequence();
                Optional<T> found = answer.apply(recorded);
                if (found.isPresent()) {
                    return found;
                }
            }
            if (nanoTime.getAsLong() - deadline >= 0) {
                return Optional.empty();
            }
            Thread.sleep(LOOK_EVERY);
        }
    }
}
