package io.buildledger.domain.locking;

/** How a lock is held, in Buildbot's words. */
public enum LockMode {
    /** By one holder alone. */
    EXCLUSIVE,
    /** Beside others, as long as the counts of all of them fit. */
    COUNTING
}
