package io.buildledger.steps;

import io.buildledger.stepping.StepProblems;
import org.jspecify.annotations.Nullable;

/** Checks the key {@code property} of steps that set one. */
final class PropertyName {

    private PropertyName() {}

    /**
     * @param step for people, such as {@code a set_property step}
     */
    static void check(@Nullable String property, String step, StepProblems problems) {
        if (property == null) {
            problems.missing("property", step + " lacks its property: add property: NAME");
        } else if (property.isBlank()) {
            problems.problem("property", step + " has an empty property: write property: NAME");
        }
    }
}
