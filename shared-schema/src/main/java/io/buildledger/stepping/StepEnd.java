package io.buildledger.stepping;

import io.buildledger.domain.building.Results;
import io.buildledger.showing.Printable;
import org.jspecify.annotations.Nullable;

/**
 * How a step ended.
 *
 * @param exitCode of the step's command, or null where it ran none or was killed
 * @param summary one line for people; a longer one is cut
 */
public record StepEnd(Results results, @Nullable Integer exitCode, String summary) {

    private static final int LONGEST_SUMMARY = 200;

    public StepEnd {
        summary = Printable.cut(summary.strip().replaceAll("\\s+", " "), LONGEST_SUMMARY);
    }

    public static StepEnd succeeded(String summary) {
        return new StepEnd(Results.SUCCESS, null, summary);
    }

    /** A step that did not run. */
    public static StepEnd skipped(String step, String why) {
        return new StepEnd(Results.SKIPPED, null, "skipped %s (%s)".formatted(step, why));
    }

    public static StepEnd failed(String step, @Nullable Integer exitCode, String why) {
        return new StepEnd(Results.FAILURE, exitCode, "failed %s (%s)".formatted(step, why));
    }

    public static StepEnd exception(String step, String why) {
        return new StepEnd(Results.EXCEPTION, null, "exception in %s: %s".formatted(step, why));
    }

    public static StepEnd cancelled(String reason) {
        return new StepEnd(Results.CANCELLED, null, "cancelled: " + reason);
    }

    /** What a step's early end comes to. */
    public static StepEnd of(String step, StepAbortedException aborted) {
        return switch (aborted.results()) {
            case FAILURE -> failed(step, null, aborted.why());
            case CANCELLED -> cancelled(aborted.why());
            case RETRY -> new StepEnd(Results.RETRY, null, "retry: " + aborted.why());
            case SUCCESS, SKIPPED, WARNINGS, EXCEPTION -> exception(step, aborted.why());
        };
    }
}
