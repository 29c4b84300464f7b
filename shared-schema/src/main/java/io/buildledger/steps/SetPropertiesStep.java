package io.buildledger.steps;

import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.util.Map;

/**
 * Gives the build several properties.
 *
 * @param properties values by their names: text, numbers, true or false, or lists and maps of these
 */
@StepType("set_properties")
public record SetPropertiesStep(Map<String, Object> properties) implements Step {

    @Override
    public void check(StepProblems problems) {
        if (properties == null) {
            problems.missing(
                    "properties",
                    "a set_properties step lacks its properties: add properties: {NAME: VALUE}");
        } else if (properties.keySet().stream().anyMatch(String::isBlank)) {
            problems.problem(
                    "properties",
                    "a set_properties step has a property without a name: give it one");
        }
    }

    @Override
    public StepEnd run(StepRun run) {
        // An interpolation may have found nothing.
        properties.forEach((name, value) -> run.setProperty(name, value == null ? "" : value));
        return StepEnd.succeeded(
                properties.isEmpty()
                        ? "nothing to set"
                        : "set " + String.join(", ", properties.keySet()));
    }
}
