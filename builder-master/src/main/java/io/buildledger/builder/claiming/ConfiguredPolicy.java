package io.buildledger.builder.claiming;

import io.buildledger.claiming.OfferPolicy;
import io.buildledger.configuring.Configuration;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.choosing.NextBuild;
import io.buildledger.domain.rendering.BuildProperties;
import io.buildledger.domain.rendering.Condition;
import io.buildledger.domain.rendering.PropertySources.Configured;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a builder's {@code next_build} and {@code can_start_build} say. They are judged by the
 * properties that the build's first step would find, but for {@code buildnumber}, which is 0: no
 * build has been given a number yet.
 */
final class ConfiguredPolicy implements OfferPolicy {

    /** What is asked before there is a worker. */
    private static final Configured NO_WORKER = Configured.named("");

    private final NextBuild next;
    private final @Nullable Condition preferred;
    private final @Nullable Condition canStart;
    private final Function<String, Configured> workers;
    private final BiFunction<BuildsetSubmitted, Configured, BuildProperties> properties;

    /**
     * @param workers of the configuration, by their names
     * @param properties of a build of a buildset on a worker
     */
    private ConfiguredPolicy(
            Configuration.Builder builder,
            Function<String, Configured> workers,
            BiFunction<BuildsetSubmitted, Configured, BuildProperties> properties) {
        this.next = builder.nextBuild().order().toDomain();
        this.preferred =
                builder.nextBuild().prefer() == null
                        ? null
                        : builder.nextBuild().prefer().toDomain();
        this.canStart = builder.canStartBuild() == null ? null : builder.canStartBuild().toDomain();
        this.workers = workers;
        this.properties = properties;
    }

    static OfferPolicy of(
            Configuration.Builder builder,
            Function<String, Configured> workers,
            BiFunction<BuildsetSubmitted, Configured, BuildProperties> properties) {
        OfferPolicy policy = new ConfiguredPolicy(builder, workers, properties);
        return policy.isInOrder() ? IN_ORDER : policy;
    }

    @Override
    public NextBuild next() {
        return next;
    }

    @Override
    public boolean hasPreference() {
        return preferred != null;
    }

    @Override
    public boolean prefers(BuildsetSubmitted buildset) {
        return preferred != null && holds(preferred, buildset, NO_WORKER);
    }

    @Override
    public boolean hasCondition() {
        return canStart != null;
    }

    @Override
    public boolean mayStart(BuildsetSubmitted buildset, String worker) {
        return canStart == null || holds(canStart, buildset, workers.apply(worker));
    }

    private boolean holds(Condition condition, BuildsetSubmitted buildset, Configured worker) {
        return condition.holds(
                new Condition.Facts(
                        properties.apply(buildset, worker),
                        buildset.sourceStamps(),
                        Results.SUCCESS,
                        null));
    }
}
