package io.buildledger.domain.requesting;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What can happen to a buildset; the stream is {@code buildset/N}. */
public sealed interface BuildsetEvent {

    long buildsetId();

    /**
     * A scheduler's firing asks for one build on each of these builders, or somebody has it built
     * once more.
     *
     * @param scheduler that asked for it first, where it is a rebuild
     * @param firing number of the firing within its scheduler; a rebuild's is that of what it
     *     repeats
     * @param sourceStamps one for each codebase, in the order of their names
     * @param changeIds the blamelist, oldest first
     * @param requestIds the request of each builder
     * @param waitedFor whether a build waits for the end of these
     * @param parent the build that asked for them, or null
     * @param externalId by which somebody outside knows the buildset, or null
     * @param rebuiltFrom what it repeats, or null where a scheduler decided it; null in a log that
     *     is older than this field
     */
    record BuildsetSubmitted(
            long buildsetId,
            String scheduler,
            long firing,
            String reason,
            List<SourceStamp> sourceStamps,
            List<Long> changeIds,
            Map<String, Property> properties,
            Map<String, Long> requestIds,
            Instant submittedAt,
            boolean waitedFor,
            @Nullable ParentBuild parent,
            @Nullable String externalId,
            @Nullable RebuiltFrom rebuiltFrom)
            implements BuildsetEvent {}

    /** The last of its requests was completed; {@code results} is the worst of theirs. */
    record BuildsetCompleted(long buildsetId, Results results) implements BuildsetEvent {}
}
