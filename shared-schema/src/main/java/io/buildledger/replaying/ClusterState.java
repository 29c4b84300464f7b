package io.buildledger.replaying;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.attaching.WorkerState;
import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.building.BuildEvent.BuildDropped;
import io.buildledger.domain.building.BuildEvent.CommandStarted;
import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.locking.Lock;
import io.buildledger.domain.locking.LockEvent;
import io.buildledger.domain.locking.LockEvent.LockRequested;
import io.buildledger.domain.mastering.MasterEvent;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;
import io.buildledger.domain.requesting.BuildRequest;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.Buildset;
import io.buildledger.domain.requesting.BuildsetEvent;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerConfigured;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Recorded;
import io.buildledger.log.Unreadable;
import io.buildledger.numbering.Numbers;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is so in a cluster after some of its events, of all that may still change: what has ended is
 * not kept, so that it is as large as the work that is open and not as the history.
 *
 * <p>It judges nothing. An event that can't have happened, or that a newer program wrote, changes
 * nothing, and its stream is remembered.
 */
public final class ClusterState {

    /**
     * A request that has not ended.
     *
     * @param lastSequence the place of its last event
     * @param since when it came to be as it is: on offer, claimed or running
     */
    public record Request(BuildRequest state, long lastSequence, Instant since) {}

    /** The step that a build is in. */
    public record Step(int number, String name, Instant since) {}

    /**
     * The last life of a master.
     *
     * @param drain who wants it to end, or null
     * @param end when it was over, and why; null while it lasts
     */
    public record Master(
            long epoch,
            String role,
            String host,
            Instant since,
            @Nullable Drain drain,
            @Nullable End end) {

        private Master drained(@Nullable Drain by) {
            return new Master(epoch, role, host, since, by, end);
        }

        private Master ended(End by) {
            return new Master(epoch, role, host, since, drain, by);
        }
    }

    /**
     * @param now whether the builds are not waited for
     */
    public record Drain(String requestedBy, boolean now, Instant since) {}

    /** The end of a life: {@code stopped}, or what it was declared lost for. */
    public record End(String reason, Instant at) {}

    /** How a worker stands after the event at a place of its stream. */
    public record Worker(WorkerState state, long lastSequence) {}

    /**
     * What a scheduler knows after the event at a place of its stream.
     *
     * @param type in its configuration; null in a log that does not say
     * @param master who wrote that event
     */
    public record Scheduler(
            SchedulerState state,
            long lastSequence,
            @Nullable String type,
            Instant at,
            @Nullable String master) {}

    /**
     * A lock after the event at a place of its stream.
     *
     * @param lastTicket the highest number of a ticket that the log knows; -1 if there is none
     */
    public record NamedLock(Lock state, long lastSequence, long lastTicket) {}

    /** The build of a builder that ended last. */
    public record LastBuild(long number, Results results, Instant at) {}

    /** What a state consists of, each part by what tells its items apart. */
    enum Part {
        REQUESTS(Long.class, Request.class),
        BUILDSETS(Long.class, Buildset.Open.class),
        STEPS(String.class, Step.class),
        MASTERS(String.class, Master.class),
        WORKERS(String.class, Worker.class),
        LOCKS(String.class, NamedLock.class),
        SCHEDULERS(String.class, Scheduler.class),
        LAST_BUILDS(String.class, LastBuild.class),
        COMMANDS(String.class, CommandStarted.class),
        NUMBERS(String.class, Long.class),
        NOT_UNDERSTOOD(String.class, Long.class);

        private final Class<?> key;
        private final Class<?> item;

        Part(Class<?> key, Class<?> item) {
            this.key = key;
            this.item = item;
        }

        Class<?> key() {
            return key;
        }

        Class<?> item() {
            return item;
        }
    }

    private final SortedMap<Long, Request> requests = new TreeMap<>();
    private final SortedMap<Long, Buildset.Open> buildsets = new TreeMap<>();
    private final SortedMap<String, Step> steps = new TreeMap<>();
    private final SortedMap<String, Master> masters = new TreeMap<>();
    private final SortedMap<String, Worker> workers = new TreeMap<>();
    private final SortedMap<String, NamedLock> locks = new TreeMap<>();
    private final SortedMap<String, Scheduler> schedulers = new TreeMap<>();
    private final SortedMap<String, LastBuild> lastBuilds = new TreeMap<>();
    private final SortedMap<String, CommandStarted> commands = new TreeMap<>();
    private final SortedMap<String, Long> numbers = new TreeMap<>();

    /** The place of the first event of each stream that has changed nothing. */
    private final SortedMap<String, Long> notUnderstood = new TreeMap<>();

    private boolean hasMetNewer;

    SortedMap<?, ?> part(Part part) {
        return switch (part) {
            case REQUESTS -> requests;
            case BUILDSETS -> buildsets;
            case STEPS -> steps;
            case MASTERS -> masters;
            case WORKERS -> workers;
            case LOCKS -> locks;
            case SCHEDULERS -> schedulers;
            case LAST_BUILDS -> lastBuilds;
            case COMMANDS -> commands;
            case NUMBERS -> numbers;
            case NOT_UNDERSTOOD -> notUnderstood;
        };
    }

    /** Adds what was kept of a part. */
    @SuppressWarnings("unchecked") // each part has its own types, which what is kept of it has
    void restore(Part part, Map<?, ?> kept) {
        ((Map<Object, Object>) (Map<?, ?>) part(part)).putAll(kept);
    }

    /** Goes on to the state after the next event. */
    public void next(Recorded recorded) {
        try {
            switch (recorded.event()) {
                case BuildRequestEvent event -> next(event, recorded);
                case BuildEvent event -> next(event, recorded);
                case BuildsetEvent event -> next(event);
                case SchedulerEvent event -> next(event, recorded);
                case MasterEvent event -> next(event, recorded);
                case WorkerEvent event -> next(event, recorded);
                case LockEvent event -> next(event, recorded);
                case ChangeReceived event -> used(Numbers.CHANGE, event.changeId());
                case NewerEvent _ -> {
                    notUnderstood(recorded);
                    hasMetNewer = true;
                }
                case Unreadable _ -> notUnderstood(recorded);
                case Record _ -> {
                    // Commands and the like are over when they are recorded.
                }
                default -> notUnderstood(recorded);
            }
        } catch (IllegalTransition e) {
            notUnderstood(recorded);
        }
    }

    /**
     * The event changes nothing, and what its stream tells of is not known for sure from now on.
     */
    public void notUnderstood(Recorded recorded) {
        notUnderstood.putIfAbsent(recorded.stream(), recorded.sequence());
    }

    private void used(String numbers, long number) {
        this.numbers.merge(numbers, number, Math::max);
    }

    private void next(BuildRequestEvent event, Recorded recorded) {
        switch (event) {
            case BuildRequested requested -> used(Numbers.BUILD_REQUEST, requested.requestId());
            case BuildRequestClaimed claimed ->
                    used(Numbers.builds(claimed.builder()), claimed.buildNumber());
            default -> {
                // It gives no number.
            }
        }
        Request before = requests.get(event.requestId());
        BuildRequest state =
                BuildRequest.evolve(before == null ? BuildRequest.UNKNOWN : before.state(), event);
        if (before != null && BuildRequest.liveClaim(state).isEmpty()) {
            BuildRequest.liveClaim(before.state()).ifPresent(claim -> steps.remove(buildOf(claim)));
        }
        if (state instanceof BuildRequest.Completed(BuildRequested requested, Results results)) {
            requests.remove(event.requestId());
            buildsets.computeIfPresent(
                    requested.buildsetId(),
                    (_, buildset) -> buildset.ended(event.requestId(), results));
            if (before != null && event instanceof BuildRequestCompleted) {
                BuildRequest.liveClaim(before.state())
                        .ifPresent(claim ->
                                lastBuilds.put(
                                        claim.builder(),
                                        new LastBuild(
                                                claim.buildNumber(), results, recorded.at())));
            }
        } else {
            Instant since =
                    before != null && before.state().getClass() == state.getClass()
                            ? before.since()
                            : recorded.at();
            requests.put(event.requestId(), new Request(state, recorded.sequence(), since));
        }
    }

    private static String buildOf(BuildRequestClaimed claim) {
        return build(claim.builder(), claim.buildNumber());
    }

    private static String build(String builder, long number) {
        return builder + "/" + number;
    }

    private void next(BuildEvent event, Recorded recorded) {
        String build = build(event.builder(), event.buildNumber());
        switch (event) {
            case StepStarted started ->
                    steps.put(build, new Step(started.step(), started.name(), recorded.at()));
            case CommandStarted started -> commands.put(build, started);
            case StepFinished _ -> {
                steps.remove(build);
                commands.remove(build);
            }
            case BuildDropped _ -> steps.remove(build);
            default -> {
                // The build is where it was.
            }
        }
    }

    private void next(BuildsetEvent event) {
        if (event instanceof BuildsetSubmitted submitted) {
            used(Numbers.BUILDSET, submitted.buildsetId());
        }
        Buildset.Open before = buildsets.get(event.buildsetId());
        Buildset state = Buildset.evolve(before == null ? Buildset.UNKNOWN : before, event);
        if (state instanceof Buildset.Open open) {
            buildsets.put(event.buildsetId(), open);
        } else {
            buildsets.remove(event.buildsetId());
        }
    }

    private void next(SchedulerEvent event, Recorded recorded) {
        Scheduler before = schedulers.get(event.scheduler());
        Scheduler from =
                event instanceof SchedulerRenamed renamed ? schedulers.get(renamed.from()) : before;
        SchedulerState state = from == null ? SchedulerState.INITIAL : from.state();
        String type =
                event instanceof SchedulerConfigured configured
                        ? configured.type()
                        : before == null ? null : before.type();
        schedulers.put(
                event.scheduler(),
                new Scheduler(
                        state.evolve(event),
                        recorded.sequence(),
                        type,
                        recorded.at(),
                        recorded.metadata().get("master") instanceof String master
                                ? master
                                : null));
    }

    private void next(MasterEvent event, Recorded recorded) {
        Master before = masters.get(event.master());
        if (event instanceof MasterStarted started) {
            masters.put(
                    started.master(),
                    new Master(
                            started.epoch(),
                            started.role(),
                            started.host(),
                            recorded.at(),
                            null,
                            null));
        } else if (before != null && before.epoch() == event.epoch()) {
            masters.put(event.master(), next(before, event, recorded.at()));
        }
    }

    private static Master next(Master before, MasterEvent event, Instant at) {
        return switch (event) {
            case MasterDrained drained ->
                    before.drained(new Drain(drained.requestedBy(), drained.now(), at));
            case MasterUndrained _ -> before.drained(null);
            case MasterStopped _ -> before.ended(new End("stopped", at));
            case MasterLost lost -> before.ended(new End(lost.reason(), at));
            default -> before;
        };
    }

    private void next(WorkerEvent event, Recorded recorded) {
        Worker before = workers.get(event.worker());
        WorkerState state = before == null ? WorkerState.NEW : before.state();
        workers.put(
                event.worker(),
                new Worker(WorkerState.evolve(state, event, recorded.at()), recorded.sequence()));
    }

    private void next(LockEvent event, Recorded recorded) {
        NamedLock before = locks.get(event.lock());
        Lock after = Lock.evolve(before == null ? Lock.FREE : before.state(), event);
        long lastTicket = before == null ? -1 : before.lastTicket();
        locks.put(
                event.lock(),
                new NamedLock(
                        after,
                        recorded.sequence(),
                        event instanceof LockRequested asked
                                ? Math.max(lastTicket, asked.ticket())
                                : lastTicket));
    }

    /** Those that have not ended, by their numbers. */
    public SortedMap<Long, Request> requests() {
        return Collections.unmodifiableSortedMap(requests);
    }

    /** Those that have not ended, by their numbers. */
    public SortedMap<Long, Buildset.Open> buildsets() {
        return Collections.unmodifiableSortedMap(buildsets);
    }

    /** The step that a build is in; null between two of them. */
    public @Nullable Step step(String builder, long buildNumber) {
        return steps.get(build(builder, buildNumber));
    }

    /** All that ever lived, by name. */
    public SortedMap<String, Master> masters() {
        return Collections.unmodifiableSortedMap(masters);
    }

    /** All that were ever told of, by name. */
    public SortedMap<String, Worker> workers() {
        return Collections.unmodifiableSortedMap(workers);
    }

    /** All that anybody ever came for, by name. */
    public SortedMap<String, NamedLock> locks() {
        return Collections.unmodifiableSortedMap(locks);
    }

    /** All that ever did something, by name; also those that were renamed. */
    public SortedMap<String, Scheduler> schedulers() {
        return Collections.unmodifiableSortedMap(schedulers);
    }

    /** By the builder's name. */
    public SortedMap<String, LastBuild> lastBuilds() {
        return Collections.unmodifiableSortedMap(lastBuilds);
    }

    /**
     * The last command of each build whose step has not finished, by the build: it may be running,
     * also where the build's claim is over.
     */
    SortedMap<String, CommandStarted> commands() {
        return Collections.unmodifiableSortedMap(commands);
    }

    /** The highest number in use of each kind, by the name under which they are handed out. */
    SortedMap<String, Long> numbers() {
        return Collections.unmodifiableSortedMap(numbers);
    }

    /** Whether there was an event that a newer program wrote, so that one may say more of it. */
    boolean hasMetNewer() {
        return hasMetNewer;
    }

    /** The streams with events that have changed nothing because nobody here understands them. */
    public Set<String> notUnderstood() {
        return Collections.unmodifiableSet(notUnderstood.keySet());
    }
}
