package io.buildledger.builder.running;

import io.buildledger.domain.building.Results;
import org.jspecify.annotations.Nullable;

/**
 * How a build ended.
 *
 * @param summary one line for people
 * @param workerFailure what of it is the worker's own fault, or null
 */
public record BuildOutcome(Results results, String summary, @Nullable String workerFailure) {

    /** It is nothing that the worker could be blamed for. */
    public BuildOutcome(Results results, String summary) {
        this(results, summary, null);
    }
}
