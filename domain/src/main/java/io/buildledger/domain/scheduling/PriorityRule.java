package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.TextPattern;
import java.util.List;

/**
 * The priority of a scheduler's requests: that of the first pattern that a branch of the source
 * stamps matches, else {@code otherwise}. A stamp without a branch has the empty one.
 */
public record PriorityRule(int otherwise, List<OfBranch> byBranch) {

    /** The priority of the branches that match. */
    public record OfBranch(TextPattern branch, int priority) {}

    public PriorityRule {
        byBranch = List.copyOf(byBranch);
    }

    /** The same for all. */
    public static PriorityRule of(int priority) {
        return new PriorityRule(priority, List.of());
    }

    int of(List<SourceStamp> stamps) {
        List<String> branches =
                stamps.stream().map(it -> it.branch() == null ? "" : it.branch()).toList();
        return byBranch.stream()
                .filter(it -> branches.stream().anyMatch(it.branch()::matches))
                .findFirst()
                .map(OfBranch::priority)
                .orElse(otherwise);
    }
}
