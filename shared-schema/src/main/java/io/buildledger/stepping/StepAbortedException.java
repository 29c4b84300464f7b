package io.buildledger.stepping;

import io.buildledger.domain.building.Results;

/** Ends a step early, with the result that it carries. */
public final class StepAbortedException extends Exception {

    private final Results results;
    private final String why;
    private final boolean isWorkersFault;

    private StepAbortedException(Results results, String why) {
        this(results, why, false);
    }

    private StepAbortedException(Results results, String why, boolean isWorkersFault) {
        super(why);
        this.results = results;
        this.why = why;
        this.isWorkersFault = isWorkersFault;
    }

    /** What the step was to do did not succeed: it ends as FAILURE. */
    public static StepAbortedException failed(String why) {
        return new StepAbortedException(Results.FAILURE, why);
    }

    /** The step can't run as it is configured: it ends as EXCEPTION. */
    public static StepAbortedException refused(String why) {
        return new StepAbortedException(Results.EXCEPTION, why);
    }

    /** The build was interrupted: the step ends as CANCELLED. */
    public static StepAbortedException interrupted(String reason) {
        return new StepAbortedException(Results.CANCELLED, reason);
    }

    /** The build can't go on here, and may succeed elsewhere: the step ends as RETRY. */
    public static StepAbortedException retry(String why) {
        return new StepAbortedException(Results.RETRY, why);
    }

    /** The same, because the worker is lost, so that it is better not used for a while. */
    public static StepAbortedException workerLost(String why) {
        return new StepAbortedException(Results.RETRY, why, true);
    }

    /**
     * The worker does not do what every worker does: the step ends as EXCEPTION, and the worker is
     * better not used for a while.
     */
    public static StepAbortedException workerRefused(String why) {
        return new StepAbortedException(Results.EXCEPTION, why, true);
    }

    public Results results() {
        return results;
    }

    /** In words for the summary. */
    public String why() {
        return why;
    }

    /** Whether it is the worker that the build can't go on with, and not what it was to do. */
    public boolean isWorkersFault() {
        return isWorkersFault;
    }
}
