package io.buildledger.builder.running;

import io.buildledger.domain.building.Results;
import io.buildledger.showing.Printable;
import org.jspecify.annotations.Nullable;

/** How a step ended. */
record StepEnd(Results results, @Nullable Integer exitCode, String summary) {

    private static final int LONGEST_SUMMARY = 200;

    StepEnd {
        summary = oneLine(summary);
    }

    private static String oneLine(String text) {
        return Printable.cut(text.strip().replaceAll("\\s+", " "), LONGEST_SUMMARY);
    }

    static StepEnd succeeded(String summary) {
        return new StepEnd(Results.SUCCESS, 0, summary);
    }

    static StepEnd failed(String step, @Nullable Integer exitCode, String why) {
        return new StepEnd(Results.FAILURE, exitCode, "failed %s (%s)".formatted(step, why));
    }

    static StepEnd exception(String step, String why) {
        return new StepEnd(Results.EXCEPTION, null, "exception in %s: %s".formatted(step, why));
    }

    static StepEnd cancelled(String reason) {
        return new StepEnd(Results.CANCELLED, null, "cancelled: " + reason);
    }
}
