package io.buildledger.builder.running;

import io.buildledger.domain.changing.SourceStamp;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a build's steps: the master's own without what is the master's business alone,
 * then the builder's, then the step's, then what says which build it is.
 */
final class StepEnvironment {

    private static final Pattern SECRET =
            Pattern.compile(
                    "BUILDLEDGER_.*|SPRING_DATASOURCE_.*|(?i:.*(PASSWORD|PASSWD|_PWD|DB_PASS).*)");

    private final Map<String, String> inherited;
    private final BuildOrder order;

    /**
     * @param inherited what {@link #inheritedFrom} has left
     */
    StepEnvironment(Map<String, String> inherited, BuildOrder order) {
        this.inherited = inherited;
        this.order = order;
    }

    /** What a step may have of its master's environment: all but what looks like a secret. */
    static Map<String, String> inheritedFrom(Map<String, String> ofMaster) {
        Map<String, String> inherited = new HashMap<>(ofMaster);
        inherited.keySet().removeIf(name -> SECRET.matcher(name).matches());
        return Map.copyOf(inherited);
    }

    Map<String, String> with(Map<String, String> ofStep) {
        SourceStamp stamp = order.sourceStamps().getFirst();
        Map<String, String> environment = new HashMap<>(inherited);
        environment.putAll(order.builder().env());
        environment.putAll(ofStep);
        environment.put("BUILDLEDGER_BUILDER", order.builder().name());
        environment.put("BUILDLEDGER_BUILD_NUMBER", Long.toString(order.buildNumber()));
        environment.put("BUILDLEDGER_REQUEST", Long.toString(order.requestId()));
        environment.put("BUILDLEDGER_MASTER", order.master());
        environment.put("BUILDLEDGER_WORKER", order.worker());
        environment.put("BUILDLEDGER_BRANCH", orEmpty(stamp.branch()));
        environment.put("BUILDLEDGER_REVISION", orEmpty(stamp.revision()));
        environment.put("BUILDLEDGER_REPOSITORY", stamp.repository());
        return environment;
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }
}
