package io.buildledger.claiming;

import java.util.List;
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

    /** The workers that could take a build of the builder, the preferred ones first. */
    List<String> candidates(String builder);

    /** Whether a worker is one that attaches, and so the same to all masters. */
    default boolean attaches(String worker) {
        return true;
    }

    /** Assigns one of the candidates to a build of the builder. */
    void assign(String builder, String worker);

    /** Assigns a worker to a build of the builder; empty where none is left. */
    default Optional<String> assign(String builder) {
        Optional<String> worker = candidates(builder).stream().findFirst();
        worker.ifPresent(name -> assign(builder, name));
        return worker;
    }
}
