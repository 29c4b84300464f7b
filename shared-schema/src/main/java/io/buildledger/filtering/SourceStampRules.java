package io.buildledger.filtering;

import io.buildledger.domain.changing.SourceStampFilter;
import java.util.function.BiConsumer;

/** Which source stamps pass, as a file says it by the keys of their fields. */
public record SourceStampRules(
        FieldRule project, FieldRule repository, FieldRule branch, FieldRule codebase) {

    /** Whether the file says anything of any field. */
    public boolean isGiven() {
        return project.isGiven() || repository.isGiven() || branch.isGiven() || codebase.isGiven();
    }

    /**
     * The same, ready to decide.
     *
     * @throws IllegalArgumentException if {@link #check} has something to tell
     */
    public SourceStampFilter toDomain() {
        return new SourceStampFilter(
                project.toDomain(), repository.toDomain(), branch.toDomain(), codebase.toDomain());
    }

    /**
     * Tells of each regular expression that is none.
     *
     * @param problems takes the key that is wrong, and what is wrong with it
     */
    public void check(BiConsumer<String, String> problems) {
        project.check("project", problems);
        repository.check("repository", problems);
        branch.check("branch", problems);
        codebase.check("codebase", problems);
    }
}
