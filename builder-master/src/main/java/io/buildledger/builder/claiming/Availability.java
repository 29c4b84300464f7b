package io.buildledger.builder.claiming;

import io.buildledger.builder.running.BuildOutcome;
import io.buildledger.builder.substantiating.LatentWorkers.Absence;
import java.util.Set;
import java.util.function.Predicate;

/** What is known of workers beside what they are busy with, and what their builds tell of them. */
interface Availability {

    /** Whether a worker may take a build now: it is here, and is to rest for no reason. */
    boolean isReady(String worker, boolean attaches);

    /**
     * A moment in which no claim is under way: workers that are to end can be told to, if they have
     * no build. Returns at once.
     */
    void stopIdle(Predicate<String> isIdle);

    /** Where a worker is that is not here. */
    default Absence absenceOf(String worker) {
        return Absence.STAYS;
    }

    /**
     * Has workers come, sooner or later. Returns at once.
     *
     * @param absent for which something is on offer that none who is here takes, and no others
     */
    default void want(Set<String> absent) {}

    /**
     * A build of a worker has ended by itself. The worker isn't given another one before this has
     * returned.
     *
     * @param configured by which it was claimed
     */
    void ended(String worker, ConfiguredBuilders configured, BuildOutcome outcome);
}
