package io.buildledger.scheduler.commandline;

import io.buildledger.replaying.ReplayProgress;
import java.time.Duration;
import java.util.function.Consumer;

/** Tells how far a replay is once in a while, and when it may be done at the rate so far. */
final class ShownProgress implements ReplayProgress {

    private static final long EVERY_NANOS = Duration.ofSeconds(2).toNanos();

    private final Consumer<String> line;
    private long begun = System.nanoTime();
    private long toldAt = begun;
    private long first = -1;
    private long events;

    ShownProgress(Consumer<String> line) {
        this.line = line;
    }

    @Override
    public void at(long index, long last) {
        long now = System.nanoTime();
        if (first < 0 || index < events) {
            // Another part of the work begins, with events of its own.
            first = index;
            begun = now;
        }
        events = index;
        if (now - toldAt >= EVERY_NANOS && index > first) {
            toldAt = now;
            double rate = (index - first) / ((now - begun) / 1e9);
            line.accept(
                    "%,d of %,d events (%d %%), %,.0f a second, %,.0f s to go"
                            .formatted(
                                    index, last, index * 100 / last, rate, (last - index) / rate));
        }
    }

    long events() {
        return events;
    }
}
