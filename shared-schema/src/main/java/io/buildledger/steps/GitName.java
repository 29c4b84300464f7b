package io.buildledger.steps;

import io.buildledger.fetching.RefName;
import io.buildledger.showing.Printable;
import io.buildledger.stepping.StepAbortedException;

/**
 * Admits branches, revisions and addresses from outside to git's command line. What is admitted is
 * neither an option nor a pattern nor more than one name.
 */
final class GitName {

    private GitName() {}

    /** Whether it is the name of a branch or of another ref, and no option. */
    static boolean isRef(String name) {
        return !name.startsWith("-") && RefName.isOne(name);
    }

    /**
     * @throws StepAbortedException if it isn't the name of a branch or of another ref
     */
    static String requireRef(String kind, String name) throws StepAbortedException {
        if (!isRef(name)) {
            throw StepAbortedException.refused(
                    "'%s' is not the name of a %s".formatted(Printable.of(name), kind));
        }
        return name;
    }

    /**
     * @throws StepAbortedException if git would not take it for an address
     */
    static String requireAddress(String repourl) throws StepAbortedException {
        if (repourl.isBlank() || repourl.startsWith("-") || Printable.hasControl(repourl)) {
            throw StepAbortedException.refused(
                    "'%s' is not a repository".formatted(Printable.of(repourl)));
        }
        return repourl;
    }
}
