package io.buildledger.domain.locking;

/**
 * What is asked of one lock.
 *
 * @param lock its name among all of the cluster, as in its stream {@code lock/NAME}
 * @param count how much of it, from 1; an exclusive holder has all of it
 * @param maxCount how much there is, as the one who asks has it configured
 */
public record LockUse(String lock, LockMode mode, int count, int maxCount) {

    /** Whether it can be held beside these. */
    boolean fitsBeside(Iterable<LockUse> held) {
        int sum = count;
        for (LockUse other : held) {
            if (mode == LockMode.EXCLUSIVE || other.mode == LockMode.EXCLUSIVE) {
                return false;
            }
            sum += other.count;
        }
        return sum <= maxCount;
    }
}
