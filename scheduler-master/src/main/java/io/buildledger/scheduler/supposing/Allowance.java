package io.buildledger.scheduler.supposing;

import java.util.concurrent.CancellationException;

/**
 * How much may be taken to answer one question, so that the process that answers it has enough left
 * for what else it does. It is of one thread; who interrupts that one ends it.
 */
public final class Allowance {

    private final long events;
    private final long parts;
    private long taken;

    /**
     * @param events how many events of the log may be in the time that is looked at
     * @param parts how much may be supposed: requests, changes of buildsets, and workers, once for
     *     each builder that they build for
     */
    public Allowance(long events, long parts) {
        this.events = events;
        this.parts = parts;
    }

    /** For a process that does nothing else. */
    public static Allowance all() {
        return new Allowance(Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /**
     * @throws TooMuchException if so many may not be looked at
     */
    void requireEvents(long count) {
        if (count > events) {
            throw new TooMuchException(
                    "in that time there are up to %d events, and at most %d are looked at here"
                            .formatted(count, events));
        }
    }

    /**
     * @throws TooMuchException if so much more may not be supposed
     */
    void take(long more) {
        goOn();
        taken += more;
        if (taken > parts) {
            throw new TooMuchException(
                    "more than %d requests, changes of buildsets and workers are to be supposed, which is too much here"
                            .formatted(parts));
        }
    }

    /**
     * @throws CancellationException if nobody waits for the answer any more
     */
    void goOn() {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("nobody waits for the answer any more");
        }
    }
}
