package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.Property;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The transitions of a scheduler; the stream is {@code scheduler/NAME}. */
public sealed interface SchedulerEvent {

    String scheduler();

    /**
     * From here on this configuration is in force.
     *
     * @param digest SHA-256 of the configuration, in hexadecimal; two configurations with the same
     *     digest decide alike
     * @param configuration the configuration itself, as JSON; null in a log that is older than this
     *     field
     */
    record SchedulerConfigured(
            String scheduler,
            String type,
            String digest,
            List<String> builderNames,
            @Nullable String configuration)
            implements SchedulerEvent {}

    /**
     * The scheduler has another name from here on: what it knew under the old one, up to that
     * stream's place, it knows under this, and nothing that this stream says before.
     *
     * @param upTo the place on the old stream of the event that ended it
     * @param timersArmed how many timers were armed so far, under this name or the old one; null,
     *     as in a log that is older than this field, if they are counted anew
     * @param firings likewise
     */
    record SchedulerRenamed(
            String scheduler,
            String from,
            long upTo,
            @Nullable Long timersArmed,
            @Nullable Long firings)
            implements SchedulerEvent {}

    /** The scheduler goes on under another name; under this no more, unless it comes back to it. */
    record SchedulerRetired(String scheduler, String renamedTo) implements SchedulerEvent {}

    /** Somebody lets the scheduler fire again. */
    record SchedulerEnabled(String scheduler, String by, String reason) implements SchedulerEvent {}

    /** Somebody has stopped the scheduler; it goes on taking changes, which wait. */
    record SchedulerDisabled(String scheduler, String by, String reason)
            implements SchedulerEvent {}

    /**
     * A change passed the filter and waits to be scheduled.
     *
     * @param important false if it is built only together with others; null, as in a log that is
     *     older than this field, if it is worth a build of its own
     * @param properties of the change; null for none
     */
    record ChangeTaken(
            String scheduler,
            long changeId,
            String repository,
            @Nullable String branch,
            @Nullable String revision,
            String project,
            String codebase,
            @Nullable Boolean important,
            @Nullable Map<String, String> properties)
            implements SchedulerEvent {

        /** Whether it is worth a build of its own. */
        public boolean worthABuild() {
            return important == null || important;
        }
    }

    /**
     * A timer was set, in place of any of the same key that ran.
     *
     * @param timer number of the timer within its scheduler, from 1
     * @param key what it is for, where a scheduler has several at once; null where it has one
     */
    record TimerArmed(String scheduler, long timer, Instant fireAt, @Nullable String key)
            implements SchedulerEvent {}

    /** A timer that ran is not needed any more. */
    record TimerDropped(String scheduler, long timer, String reason) implements SchedulerEvent {}

    /** A timer elapsed, and the scheduler did not fire. What is pending stays so. */
    record FiringSkipped(String scheduler, long timer, String reason) implements SchedulerEvent {}

    /**
     * The scheduler fired. One buildset comes of it, in the same transaction.
     *
     * @param firing number of the firing within its scheduler, from 1
     * @param changeIds what was pending and is scheduled by it, oldest first
     * @param key of the timer that this ends, if one of that key runs
     */
    record SchedulerFired(String scheduler, long firing, List<Long> changeIds, @Nullable String key)
            implements SchedulerEvent {}

    /**
     * A build asked for others, which will be built when the time comes.
     *
     * @param priority of the requests, or null for the scheduler's
     * @param externalId by which somebody outside knows the buildset, or null
     */
    record TriggerKept(
            String scheduler,
            List<SourceStamp> sourceStamps,
            Map<String, Property> properties,
            @Nullable ParentBuild parent,
            @Nullable Integer priority,
            @Nullable String externalId)
            implements SchedulerEvent {}

    /**
     * A buildset that the disabled scheduler would have followed has ended. It is followed when the
     * scheduler is enabled.
     *
     * @param upstream the scheduler whose buildset it is
     * @param changeIds its blamelist
     */
    record UpstreamKept(
            String scheduler,
            long buildsetId,
            String upstream,
            List<SourceStamp> sourceStamps,
            List<Long> changeIds)
            implements SchedulerEvent {}

    /** What was asked for is not done. */
    record CommandRefused(String scheduler, String command, String reason)
            implements SchedulerEvent {}
}
