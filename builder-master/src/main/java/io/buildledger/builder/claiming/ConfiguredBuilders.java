package io.buildledger.builder.claiming;

import io.buildledger.claiming.ClaimTerms;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.ConfiguredLocks;
import io.buildledger.domain.rendering.BuildProperties;
import io.buildledger.domain.rendering.PropertySources;
import io.buildledger.domain.rendering.PropertySources.Configured;
import io.buildledger.domain.rendering.PropertySources.Ordered;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The builders and workers of one configuration, which never change: whoever claims by them builds
 * by them, whatever the master goes by meanwhile.
 */
final class ConfiguredBuilders {

    private final Map<String, Configuration.Builder> builders;
    private final Map<String, ClaimTerms> terms;
    private final ConfiguredLocks locks;
    private final Map<String, Integer> maxBuilds;
    private final Set<String> attaching;
    private final Map<String, Object> properties;
    private final Map<String, Configured> workers;

    ConfiguredBuilders(Configuration configuration) {
        locks = new ConfiguredLocks(configuration);
        Map<String, Configuration.Builder> byName = new LinkedHashMap<>();
        Map<String, ClaimTerms> termsOf = new LinkedHashMap<>();
        for (Configuration.Builder builder : configuration.builders()) {
            byName.put(builder.name(), builder);
            termsOf.put(
                    builder.name(),
                    new ClaimTerms(
                            ConfigurationFile.fingerprint(builder),
                            builder.maxAttempts(),
                            locks.of(builder)));
        }
        Map<String, Integer> maxOf = new HashMap<>();
        configuration.workers().forEach(worker -> maxOf.put(worker.name(), worker.maxBuilds()));
        Map<String, Configured> propertiesOfWorkers = new HashMap<>();
        configuration
                .workers()
                .forEach(worker ->
                        propertiesOfWorkers.put(
                                worker.name(),
                                new Configured(
                                        worker.name(),
                                        worker.properties(),
                                        worker.defaultProperties())));
        workers = Collections.unmodifiableMap(propertiesOfWorkers);
        properties = configuration.properties();
        attaching =
                configuration.workers().stream()
                        .filter(Configuration.Worker::attaches)
                        .map(Configuration.Worker::name)
                        .collect(Collectors.toUnmodifiableSet());
        builders = Collections.unmodifiableMap(byName);
        terms = Collections.unmodifiableMap(termsOf);
        maxBuilds = Collections.unmodifiableMap(maxOf);
    }

    Set<String> names() {
        return builders.keySet();
    }

    Map<String, ClaimTerms> terms() {
        return terms;
    }

    /** How much there is of the locks that steps take. */
    ConfiguredLocks locks() {
        return locks;
    }

    /** The builder, if it is the one that this fingerprint is of. */
    Optional<Configuration.Builder> find(String name, String fingerprint) {
        ClaimTerms ofBuilder = terms.get(name);
        return ofBuilder != null && ofBuilder.fingerprint().equals(fingerprint)
                ? Optional.ofNullable(builders.get(name))
                : Optional.empty();
    }

    /** What the first step of a build finds, but for the directories on the worker. */
    BuildProperties propertiesOf(Won won) {
        Configuration.Builder builder = Objects.requireNonNull(builders.get(won.claim().builder()));
        return new PropertySources(
                        properties,
                        new Ordered(
                                won.buildset().scheduler(),
                                won.buildset().properties(),
                                won.buildset().sourceStamps(),
                                Set.of()),
                        new Configured(
                                builder.name(), builder.properties(), builder.defaultProperties()),
                        Objects.requireNonNull(workers.get(won.claim().worker())),
                        won.claim().buildNumber())
                .merged();
    }

    /** Which workers build a builder; none of one that there is not. */
    List<String> workersOf(String builder) {
        Configuration.Builder configured = builders.get(builder);
        return configured == null ? List.of() : configured.workerNames();
    }

    /** Whether a worker is one that attaches, and can build only while it is here. */
    boolean attaches(String worker) {
        return attaching.contains(worker);
    }

    /** How many builds at once, of each worker. */
    Map<String, Integer> maxBuilds() {
        return maxBuilds;
    }
}
