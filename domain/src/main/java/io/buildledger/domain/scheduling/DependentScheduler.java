package io.buildledger.domain.scheduling;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.scheduling.SchedulerInput.BuildsetEnded;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Builds what another scheduler has built, once all of that has ended as SUCCESS or WARNINGS: the
 * same source stamps, and the same blamelist. It follows every buildset that ends after it began to
 * read the log, whenever that was made.
 */
public final class DependentScheduler extends Scheduler {

    public static final String TYPE = "dependent";

    private static final Set<Results> GOOD = Set.of(Results.SUCCESS, Results.WARNINGS);

    private final Set<String> upstream;

    /**
     * @param upstream name of the scheduler that it follows, and names that this had before
     */
    public DependentScheduler(SchedulerSettings settings, Set<String> upstream) {
        super(TYPE, settings);
        this.upstream = Set.copyOf(upstream);
    }

    @Override
    public Optional<String> refusal(ChangeReceived change) {
        return Optional.of(
                "it takes no changes, but builds what %s has built"
                        .formatted(String.join(", ", new TreeSet<>(upstream))));
    }

    @Override
    void buildsetEnded(Deliberation deliberation, BuildsetEnded ended) {
        if (upstream.contains(ended.buildset().scheduler())
                && GOOD.contains(ended.results())
                && deliberation.state().enabled()) {
            deliberation.fireOf(
                    ended.buildset().sourceStamps(),
                    ended.buildset().changeIds(),
                    "scheduler %s fired after buildset %d of %s"
                            .formatted(
                                    name(),
                                    ended.buildset().buildsetId(),
                                    ended.buildset().scheduler()));
        }
    }
}
