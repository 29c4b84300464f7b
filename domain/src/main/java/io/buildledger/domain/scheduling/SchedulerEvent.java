package io.buildledger.domain.scheduling;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The transitions of a scheduler; the stream is {@code scheduler/NAME}. */
public sealed interface SchedulerEvent {

    String scheduler();

    /**
     * From here on this configuration is in force.
     *
     * @param digest SHA-256 of the configuration, in hexadecimal; two configurations with the same
     *     digest decide alike
     */
    record SchedulerConfigured(
            String scheduler, String type, String digest, List<String> builderNames)
            implements SchedulerEvent {}

    /** A change passed the filter and waits to be scheduled. */
    record ChangeTaken(
            String scheduler,
            long changeId,
            String repository,
            @Nullable String branch,
            @Nullable String revision,
            String project,
            String codebase)
            implements SchedulerEvent {}

    /**
     * The timer was set, in place of any that ran.
     *
     * @param timer number of the timer within its scheduler, from 1
     */
    record TimerArmed(String scheduler, long timer, Instant fireAt) implements SchedulerEvent {}

    /**
     * The scheduler fired. One buildset comes of it, in the same transaction.
     *
     * @param firing number of the firing within its scheduler, from 1
     * @param changeIds every change since the last firing, oldest first
     */
    record ChangesScheduled(
            String scheduler,
            long firing,
            List<Long> changeIds,
            String repository,
            @Nullable String branch,
            @Nullable String revision,
            String project,
            String codebase)
            implements SchedulerEvent {}
}
