package io.buildledger.scheduler.serving;

import io.buildledger.viewing.Views;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The names of a build's steps, for its logs, which know the number alone. */
record StepNames(Map<Integer, String> names) {

    static StepNames of(List<Views.Step> steps) {
        return new StepNames(
                steps.stream().collect(Collectors.toMap(Views.Step::step, Views.Step::name)));
    }

    /** Null where the view does not have the step yet: a log may arrive before it. */
    @Nullable String of(int step) {
        return names.get(step);
    }
}
