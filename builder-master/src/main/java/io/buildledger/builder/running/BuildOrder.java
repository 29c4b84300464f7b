package io.buildledger.builder.running;

import io.buildledger.configuring.Configuration;
import io.buildledger.domain.requesting.BuildsetEvent.SourceStamp;

/**
 * What is to be built.
 *
 * @param worker in whose name, and in whose directory, it is built
 * @param master the builder master that has claimed it
 */
public record BuildOrder(
        Configuration.Builder builder,
        long buildNumber,
        long requestId,
        String worker,
        SourceStamp sourceStamp,
        String master) {

    /** Without the configuration, whose environment is nobody's business. */
    @Override
    public String toString() {
        return "build %s/%d of request %d".formatted(builder.name(), buildNumber, requestId);
    }
}
