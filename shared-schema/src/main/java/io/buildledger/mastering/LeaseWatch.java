package io.buildledger.mastering;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Tells, by this process's own monotonic clock, that the lease is about to end without having been
 * renewed. It needs no database, so it tells in time whatever keeps the lease from being renewed; a
 * process that is itself suspended is told when it goes on.
 */
final class LeaseWatch {

    private final Duration lease;
    private final Duration before;
    private final InstantSource monotonic;
    private final Runnable onLapse;
    private final Runnable onRenewed;
    private Instant endsAt;
    private boolean lapsed;

    /**
     * @param askedAt when the present lease was asked for: it ends no earlier than counted from
     *     then
     * @param before how long before its end
     * @param onLapse runs once for each lapse
     * @param onRenewed runs when the lease is renewed after that
     */
    LeaseWatch(
            Duration lease,
            Duration before,
            InstantSource monotonic,
            Instant askedAt,
            Runnable onLapse,
            Runnable onRenewed) {
        this.lease = lease;
        this.before = before;
        this.monotonic = monotonic;
        this.endsAt = askedAt.plus(lease);
        this.onLapse = onLapse;
        this.onRenewed = onRenewed;
    }

    synchronized void renewed(Instant askedAt) {
        endsAt = askedAt.plus(lease);
        if (lapsed) {
            lapsed = false;
            onRenewed.run();
        }
    }

    synchronized void look() {
        if (!lapsed && !monotonic.instant().isBefore(endsAt.minus(before))) {
            lapsed = true;
            onLapse.run();
        }
    }
}
