package io.buildledger.metering;

import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Something that a process does again and again. A turn counts as one also if it fails: a loop that
 * meets a database that is away turns all the same.
 */
public final class Loop {

    private final String name;
    private final Duration patience;
    private final Timer timer;
    private final LongSupplier nanoTime;
    private final Consumer<Loop> onClose;
    private volatile long turnedAt;

    Loop(
            String name,
            Duration patience,
            Timer timer,
            LongSupplier nanoTime,
            Consumer<Loop> onClose) {
        this.name = name;
        this.patience = patience;
        this.timer = timer;
        this.nanoTime = nanoTime;
        this.onClose = onClose;
        this.turnedAt = nanoTime.getAsLong();
    }

    String name() {
        return name;
    }

    /** Does one turn, whose failure is the caller's. */
    public <T> T turn(Supplier<T> work) {
        long begun = nanoTime.getAsLong();
        try {
            return work.get();
        } finally {
            turnedAt = nanoTime.getAsLong();
            timer.record(turnedAt - begun, TimeUnit.NANOSECONDS);
        }
    }

    /** Like {@link #turn(Supplier)}, for work without a result. */
    public void turn(Runnable work) {
        boolean _ =
                turn(() -> {
                    work.run();
                    return true;
                });
    }

    boolean isStuck() {
        return nanoTime.getAsLong() - turnedAt > patience.toNanos();
    }

    /**
     * Nobody waits for a turn any more. What ends otherwise, as by an error that nobody has caught,
     * is stuck from then on.
     */
    public void ended() {
        onClose.accept(this);
    }
}
