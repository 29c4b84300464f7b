package io.buildledger.configuring;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.buildledger.domain.choosing.NextWorker;

/** Which of the workers that are free takes the next build of a builder. */
public enum NextWorkerRule {
    /** The first of {@code worker_names}. */
    @JsonProperty("first_free")
    FIRST_FREE(NextWorker.FIRST_FREE),
    /** The one with the fewest builds on this master. */
    @JsonProperty("least_busy")
    LEAST_BUSY(NextWorker.LEAST_BUSY),
    /**
     * The one that had the builder's last build on this master since it started, whose checkout is
     * warm.
     */
    @JsonProperty("last_used")
    LAST_USED(NextWorker.LAST_USED);

    private final NextWorker next;

    NextWorkerRule(NextWorker next) {
        this.next = next;
    }

    public NextWorker toDomain() {
        return next;
    }
}
