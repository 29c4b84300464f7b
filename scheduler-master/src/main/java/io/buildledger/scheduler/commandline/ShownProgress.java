package io.buildledger.scheduler.commandline;

import io.buildledger.replaying.ReplayProgress;
import java.time.Duration;
import java.util.function.Consumer;

/** Tells how far a replay is once in a while, and when it may be done at the rate so far. */
final class ShownProgress implements ReplayProgress {

    private static final long EVERY_NANOS = Duration.ofSeconds(2).toNanos();

    private final Consumer<String> line;
    private final long begun = System.nanoTime();
    private long toldAt = begun;
    private long events;

    ShownProgress(Consumer<String> line) {
        this.line = line;
    }

    @Override
    public void at(long index, long last) {
        events = index;
        long now = System.nanoTime();
        if (now - toldAt >= EVERY_NANOS && index > 0) {
            toldAt = now;
            double rate = index / ((now - begun) / 1e9);
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
