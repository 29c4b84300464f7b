package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.Property;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What people, programs and builds ask of a scheduler, whichever master they ask; the stream is
 * {@code scheduler-command/NAME}. The scheduler's owner acts upon it in the order of the log.
 */
public sealed interface SchedulerCommandEvent {

    String scheduler();

    /** The same, asked of a scheduler of that name. */
    default SchedulerCommandEvent askedOf(String name) {
        return switch (this) {
            case SchedulerSwitched it ->
                    new SchedulerSwitched(name, it.enabled, it.requestedBy, it.reason);
            case BuildForced it ->
                    new BuildForced(
                            name,
                            it.requestedBy,
                            it.reason,
                            it.builderNames,
                            it.sourceStamps,
                            it.properties,
                            it.priority);
            case BuildTriggered it ->
                    new BuildTriggered(
                            name,
                            it.sourceStamps,
                            it.properties,
                            it.waitedFor,
                            it.parent,
                            it.priority,
                            it.externalId);
            case PatchSubmitted it ->
                    new PatchSubmitted(
                            name,
                            it.requestedBy,
                            it.comment,
                            it.builderNames,
                            it.sourceStamp,
                            it.properties,
                            it.externalId);
        };
    }

    /** Somebody wants the scheduler to fire, or not to. */
    record SchedulerSwitched(String scheduler, boolean enabled, String requestedBy, String reason)
            implements SchedulerCommandEvent {}

    /**
     * Somebody wants builds at once.
     *
     * @param reason for people; may be empty
     * @param priority of the requests, or null for the scheduler's
     */
    record BuildForced(
            String scheduler,
            String requestedBy,
            String reason,
            List<String> builderNames,
            List<SourceStamp> sourceStamps,
            Map<String, Property> properties,
            @Nullable Integer priority)
            implements SchedulerCommandEvent {}

    /**
     * A build asks for others.
     *
     * @param priority of the requests, or null for the scheduler's
     * @param externalId by which somebody outside knows the buildset, or null
     */
    record BuildTriggered(
            String scheduler,
            List<SourceStamp> sourceStamps,
            Map<String, Property> properties,
            boolean waitedFor,
            @Nullable ParentBuild parent,
            @Nullable Integer priority,
            @Nullable String externalId)
            implements SchedulerCommandEvent {}

    /**
     * A developer wants a patch tried.
     *
     * @param sourceStamp the revision that the patch applies to, and the patch
     * @param comment for people; may be empty
     */
    record PatchSubmitted(
            String scheduler,
            String requestedBy,
            String comment,
            List<String> builderNames,
            SourceStamp sourceStamp,
            Map<String, Property> properties,
            @Nullable String externalId)
            implements SchedulerCommandEvent {}
}
