package io.buildledger.steps;

import io.buildledger.stepping.StepEnd;
import org.jspecify.annotations.Nullable;

/** Ends a checkout, or one attempt of it, with what it carries. */
final class GitFailedException extends Exception {

    private static final long serialVersionUID = 1;

    private final transient StepEnd end;
    private final transient @Nullable GitComplaint complaint;
    private final boolean mayPass;

    private GitFailedException(StepEnd end, @Nullable GitComplaint complaint, boolean mayPass) {
        super(end.summary());
        this.end = end;
        this.complaint = complaint;
        this.mayPass = mayPass;
    }

    /** A git command that failed by itself. */
    static GitFailedException ofGit(StepEnd end, GitComplaint complaint) {
        return new GitFailedException(end, complaint, complaint.mayPass());
    }

    /** A command that was ended because it got nowhere. */
    static GitFailedException ofTimeout(StepEnd end) {
        return new GitFailedException(end, null, true);
    }

    /** What no other attempt changes. */
    static GitFailedException forGood(StepEnd end) {
        return new GitFailedException(end, null, false);
    }

    StepEnd end() {
        return end;
    }

    /** What git said; null if it is not git that failed. */
    @Nullable GitComplaint complaint() {
        return complaint;
    }

    /** Whether the same can succeed if it is tried again. */
    boolean mayPass() {
        return mayPass;
    }
}
