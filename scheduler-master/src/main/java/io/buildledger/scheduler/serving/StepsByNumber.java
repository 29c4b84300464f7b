package io.buildledger.scheduler.serving;

import io.buildledger.viewing.BuildSteps.Step;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A build's steps, for its logs, which know the number alone. */
record StepsByNumber(Map<Integer, Step> steps) {

    static StepsByNumber of(List<Step> steps) {
        return new StepsByNumber(
                steps.stream().collect(Collectors.toMap(Step::step, Function.identity())));
    }

    /** Null where the step has not begun yet: its log may arrive before that is written. */
    @Nullable String name(int number) {
        Step step = steps.get(number);
        return step == null ? null : step.name();
    }

    boolean isHidden(int number) {
        Step step = steps.get(number);
        return step != null && step.hidden();
    }
}
