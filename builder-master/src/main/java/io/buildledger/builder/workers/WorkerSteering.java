package io.buildledger.builder.workers;

import io.buildledger.attaching.WorkerStanding;
import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.attaching.WorkerEvent.WorkerAttached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerDetached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerEnding;
import io.buildledger.domain.attaching.WorkerEvent.WorkerOff;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.attaching.WorkerEvent.WorkerQuarantined;
import io.buildledger.domain.attaching.WorkerEvent.WorkerRecovered;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStartFailed;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStarting;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether workers may build, as far as this master has heard: of all workers of the cluster, since
 * any of them may attach here next, and which master has them. Whether a worker is here {@link
 * AttachedWorkers} knows sooner.
 */
public final class WorkerSteering {

    private static final Set<Class<?>> OF_USE =
            Set.of(
                    WorkerPaused.class,
                    WorkerUnpaused.class,
                    WorkerStopRequested.class,
                    WorkerStopped.class,
                    WorkerQuarantined.class,
                    WorkerRecovered.class);

    private static final Set<Class<?>> OF_WHEREABOUTS =
            Set.of(
                    WorkerAttached.class,
                    WorkerDetached.class,
                    WorkerStarting.class,
                    WorkerStartFailed.class,
                    WorkerEnding.class,
                    WorkerOff.class);

    /** Of what this is to be told. */
    public static final Set<Class<?>> EVENTS =
            Stream.concat(OF_USE.stream(), OF_WHEREABOUTS.stream())
                    .collect(Collectors.toUnmodifiableSet());

    private final InstantSource databaseClock;
    private final Map<String, WorkerStanding> standings = new ConcurrentHashMap<>();

    public WorkerSteering(InstantSource databaseClock) {
        this.databaseClock = databaseClock;
    }

    /** Whether an event is of the use of a worker, and not only of which master has it. */
    public static boolean isOfUse(WorkerEvent event) {
        return OF_USE.contains(event.getClass());
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
        return state(worker).mayBuild(databaseClock.instant());
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
        return state(worker).failures();
    }

    /** How a worker stands; as one that nobody has ever seen, where nothing is known. */
    public WorkerStanding standing(String worker) {
        return standings.getOrDefault(worker, WorkerStanding.NEW);
    }

    private WorkerState state(String worker) {
        return standing(worker).state();
    }
}
