package io.buildledger.domain.locking;

import java.util.Map;

/**
 * What a builder or a step asks of a lock, wherever it will run.
 *
 * @param name of the lock, without a worker
 * @param perWorker whether each worker has one of its own
 * @param maxCount how much there is
 * @param maxCountOnWorker how much there is on workers that have another count
 */
public record LockDemand(
        String name,
        boolean perWorker,
        LockMode mode,
        int count,
        int maxCount,
        Map<String, Integer> maxCountOnWorker) {

    // No lock of a configuration has a colon in its name.
    private static final String OF_BUILDER = "builder:";

    /** That a builder has so many builds at once at most. */
    public static LockDemand maxBuilds(String builder, int maxBuilds) {
        return new LockDemand(
                OF_BUILDER + builder, false, LockMode.COUNTING, 1, maxBuilds, Map.of());
    }

    /** Whether it is the number of builds of a builder, which no other builder asks for. */
    public boolean isMaxBuilds() {
        return name.startsWith(OF_BUILDER);
    }

    /**
     * The same on a worker.
     *
     * @param worker as the configuration calls it
     * @param inCluster what it is called in the whole cluster, by which its lock is told apart
     */
    public LockUse on(String worker, String inCluster) {
        return perWorker
                ? new LockUse(
                        name + "/" + inCluster,
                        mode,
                        count,
                        maxCountOnWorker.getOrDefault(worker, maxCount))
                : new LockUse(name, mode, count, maxCount);
    }
}
