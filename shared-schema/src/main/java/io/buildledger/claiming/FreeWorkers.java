package io.buildledger.claiming;

import java.util.Map;
import java.util.Optional;

/** The workers of one master that could start something now. */
public interface FreeWorkers {

    /**
     * For each builder that may have work, how many of its builds could be started if no other's
     * were; without builders that have no free worker.
     */
    Map<String, Integer> ofBuilders();

    /** The same workers, to try assignments on without keeping them. */
    FreeWorkers copy();

    /** Assigns a worker to a build of the builder; empty where none is left. */
    Optional<String> assign(String builder);
}
