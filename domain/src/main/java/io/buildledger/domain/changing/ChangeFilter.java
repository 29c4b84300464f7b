package io.buildledger.domain.changing;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which changes a scheduler takes: those of which every field passes its rule.
 *
 * @param properties rules for properties of the change, by their names
 */
public record ChangeFilter(
        TextRule project,
        TextRule repository,
        TextRule branch,
        TextRule category,
        TextRule codebase,
        NavigableMap<String, TextRule> properties) {

    /** Takes every change. */
    public static final ChangeFilter ALL =
            new ChangeFilter(
                    TextRule.ANY,
                    TextRule.ANY,
                    TextRule.ANY,
                    TextRule.ANY,
                    TextRule.ANY,
                    new TreeMap<>());

    /** A filter on the branch alone. */
    public static ChangeFilter onBranch(TextRule branch) {
        return new ChangeFilter(
                TextRule.ANY, TextRule.ANY, branch, TextRule.ANY, TextRule.ANY, new TreeMap<>());
    }

    public boolean accepts(ChangeReceived change) {
        return refusal(change).isEmpty();
    }

    /** The first rule that says no, in words; empty if the change passes. */
    public Optional<String> refusal(ChangeReceived change) {
        return project.refusal("project", change.project())
                .or(() -> repository.refusal("repository", change.repository()))
                .or(() -> branch.refusal("branch", change.branch()))
                .or(() -> category.refusal("category", change.category()))
                .or(() -> codebase.refusal("codebase", change.codebase()))
                .or(() -> refusalOfProperties(change.properties()));
    }

    private Optional<String> refusalOfProperties(Map<String, String> given) {
        for (Map.Entry<String, TextRule> rule : properties.entrySet()) {
            @Nullable String value = given.get(rule.getKey());
            Optional<String> refusal = rule.getValue().refusal("property " + rule.getKey(), value);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Optional.empty();
    }
}
