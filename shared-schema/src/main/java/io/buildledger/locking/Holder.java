package io.buildledger.locking;

import org.jspecify.annotations.Nullable;

/**
 * What holds a lock, or waits for it: a build, or one of its steps.
 *
 * @param attempt the how-manieth claim of the request the build is
 * @param step its number, or null for the whole build
 */
public record Holder(
        String builder, long buildNumber, long requestId, int attempt, @Nullable Integer step) {

    /** The build that it is, or is a step of. */
    Holder build() {
        return new Holder(builder, buildNumber, requestId, attempt, null);
    }
}
