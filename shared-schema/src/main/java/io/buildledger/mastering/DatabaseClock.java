package io.buildledger.mastering;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The database's time, carried forward between the looks at it by this machine's monotonic clock. A
 * wrong wall clock of a master changes nothing.
 */
public final class DatabaseClock implements InstantSource {

    private record Look(Instant at, long nanos) {}

    private final LongSupplier nanoTime;
    private volatile Look last;

    public DatabaseClock(Instant now) {
        this(now, System::nanoTime);
    }

    DatabaseClock(Instant now, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.last = new Look(now, nanoTime.getAsLong());
    }

    /** How far a time of the database is from where this clock takes it to be. */
    Duration off(Instant now) {
        return Duration.between(instant(), now).abs();
    }

    void set(Instant now) {
        last = new Look(now, nanoTime.getAsLong());
    }

    @Override
    public Instant instant() {
        Look look = last;
        return look.at().plus(Duration.ofNanos(nanoTime.getAsLong() - look.nanos()));
    }
}
