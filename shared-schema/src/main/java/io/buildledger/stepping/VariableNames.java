package io.buildledger.stepping;

import io.buildledger.showing.Printable;
import java.util.Map;

/** What variables of an environment can be called. */
public final class VariableNames {

    private VariableNames() {}

    /** Tells those of an {@code env} that no process could be given. */
    public static void check(Map<String, String> env, StepProblems problems) {
        for (String name : env.keySet()) {
            if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf(0) >= 0) {
                problems.problem(
                        "env",
                        "env: '%s' can't be the name of a variable: at least a character, and no ="
                                .formatted(Printable.of(name)));
            }
        }
    }
}
