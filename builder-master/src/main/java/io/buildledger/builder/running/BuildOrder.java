package io.buildledger.builder.running;

import io.buildledger.configuring.Configuration;
import io.buildledger.domain.changing.SourceStamp;
import java.util.List;
import java.util.Optional;

/**
 * What is to be built.
 *
 * @param sourceStamps one for each codebase, in the order of their names
 * @param worker in whose name, and in whose directory, it is built
 * @param master the builder master that has claimed it
 */
public record BuildOrder(
        Configuration.Builder builder,
        long buildNumber,
        long requestId,
        String worker,
        List<SourceStamp> sourceStamps,
        String master) {

    /**
     * What is built of a codebase; of a build that has one codebase only it is that one's, whatever
     * it is called.
     */
    Optional<SourceStamp> sourceStampOf(String codebase) {
        return sourceStamps.stream()
                .filter(it -> sourceStamps.size() == 1 || it.codebase().equals(codebase))
                .findFirst();
    }

    /** Without the configuration, whose environment is nobody's business. */
    @Override
    public String toString() {
        return "build %s/%d of request %d".formatted(builder.name(), buildNumber, requestId);
    }
}
