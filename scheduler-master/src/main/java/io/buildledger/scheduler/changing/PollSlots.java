package io.buildledger.scheduler.changing;

import java.util.concurrent.Semaphore;

/**
 * How many pollers of a master look at once; the others queue, first come, first served. Those
 * whose last poll failed share half of the slots, so that repositories that hang never keep the
 * others waiting for longer than their first time-out.
 */
final class PollSlots {

    private final Semaphore slots;
    private final Semaphore doubtful;

    PollSlots(int number) {
        this.slots = new Semaphore(number, true);
        this.doubtful = new Semaphore(Math.max(1, number / 2), true);
    }

    /** Runs something as soon as there is a slot. */
    void run(boolean isDoubtful, Runnable work) throws InterruptedException {
        if (!isDoubtful) {
            run(slots, work);
            return;
        }
        doubtful.acquire();
        try {
            run(slots, work);
        } finally {
            doubtful.release();
        }
    }

    private static void run(Semaphore slots, Runnable work) throws InterruptedException {
        slots.acquire();
        try {
            work.run();
        } finally {
            slots.release();
        }
    }
}
