package io.buildledger.domain.scheduling;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.SchedulerEvent.UpstreamKept;
import io.buildledger.domain.scheduling.SchedulerInput.BuildsetEnded;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Builds what another scheduler has built, once all of that has ended as SUCCESS or WARNINGS: the
 * same source stamps, and the same blamelist. It follows every buildset that ends after it began to
 * read the log, whenever that was made; what ends while it is disabled, once it is enabled.
 *
 * <p>It does not follow a rebuild, which may be of one builder of many, or of a revision of long
 * ago.
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
        BuildsetSubmitted buildset = ended.buildset();
        if (upstream.contains(buildset.scheduler())
                && buildset.rebuiltFrom() == null
                && GOOD.contains(ended.results())) {
            UpstreamKept kept =
                    new UpstreamKept(
                            name(),
                            buildset.buildsetId(),
                            buildset.scheduler(),
                            buildset.sourceStamps(),
                            buildset.changeIds());
            if (deliberation.state().enabled()) {
                follow(deliberation, kept);
            } else {
                deliberation.record(kept);
            }
        }
    }

    /** Each buildset that ended meanwhile is followed for itself. */
    @Override
    void enabled(Deliberation deliberation, Instant at) {
        deliberation.before().upstream().values().forEach(kept -> follow(deliberation, kept));
    }

    private void follow(Deliberation deliberation, UpstreamKept buildset) {
        deliberation.fireOf(
                buildset.sourceStamps(),
                buildset.changeIds(),
                "scheduler %s fired after buildset %d of %s"
                        .formatted(name(), buildset.buildsetId(), buildset.upstream()));
    }
}
