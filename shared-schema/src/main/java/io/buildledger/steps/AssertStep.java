package io.buildledger.steps;

import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepCondition;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fails unless a condition holds.
 *
 * @param check the condition
 * @param message what it means that it does not hold, for people
 */
@StepType("assert")
public record AssertStep(StepCondition check, @Nullable String message) implements Step {

    private static final String KEY = "check";

    @Override
    public void check(StepProblems problems) {
        if (check == null) {
            problems.missing(
                    KEY, "an assert step lacks its check: add check: {...} with a condition");
        } else {
            check.check(KEY, false, problems);
        }
    }

    @Override
    public StepEnd run(StepRun run) {
        Optional<String> refusal = check.toDomain().refusal(run.facts());
        if (refusal.isEmpty()) {
            return StepEnd.succeeded(run.name() + " successful");
        }
        return StepEnd.failed(
                run.name(),
                null,
                message == null ? refusal.get() : "%s: %s".formatted(message, refusal.get()));
    }
}
