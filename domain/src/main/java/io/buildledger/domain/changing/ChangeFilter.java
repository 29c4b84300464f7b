package io.buildledger.domain.changing;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which changes a scheduler takes. Each field holds the values that it lets pass; an empty set lets
 * everything pass. A change passes when every field does.
 */
public record ChangeFilter(
        Set<String> project, Set<String> repository, Set<String> branch, Set<String> category) {

    public ChangeFilter {
        project = Set.copyOf(project);
        repository = Set.copyOf(repository);
        branch = Set.copyOf(branch);
        category = Set.copyOf(category);
    }

    public boolean accepts(ChangeReceived change) {
        return passes(project, change.project())
                && passes(repository, change.repository())
                && passes(branch, change.branch())
                && passes(category, change.category());
    }

    private static boolean passes(Set<String> wanted, @Nullable String actual) {
        return wanted.isEmpty() || (actual != null && wanted.contains(actual));
    }
}
