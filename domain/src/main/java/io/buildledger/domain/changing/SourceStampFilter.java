package io.buildledger.domain.changing;

/** Which source stamps pass: those of which every field passes its rule. */
public record SourceStampFilter(
        TextRule project, TextRule repository, TextRule branch, TextRule codebase) {

    public static final SourceStampFilter ALL =
            new SourceStampFilter(TextRule.ANY, TextRule.ANY, TextRule.ANY, TextRule.ANY);

    public static SourceStampFilter onBranch(TextRule branch) {
        return new SourceStampFilter(TextRule.ANY, TextRule.ANY, branch, TextRule.ANY);
    }

    public boolean accepts(SourceStamp stamp) {
        return project.accepts(stamp.project())
                && repository.accepts(stamp.repository())
                && branch.accepts(stamp.branch())
                && codebase.accepts(stamp.codebase());
    }
}
