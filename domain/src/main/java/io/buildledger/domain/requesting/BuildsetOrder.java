package io.buildledger.domain.requesting;

import io.buildledger.domain.changing.SourceStamp;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a firing of a scheduler asks for, or somebody who has it built once more: one build on each
 * of the builders.
 *
 * @param firing number of the firing within its scheduler, from 1
 * @param reason for people
 * @param sourceStamps one for each codebase, in the order of their names
 * @param changeIds the blamelist: the changes that the build is for, oldest first
 * @param queueTimeoutMillis how long each request may wait for a claim, or null for ever
 * @param waitedFor whether a build waits for the end of these
 * @param parent the build that asked for them, or null
 * @param externalId by which somebody outside knows the buildset, or null
 * @param rebuiltFrom what it repeats, or null for a firing
 */
public record BuildsetOrder(
        String scheduler,
        long firing,
        String reason,
        List<SourceStamp> sourceStamps,
        List<Long> changeIds,
        Map<String, Property> properties,
        List<String> builderNames,
        int priority,
        @Nullable Long queueTimeoutMillis,
        boolean waitedFor,
        @Nullable ParentBuild parent,
        @Nullable String externalId,
        @Nullable RebuiltFrom rebuiltFrom) {

    public BuildsetOrder {
        sourceStamps = List.copyOf(sourceStamps);
        changeIds = List.copyOf(changeIds);
        properties = Map.copyOf(properties);
        builderNames = List.copyOf(builderNames);
    }
}
