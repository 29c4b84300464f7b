package io.buildledger.steps;

import io.buildledger.configuring.RepositoryAddress;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What git said when it failed, in English.
 *
 * @param command which of git's it was
 * @param code with which it ended
 * @param said on standard error
 */
record GitComplaint(String command, int code, String said) {

    /** Of a program that wrote to one that was gone. */
    private static final int SIGPIPE = 128 + 13;

    /** Those that ask another repository; checkout does in a partial clone. */
    private static final Set<String> REMOTE =
            Set.of("fetch", "ls-remote", "submodule", "lfs", "checkout");

    private static final Pattern MISSING_REF = Pattern.compile("couldn't find remote ref");

    /** What servers say of a commit that they don't have, or don't give away by its id. */
    private static final Pattern NOT_GIVEN =
            Pattern.compile("not our ref|unadvertised object|want [0-9a-f]+ not valid");

    /** Answers that will be the same the next time. Too early or too often is no such answer. */
    private static final Pattern REFUSAL =
            Pattern.compile(
                    "Authentication failed|Permission denied|Host key verification failed"
                            + "|could not read (?:Username|Password)|terminal prompts disabled"
                            + "|does not appear to be a git repository|[Rr]epository .*not found"
                            + "|transport '.*' not allowed|returned error: 4(?!08|25|29)"
                            + "|[Uu]nable to find remote helper");

    private static final Pattern BROKEN_CONNECTION =
            Pattern.compile(
                    "early EOF|RPC failed|hung up|unexpected disconnect|Could not read from remote"
                            + "|unable to access|[Uu]nable to connect|Connection |timed out"
                            + "|Could not resolve host|returned error: [45]|Network is unreachable"
                            + "|No route to host|expected flush after|bad line length");

    /** The repository has no branch or tag of that name. */
    boolean isOfMissingRef() {
        return MISSING_REF.matcher(said).find();
    }

    /** The repository does not give away a commit by its id, whether it has it or not. */
    boolean isOfIdNotGiven() {
        return NOT_GIVEN.matcher(said).find() || isOfMissingRef();
    }

    /**
     * Something is wrong with another repository or on the way to it, so that nothing needs to be
     * wrong with the one in the work directory.
     */
    boolean isOfOthers() {
        if (!REMOTE.contains(command)) {
            return false;
        }
        // Some workers do not tell which signal it was.
        boolean isSignal = code == SIGPIPE || code < 0;
        return isSignal || BROKEN_CONNECTION.matcher(said).find() || REFUSAL.matcher(said).find();
    }

    /** Whether the same command can succeed if it is tried again. */
    boolean mayPass() {
        return REMOTE.contains(command) && !REFUSAL.matcher(said).find() && !isOfIdNotGiven();
    }

    /** The first line that git calls fatal or an error; empty if there is none. */
    String firstLine() {
        return said.lines()
                .filter(line -> line.startsWith("fatal: ") || line.startsWith("error: "))
                .map(RepositoryAddress::masked)
                .findFirst()
                .orElse("");
    }
}
