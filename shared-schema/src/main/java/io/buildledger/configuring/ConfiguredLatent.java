package io.buildledger.configuring;

import io.buildledger.substantiating.LatentWorker;

/**
 * How a worker is started and stopped, as it is written: the type as the only key, with what
 * belongs to it below.
 */
public record ConfiguredLatent(LatentWorker how) {

    /** The key under which it stands. */
    public String type() {
        return LatentTypes.nameOf(how.getClass());
    }
}
