package io.buildledger.steps;

import io.buildledger.stepping.StepAbortedException;
import java.util.regex.Pattern;

/**
 * Admits branches, revisions and addresses from outside to git's command line. What is admitted is
 * neither an option nor a pattern nor more than one name.
 */
final class GitName {

    /** The rules of git-check-ref-format, as far as they keep a name a single plain name. */
    private static final Pattern NOT_IN_A_NAME =
            Pattern.compile("[\\p{Cntrl}\\s~^:?*\\[\\\\]|\\.\\.|@\\{|//");

    private GitName() {}

    /**
     * @throws StepAbortedException if it isn't the name of a branch or of another ref
     */
    static String requireRef(String kind, String name) throws StepAbortedException {
        if (name.isEmpty()
                || name.startsWith("-")
                || name.startsWith("/")
                || name.endsWith("/")
                || name.endsWith(".lock")
                || NOT_IN_A_NAME.matcher(name).find()) {
            throw StepAbortedException.refused(
                    "'%s' is not the name of a %s".formatted(name, kind));
        }
        return name;
    }

    /**
     * @throws StepAbortedException if git would not take it for an address
     */
    static String requireAddress(String repourl) throws StepAbortedException {
        if (repourl.isBlank() || repourl.startsWith("-")) {
            throw StepAbortedException.refused("'%s' is not a repository".formatted(repourl));
        }
        return repourl;
    }
}
