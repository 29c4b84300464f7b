package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import java.time.Instant;

/** What a scheduler decides upon. Everything it may know is in here or in its state. */
public sealed interface SchedulerInput {

    /** The scheduler's owner has this configuration, whose digest is given. */
    record Configured(String digest, Instant at) implements SchedulerInput {}

    /** A change is in the log; {@code at} is when it got there. */
    record ChangeArrived(ChangeReceived change, Instant at) implements SchedulerInput {}

    /** A timer of this scheduler has fired. */
    record TimerElapsed(long timer) implements SchedulerInput {}
}
