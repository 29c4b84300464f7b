package io.buildledger.steps;

import io.buildledger.domain.building.Results;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.Triggers.Answer;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What became of one scheduler that a step asked.
 *
 * @param unimportant whether it counts for nothing
 * @param results of the builds, once they have ended; null where nobody waited
 */
record TriggeredBuilds(
        String scheduler, boolean unimportant, Answer answer, @Nullable Results results) {

    TriggeredBuilds endedAs(Results end) {
        return new TriggeredBuilds(scheduler, unimportant, answer, end);
    }

    /** The scheduler's answer, for the log. */
    String told() {
        return switch (answer) {
            case Answer.Submitted submitted ->
                    "%s: buildset %d, %s"
                            .formatted(
                                    scheduler,
                                    submitted.buildsetId(),
                                    requests(submitted.requestIds()));
            case Answer.Kept _ -> scheduler + ": kept until its next moment";
            case Answer.Refused refused -> "%s refused: %s".formatted(scheduler, refused.reason());
        };
    }

    private static String requests(Map<String, Long> ofBuilders) {
        return ofBuilders.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .map(it -> "request %d (%s)".formatted(it.getValue(), it.getKey()))
                .collect(Collectors.joining(", "));
    }

    /** What all of them come to: the worst of those that count, and a refusal is a failure. */
    static Results resultsOf(List<TriggeredBuilds> all) {
        return all.stream()
                .filter(it -> !it.unimportant)
                .map(TriggeredBuilds::counted)
                .reduce(Results.SUCCESS, Results::worse);
    }

    private Results counted() {
        if (answer instanceof Answer.Refused) {
            return Results.FAILURE;
        }
        return results == null ? Results.SUCCESS : results;
    }

    static StepEnd endOf(List<TriggeredBuilds> all) {
        String triggered =
                all.stream()
                        .filter(it -> !(it.answer instanceof Answer.Refused))
                        .map(TriggeredBuilds::briefly)
                        .collect(Collectors.joining(", "));
        String refused =
                all.stream()
                        .filter(it -> it.answer instanceof Answer.Refused)
                        .map(TriggeredBuilds::told)
                        .collect(Collectors.joining("; "));
        String summary = triggered.isEmpty() ? "" : "triggered " + triggered;
        return new StepEnd(
                resultsOf(all),
                null,
                summary + (summary.isEmpty() || refused.isEmpty() ? "" : "; ") + refused);
    }

    private String briefly() {
        return results == null
                ? scheduler
                : "%s: %s%s".formatted(scheduler, results, unimportant ? " (unimportant)" : "");
    }
}
