package io.buildledger.stepping;

import io.buildledger.domain.changing.SourceStamp;
import java.util.List;
import java.util.Optional;

/**
 * The build that a step belongs to.
 *
 * @param number within its builder
 * @param sourceStamps one for each codebase, in the order of their names
 * @param worker on which it is built
 * @param master the builder master that has claimed it
 */
public record CurrentBuild(
        String builder,
        long number,
        long requestId,
        List<SourceStamp> sourceStamps,
        String worker,
        String master) {

    public CurrentBuild {
        sourceStamps = List.copyOf(sourceStamps);
    }

    /**
     * What is built of a codebase; of a build that has one codebase only it is that one's, whatever
     * it is called.
     */
    public Optional<SourceStamp> sourceStampOf(String codebase) {
        return sourceStamps.stream()
                .filter(it -> sourceStamps.size() == 1 || it.codebase().equals(codebase))
                .findFirst();
    }

    @Override
    public String toString() {
        return "build %s/%d of request %d".formatted(builder, number, requestId);
    }
}
