package io.buildledger.domain.scheduling;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import java.time.Instant;

/**
 * What a scheduler decides upon. Everything it may know is in here or in its state; {@code at} is
 * when the event got into the log.
 */
public sealed interface SchedulerInput {

    Instant at();

    /**
     * The scheduler's owner has this configuration.
     *
     * @param digest of the configuration
     * @param configuration as JSON
     */
    record Configured(String digest, String configuration, Instant at) implements SchedulerInput {}

    /** A change is in the log. */
    record ChangeArrived(ChangeReceived change, Instant at) implements SchedulerInput {}

    /** A timer of this scheduler has fired. */
    record TimerElapsed(long timer, Instant at) implements SchedulerInput {}

    /** The last request of a buildset has ended, whichever scheduler's it is. */
    record BuildsetEnded(BuildsetSubmitted buildset, Results results, Instant at)
            implements SchedulerInput {}

    /** Somebody asks something of this scheduler. */
    record Commanded(SchedulerCommandEvent command, Instant at) implements SchedulerInput {}
}
