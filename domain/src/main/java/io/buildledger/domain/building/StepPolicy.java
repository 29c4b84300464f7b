package io.buildledger.domain.building;

/**
 * What a step's result means for its build, as in Buildbot.
 *
 * @param haltOnFailure a failed step ends the build, but for steps with {@code alwaysRun}
 * @param flunkOnFailure a failed step fails the build
 * @param warnOnFailure a failed step that does not fail the build leaves a warning
 * @param flunkOnWarnings a step with warnings fails the build
 * @param warnOnWarnings a step with warnings that does not fail the build leaves a warning
 * @param alwaysRun the step runs even after the build was halted
 */
public record StepPolicy(
        boolean haltOnFailure,
        boolean flunkOnFailure,
        boolean warnOnFailure,
        boolean flunkOnWarnings,
        boolean warnOnWarnings,
        boolean alwaysRun) {

    /** The build's result once this step has ended with {@code step}. */
    public Results resultOfBuild(Results soFar, Results step) {
        return switch (step) {
            case SUCCESS, SKIPPED -> soFar;
            case WARNINGS -> worse(soFar, flunkOnWarnings, warnOnWarnings);
            case FAILURE -> worse(soFar, flunkOnFailure, warnOnFailure);
            case EXCEPTION, RETRY, CANCELLED -> soFar.worse(step);
        };
    }

    private static Results worse(Results soFar, boolean flunks, boolean warns) {
        if (flunks) {
            return soFar.worse(Results.FAILURE);
        }
        return warns ? soFar.worse(Results.WARNINGS) : soFar;
    }

    /** Whether the steps after this one are left out, but for those with {@code alwaysRun}. */
    public boolean halts(Results step) {
        return switch (step) {
            case SUCCESS, WARNINGS, SKIPPED -> false;
            case FAILURE -> haltOnFailure;
            case EXCEPTION, RETRY, CANCELLED -> true;
        };
    }
}
