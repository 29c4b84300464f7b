package io.buildledger.domain.cancelling;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A line of commits of which a newer one makes an older one uninteresting. Two are the same only if
 * all four texts are; but the patch sets of a change in Gerrit, each a branch of its own there, are
 * one.
 *
 * @param repository as the change or the source stamp names it; may be empty
 */
public record Branch(String codebase, String project, String repository, String name) {

    private static final Pattern PATCH_SET = Pattern.compile("(refs/changes/\\d+/\\d+)/\\d+");

    /** Empty for a source stamp that names no branch. */
    public static Optional<Branch> of(SourceStamp stamp) {
        return of(stamp.codebase(), stamp.project(), stamp.repository(), stamp.branch());
    }

    /** Empty for a change of a repository without branches. */
    public static Optional<Branch> of(ChangeReceived change) {
        return of(change.codebase(), change.project(), change.repository(), change.branch());
    }

    private static Optional<Branch> of(
            String codebase, String project, String repository, @Nullable String name) {
        if (name == null) {
            return Optional.empty();
        }
        Matcher patchSet = PATCH_SET.matcher(name);
        return Optional.of(
                new Branch(
                        codebase,
                        project,
                        repository,
                        patchSet.matches() ? patchSet.group(1) : name));
    }

    /** The branch in words. */
    @Override
    public String toString() {
        return "branch %s%s%s"
                .formatted(
                        name,
                        repository.isEmpty() ? "" : " of " + repository,
                        codebase.isEmpty() ? "" : ", codebase " + codebase);
    }
}
