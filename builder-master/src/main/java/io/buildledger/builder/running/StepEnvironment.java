package io.buildledger.builder.running;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.rendering.Interpolation;
import io.buildledger.domain.rendering.Scope;
import io.buildledger.stepping.CurrentBuild;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a build's commands find in their environment besides their worker's own: the builder's
 * variables, then the step's, then what says which build it is.
 */
record StepEnvironment(CurrentBuild build, Map<String, String> ofBuilder) {

    /**
     * The same with the builder's variables as they are in a scope.
     *
     * @throws io.buildledger.domain.rendering.MissingSecret if one names a secret that there is not
     */
    StepEnvironment in(Scope scope) {
        Map<String, String> rendered = new HashMap<>();
        ofBuilder.forEach(
                (name, text) -> rendered.put(name, Interpolation.parse(text).render(scope)));
        return new StepEnvironment(build, rendered);
    }

    Map<String, String> with(Map<String, String> ofStep) {
        SourceStamp stamp = build.sourceStamps().getFirst();
        Map<String, String> environment = new HashMap<>(ofBuilder);
        environment.putAll(ofStep);
        environment.put("BUILDLEDGER_BUILDER", build.builder());
        environment.put("BUILDLEDGER_BUILD_NUMBER", Long.toString(build.number()));
        environment.put("BUILDLEDGER_REQUEST", Long.toString(build.requestId()));
        environment.put("BUILDLEDGER_MASTER", build.master());
        environment.put("BUILDLEDGER_WORKER", build.worker());
        environment.put("BUILDLEDGER_BRANCH", orEmpty(stamp.branch()));
        environment.put("BUILDLEDGER_REVISION", orEmpty(stamp.revision()));
        environment.put("BUILDLEDGER_REPOSITORY", stamp.repository());
        return environment;
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }
}
