package io.buildledger.scheduler.serving;

import io.buildledger.viewing.Views;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A build's steps, for its logs, which know the number alone. */
record StepsByNumber(Map<Integer, Views.Step> steps) {

    static StepsByNumber of(List<Views.Step> steps) {
        return new StepsByNumber(
                steps.stream().collect(Collectors.toMap(Views.Step::step, Function.identity())));
    }

    /** Null where the view does not have the step yet: a log may arrive before it. */
    @Nullable String name(int number) {
        Views.Step step = steps.get(number);
        return step == null ? null : step.name();
    }

    boolean isHidden(int number) {
        Views.Step step = steps.get(number);
        return step != null && step.hidden();
    }
}
