package io.buildledger.builder.claiming;

import io.buildledger.claiming.ClaimTerms;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.configuring.BuilderFingerprint;
import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.ConfiguredLocks;
import io.buildledger.domain.attaching.Backoff;
import io.buildledger.domain.attaching.WorkerName;
import io.buildledger.domain.choosing.NextWorker;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.domain.rendering.BuildProperties;
import io.buildledger.domain.rendering.PropertySources;
import io.buildledger.domain.rendering.PropertySources.Configured;
import io.buildledger.domain.rendering.PropertySources.Ordered;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.stepping.LockAccess;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The builders and workers of one configuration, which never change: whoever claims by them builds
 * by them, whatever the master goes by meanwhile.
 */
final class ConfiguredBuilders {

    private static final Backoff NO_BACKOFF = new Backoff(Duration.ZERO, Duration.ZERO);

    private final Map<String, Configuration.Builder> builders;
    private final Map<String, ClaimTerms> terms;
    private final ConfiguredLocks locks;
    private final Map<String, Integer> maxBuilds;
    private final Map<String, Configuration.Worker> configuredWorkers;
    private final Map<String, Object> properties;
    private final Map<String, Configured> workers;
    private final BuilderFingerprint builderFingerprint;

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
                            ConfiguredPolicy.of(
                                    builder,
                                    this::worker,
                                    (buildset, worker) ->
                                            propertiesOf(builder, buildset, worker, 0)),
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
        builderFingerprint = configuration.builderFingerprint();
        configuredWorkers =
                configuration.workers().stream()
                        .collect(
                                Collectors.toUnmodifiableMap(
                                        Configuration.Worker::name, Function.identity()));
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

    /** What is done about a builder for which another master builds something else. */
    BuilderFingerprint builderFingerprint() {
        return builderFingerprint;
    }

    /** Of the factory of one of its builders. */
    String fingerprintOf(String builder) {
        return Objects.requireNonNull(terms.get(builder)).fingerprint();
    }

    /** What a step asks of locks that runs on a worker of a master. */
    List<LockUse> locksOf(List<LockAccess> accesses, String worker, String master) {
        String inCluster = WorkerName.of(attaches(worker), master, worker);
        return locks.of(accesses).stream().map(demand -> demand.on(worker, inCluster)).toList();
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
        return propertiesOf(
                Objects.requireNonNull(builders.get(won.claim().builder())),
                won.buildset(),
                worker(won.claim().worker()),
                won.claim().buildNumber());
    }

    private BuildProperties propertiesOf(
            Configuration.Builder builder,
            BuildsetSubmitted buildset,
            Configured worker,
            long buildNumber) {
        return new PropertySources(
                        properties,
                        new Ordered(
                                buildset.scheduler(),
                                buildset.properties(),
                                buildset.sourceStamps(),
                                Set.of()),
                        new Configured(
                                builder.name(), builder.properties(), builder.defaultProperties()),
                        worker,
                        buildNumber)
                .merged();
    }

    private Configured worker(String name) {
        return Objects.requireNonNull(workers.get(name));
    }

    /** Which of a builder's free workers takes its next build. */
    NextWorker nextWorker(String builder) {
        return Objects.requireNonNull(builders.get(builder)).nextWorker().toDomain();
    }

    /** Which workers build a builder; none of one that there is not. */
    List<String> workersOf(String builder) {
        Configuration.Builder configured = builders.get(builder);
        return configured == null ? List.of() : configured.workerNames();
    }

    /** Whether a worker is one that attaches, and can build only while it is here. */
    boolean attaches(String worker) {
        Configuration.Worker configured = configuredWorkers.get(worker);
        return configured != null && configured.attaches();
    }

    /** For how long a worker isn't used when builds come to nothing because of it. */
    Backoff backoffOf(String worker) {
        Configuration.Worker configured = configuredWorkers.get(worker);
        return configured == null
                ? NO_BACKOFF
                : new Backoff(
                        configured.quarantineInitialTimeout(), configured.quarantineMaxTimeout());
    }

    /** Of how many builds one of a builder takes the place on a worker. */
    int countOf(String worker, String builder) {
        Configuration.Worker configured = configuredWorkers.get(worker);
        return configured == null ? 1 : configured.countsAs().getOrDefault(builder, 1);
    }

    /** How many builds at once, of each worker. */
    Map<String, Integer> maxBuilds() {
        return maxBuilds;
    }
}
