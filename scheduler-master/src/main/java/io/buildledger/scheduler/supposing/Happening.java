package io.buildledger.scheduler.supposing;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import java.time.Instant;

/**
 * What the log has recorded and what happens as well in whatever is supposed: it came from people,
 * from forges, from builds, or from time itself.
 */
sealed interface Happening {

    /** When it got into the log. */
    Instant at();

    /** The event's name. */
    String id();

    record Changed(Instant at, String id, ChangeReceived change) implements Happening {}

    /**
     * @param first the id of the command that this one asks again, or its own
     */
    record Asked(Instant at, String id, String first, SchedulerCommandEvent command)
            implements Happening {}

    /** A timer that ran in the recorded cluster has elapsed. */
    record Elapsed(Instant at, String id, Timer timer) implements Happening {}

    record Ended(Instant at, String id, long buildsetId, Results results) implements Happening {}

    /** Somebody has a buildset built once more, or some of it. */
    record Rebuilt(Instant at, String id, RecordedBuildset buildset) implements Happening {}

    /** Somebody wants no result of a request. */
    record Cancelled(Instant at, String id, RecordedRequest request) implements Happening {}
}
