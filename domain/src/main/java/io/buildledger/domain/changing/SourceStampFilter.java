package io.buildledger.domain.changing;

import java.util.Optional;

/** Which source stamps pass: those of which every field passes its rule. */
public record SourceStampFilter(
        TextRule project, TextRule repository, TextRule branch, TextRule codebase) {

    public static final SourceStampFilter ALL =
            new SourceStampFilter(TextRule.ANY, TextRule.ANY, TextRule.ANY, TextRule.ANY);

    public static SourceStampFilter onBranch(TextRule branch) {
        return new SourceStampFilter(TextRule.ANY, TextRule.ANY, branch, TextRule.ANY);
    }

    public boolean accepts(SourceStamp stamp) {
        return refusal(stamp).isEmpty();
    }

    /** The first rule that says no, in words; empty if the source stamp passes. */
    public Optional<String> refusal(SourceStamp stamp) {
        return project.refusal("project", stamp.project())
                .or(() -> repository.refusal("repository", stamp.repository()))
                .or(() -> branch.refusal("branch", stamp.branch()))
                .or(() -> codebase.refusal("codebase", stamp.codebase()));
    }
}
