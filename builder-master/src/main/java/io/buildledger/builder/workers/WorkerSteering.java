package io.buildledger.builder.workers;

import io.buildledger.attaching.WorkerStanding;
import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.attaching.WorkerEvent.WorkerQuarantined;
import io.buildledger.domain.attaching.WorkerEvent.WorkerRecovered;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopRequested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopped;
import io.buildledger.domain.attaching.WorkerEvent.WorkerUnpaused;
import io.buildledger.domain.attaching.WorkerState;
import io.buildledger.log.Recorded;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether workers may build, as far as this master has heard: of all workers of the cluster, since
 * any of them may attach here next. Nothing here says whether a worker is here.
 */
public final class WorkerSteering {

    /** Of what this is to be told. */
    public static final Set<Class<?>> EVENTS =
            Set.of(
                    WorkerPaused.class,
                    WorkerUnpaused.class,
                    WorkerStopRequested.class,
                    WorkerStopped.class,
                    WorkerQuarantined.class,
                    WorkerRecovered.class);

    private final InstantSource databaseClock;
    private final Map<String, WorkerStanding> standings = new ConcurrentHashMap<>();

    public WorkerSteering(InstantSource databaseClock) {
        this.databaseClock = databaseClock;
    }

    /** Takes what the log tells, in any order with {@link #know}. */
    public void heard(WorkerEvent event, Recorded recorded) {
        standings.compute(
                event.worker(),
                (_, known) -> {
                    WorkerStanding before = known == null ? WorkerStanding.NEW : known;
                    return recorded.sequence() <= before.sequence()
                            ? before
                            : new WorkerStanding(
                                    WorkerState.evolve(before.state(), event, recorded.at()),
                                    recorded.sequence());
                });
    }

    /** Takes how a worker stands, unless something later is known of it. */
    public void know(String worker, WorkerStanding standing) {
        WorkerStanding _ =
                standings.merge(
                        worker,
                        standing,
                        (known, next) -> next.sequence() < known.sequence() ? known : next);
    }

    /** Whether nobody, and no failure of its own, keeps a worker from building. */
    public boolean mayBuild(String worker) {
        return standing(worker).mayBuild(databaseClock.instant());
    }

    /** Those that are to end when their builds have. */
    public List<String> toStop() {
        return standings.entrySet().stream()
                .filter(worker -> worker.getValue().state().stop() != null)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** How many builds in a row came to nothing because of a worker. */
    public int failures(String worker) {
        return standing(worker).failures();
    }

    private WorkerState standing(String worker) {
        return standings.getOrDefault(worker, WorkerStanding.NEW).state();
    }
}
