package io.buildledger.steps;

import io.buildledger.filtering.OneOrMore;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import io.buildledger.stepping.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Gives the build properties from the worker's own environment.
 *
 * @param variables names of environment variables, and of the properties; one that is not set, or
 *     empty, sets nothing
 */
@StepType("set_properties_from_env")
public record SetPropertiesFromEnvStep(OneOrMore variables) implements Step {

    @Override
    public void check(StepProblems problems) {
        if (variables == null) {
            problems.missing(
                    "variables",
                    "a set_properties_from_env step lacks its variables: add variables: [NAME]");
        } else if (variables.values().stream().anyMatch(String::isBlank)) {
            problems.problem(
                    "variables",
                    "a set_properties_from_env step has a variable without a name: give it one");
        }
    }

    @Override
    public StepEnd run(StepRun run) {
        List<String> set = new ArrayList<>();
        for (String variable : variables.values()) {
            Optional<String> value =
                    valueOf(run.worker(), variable).filter(text -> !text.isEmpty());
            value.ifPresent(text -> {
                run.setProperty(variable, text);
                set.add(variable);
            });
            run.note(
                    value.map(text -> "%s = %s".formatted(variable, text))
                            .orElse(variable + " is not set on worker " + run.worker().name()));
        }
        return StepEnd.succeeded(
                set.isEmpty() ? "nothing to set" : "set " + String.join(", ", set));
    }

    /** Windows does not tell upper case from lower, and its workers send upper. */
    private static Optional<String> valueOf(Worker worker, String variable) {
        Optional<String> value = worker.environment(variable);
        return value.isEmpty() && worker.isWindows()
                ? worker.environment(variable.toUpperCase(Locale.ROOT))
                : value;
    }
}
