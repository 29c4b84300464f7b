package io.buildledger.domain.requesting;

import io.buildledger.domain.building.Results;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What can happen to a buildset; the stream is {@code buildset/N}. */
public sealed interface BuildsetEvent {

    long buildsetId();

    /** A scheduler's firing asks for one build on each of these builders. */
    record BuildsetSubmitted(
            long buildsetId,
            String scheduler,
            long firing,
            String reason,
            SourceStamp sourceStamp,
            List<Long> changeIds,
            Map<String, Long> requestIds,
            Instant submittedAt)
            implements BuildsetEvent {}

    /** The last of its requests was completed; {@code results} is the worst of theirs. */
    record BuildsetCompleted(long buildsetId, Results results) implements BuildsetEvent {}

    /**
     * Which source is to be built. A null revision is "the newest of the branch when the build
     * starts".
     */
    record SourceStamp(
            String repository,
            @Nullable String branch,
            @Nullable String revision,
            String project,
            String codebase) {}
}
