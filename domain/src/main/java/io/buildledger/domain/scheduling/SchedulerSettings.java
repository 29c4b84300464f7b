package io.buildledger.domain.scheduling;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What every scheduler has, of whatever type it is.
 *
 * @param codebases what belongs into a buildset, by name; a change of another codebase is nothing
 *     to the scheduler
 * @param properties of every buildset
 * @param reason of every buildset; empty for one that says what happened
 * @param queueTimeout how long a request may wait for a claim, or null for ever
 */
public record SchedulerSettings(
        String name,
        List<String> builderNames,
        NavigableMap<String, CodebaseDefaults> codebases,
        Map<String, Object> properties,
        String reason,
        PriorityRule priority,
        @Nullable Duration queueTimeout) {

    public SchedulerSettings {
        builderNames = List.copyOf(builderNames);
        properties = Map.copyOf(properties);
    }

    /** The one codebase of those who name none. */
    public static final NavigableMap<String, CodebaseDefaults> ONE_CODEBASE =
            new TreeMap<>(Map.of("", CodebaseDefaults.NONE));

    /** Builders and a name, and all else as it is by default. */
    public static SchedulerSettings of(String name, String... builderNames) {
        return new SchedulerSettings(
                name, List.of(builderNames), ONE_CODEBASE, Map.of(), "", PriorityRule.of(0), null);
    }

    Optional<String> refusalOfCodebase(String codebase) {
        return codebases.containsKey(codebase)
                ? Optional.empty()
                : Optional.of(
                        "codebase '%s' is not one of its codebases ('%s')"
                                .formatted(codebase, String.join("', '", codebases.keySet())));
    }

    @Nullable Long queueTimeoutMillis() {
        return queueTimeout == null ? null : queueTimeout.toMillis();
    }
}
