package io.buildledger.steps;

import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;

/**
 * Gives the build a property.
 *
 * @param property its name
 * @param value text, a number, true or false, or lists and maps of these
 */
@StepType("set_property")
public record SetPropertyStep(String property, Object value) implements Step {

    @Override
    public void check(StepProblems problems) {
        PropertyName.check(property, "a set_property step", problems);
        if (value == null) {
            problems.missing("value", "a set_property step lacks its value: add value: ...");
        }
    }

    @Override
    public StepEnd run(StepRun run) {
        // An interpolation may have found nothing.
        run.setProperty(property, value == null ? "" : value);
        return StepEnd.succeeded("set " + property);
    }
}
