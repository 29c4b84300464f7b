package io.buildledger.domain.requesting;

import org.jspecify.annotations.Nullable;

/**
 * What somebody had built once more.
 *
 * @param buildsetId the former buildset, whose sources, properties and changes the new one has
 * @param builder of the one build that was to be repeated, or null where it was the whole buildset
 * @param buildNumber of that build within its builder; null together with it
 * @param requestedBy who asked for it
 */
public record RebuiltFrom(
        long buildsetId,
        @Nullable String builder,
        @Nullable Long buildNumber,
        String requestedBy) {}
