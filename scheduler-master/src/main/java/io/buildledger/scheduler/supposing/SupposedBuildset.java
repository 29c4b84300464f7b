package io.buildledger.scheduler.supposing;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A buildset that would have been made.
 *
 * @param scheduler of the configuration
 * @param at when
 * @param recorded that which was made for the same, or null
 */
record SupposedBuildset(
        String scheduler,
        Instant at,
        List<Long> changeIds,
        List<String> builders,
        @Nullable RecordedBuildset recorded) {}
