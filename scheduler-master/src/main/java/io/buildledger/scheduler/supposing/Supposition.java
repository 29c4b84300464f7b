package io.buildledger.scheduler.supposing;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.scheduling.Decision;
import io.buildledger.domain.scheduling.DependentScheduler;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerInput;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.replaying.ClusterState;
import io.buildledger.scheduler.scheduling.SchedulerInputs;
import io.buildledger.scheduler.supposing.RecordedTime.Backlog;
import io.buildledger.scheduler.supposing.RecordedTime.Beginning;
import io.buildledger.scheduler.supposing.SupposedRequest.Open;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Lets the schedulers of a configuration decide upon what came in in a recorded time, in the order
 * of the log, and supposed workers build what they ask for. Between two events of the log, timers
 * elapse and builds end, each at its moment. It is as if masters had read the configuration when
 * that time began.
 *
 * <p>A timer that ran in the recorded cluster as well, for the same scheduler, the same moment and
 * the same purpose, elapses where it did there, however late that was, and not at all if it was due
 * within the last minute and still ran in the end; if it was due there and set anew before it
 * elapsed, it elapses after that, unless it is set anew here as well. Any other elapses at its
 * moment, or when the next scheduler master started, if none was up then.
 *
 * <p>A buildset that was made in the recorded cluster at the same moment for the same, of the same
 * sources and for the same builders, ends where it did there, and as it did. Any other ends when
 * the supposed workers have built it, as builds of the same sources ended, or else well.
 */
final class Supposition {

    /** By so much a timer may have been late in the recorded cluster when the time ended. */
    private static final Duration LATE = Duration.ofMinutes(1);

    private record Key(String scheduler, Occasion occasion) {}

    private static final class Running {
        private final BoundScheduler bound;
        private SchedulerState state;
        private boolean hasBegun;

        /** Commands that it has heard, by those that were asked first. */
        private final Set<String> heard = new HashSet<>();

        private Running(BoundScheduler bound, SchedulerState state) {
            this.bound = bound;
            this.state = state;
        }

        private String name() {
            return bound.name();
        }
    }

    private final RecordedTime time;
    private final Instant until;
    private final Names names;
    private final Estimates estimates;
    private final Agenda agenda;
    private final SupposedWorkers workers;
    private final Superseding superseding;
    private final Map<String, Running> schedulers = new LinkedHashMap<>();
    private final Map<Running, Beginning> toBegin = new LinkedHashMap<>();
    private final boolean isFollowed;
    private final Map<Timer, Integer> elapses = new HashMap<>();
    private final Set<Timer> runOn = new HashSet<>();
    private final Map<Timer, Integer> lateUntil = new HashMap<>();

    /** What elapses after a happening, by the place of that. */
    private final Map<Integer, List<Runnable>> held = new HashMap<>();

    private final Map<Key, Deque<RecordedBuildset>> recorded = new HashMap<>();
    private final Map<Long, RecordedRequest> cancelled = new HashMap<>();
    private final Map<Long, SupposedRequest> cancellable = new HashMap<>();
    private final Map<Long, BuildsetSubmitted> endingAsRecorded = new HashMap<>();
    private final Map<Long, Occasion> occasions = new HashMap<>();
    private final List<SupposedBuildset> buildsets = new ArrayList<>();
    private final Tally tally = new Tally();
    private final SortedSet<String> remarks = new TreeSet<>();
    private int position = -1;
    private long lastBuildset;
    private long lastRequest;
    private boolean isOver;

    /** Those that a new scheduler reads first. */
    private final Set<@Nullable String> happeningsOfBeginnings = new HashSet<>();

    /**
     * @param since when the time began
     * @param until when it ended; timers that are due then still elapse
     */
    Supposition(RecordedTime time, Candidate candidate, Instant since, Instant until) {
        this.time = time;
        this.until = until;
        this.names = new Names(candidate.schedulers(), time);
        this.estimates = new Estimates(time);
        this.agenda = new Agenda(since);
        this.workers = new SupposedWorkers(candidate.farm(), agenda, this::ended);
        this.isFollowed =
                candidate.schedulers().stream()
                        .anyMatch(it -> it.scheduler() instanceof DependentScheduler);
        this.lastBuildset = time.largestBuildset();
        this.superseding = new Superseding(candidate, time, workers, tally);
        index();
        candidate.schedulers().forEach(it -> prepare(it, since));
        Set<String> causes =
                toBegin.values().stream()
                        .map(Beginning::cause)
                        .filter(Objects::nonNull)
                        .collect(Collectors.toSet());
        time.happenings().stream()
                .map(Happening::id)
                .filter(causes::contains)
                .forEach(happeningsOfBeginnings::add);
    }

    private void index() {
        for (int i = 0; i < time.happenings().size(); i++) {
            switch (time.happenings().get(i)) {
                case Happening.Elapsed elapsed -> {
                    Timer timer = ofCandidate(elapsed.timer());
                    if (timer != null) {
                        elapses.put(timer, i);
                    }
                }
                case Happening.Cancelled it -> cancelled.put(it.request().id(), it.request());
                case Happening.Changed _,
                        Happening.Asked _,
                        Happening.Ended _,
                        Happening.Rebuilt _ -> {
                    // Nothing that must be known beforehand.
                }
            }
        }
        time.late()
                .forEach((late, end) -> {
                    Timer timer = ofCandidate(late);
                    if (timer != null) {
                        lateUntil.put(timer, end);
                    }
                });
        time.schedulersAfter().values().stream()
                .flatMap(it -> it.state().timers().values().stream())
                .filter(it -> it.fireAt().isAfter(until.minus(LATE)))
                .forEach(it -> {
                    Timer timer = ofCandidate(Timer.of(it.scheduler(), it));
                    if (timer != null) {
                        runOn.add(timer);
                    }
                });
        for (RecordedBuildset buildset : time.buildsets()) {
            String scheduler = names.candidateOf(buildset.scheduler());
            if (scheduler != null && !buildset.isRebuild()) {
                recorded.computeIfAbsent(
                                new Key(scheduler, ofCandidate(buildset.occasion())),
                                _ -> new ArrayDeque<>(1))
                        .add(buildset);
            }
        }
    }

    private @Nullable Timer ofCandidate(Timer timer) {
        String name = names.candidateOf(timer.scheduler());
        return name == null ? null : new Timer(name, timer.due(), timer.key());
    }

    private Occasion ofCandidate(Occasion occasion) {
        return switch (occasion) {
            case Occasion.After(String scheduler, Occasion upstream) -> {
                String name = names.candidateOf(scheduler);
                yield new Occasion.After(name == null ? scheduler : name, ofCandidate(upstream));
            }
            case Occasion.OfChanges _, Occasion.AtMoment _, Occasion.Because _ -> occasion;
        };
    }

    /** Finds out what a scheduler begins with, and where. */
    private void prepare(BoundScheduler bound, Instant since) {
        String name = bound.name();
        String predecessor = names.predecessor(bound);
        ClusterState.Scheduler own = time.schedulersBefore().get(name);
        SchedulerState state = own == null ? SchedulerState.INITIAL : own.state();
        Beginning beginning = new Beginning(name, null, since);
        if (predecessor != null) {
            ClusterState.Scheduler old =
                    Objects.requireNonNull(time.schedulersBefore().get(predecessor));
            SchedulerState goesOn = old.state();
            for (SchedulerEvent event :
                    Scheduler.takeOver(
                            name, state, old.state(), predecessor, old.lastSequence() + 1)) {
                goesOn = goesOn.evolve(event);
            }
            state = goesOn;
            remarks.add("scheduler %s goes on where %s was".formatted(name, predecessor));
        } else if (own == null) {
            beginning = beginningOf(bound, since);
        } else if (state.renamedTo() != null) {
            remarks.add(
                    "scheduler %s decides nothing: it goes on as %s, which is in the file, too"
                            .formatted(name, state.renamedTo()));
        }
        Running running = new Running(bound, state);
        schedulers.put(name, running);
        toBegin.put(running, beginning);
    }

    /**
     * A new scheduler begins where it did in the recorded cluster, if it is new there, too; where
     * all of that cluster were new, with the first of them; else when the time begins.
     */
    private Beginning beginningOf(BoundScheduler bound, Instant since) {
        Long first = bound.startAtChange();
        if (first != null) {
            Beginning atChange = beginningAt(first);
            if (atChange != null) {
                return atChange;
            }
            remarks.add(
                    "scheduler %s would have begun with change %d, which did not come in that time: what came before is left out"
                            .formatted(bound.name(), first));
        }
        List<Beginning> all = time.beginnings();
        Optional<Beginning> same =
                all.stream()
                        .filter(it -> bound.name().equals(names.candidateOf(it.scheduler())))
                        .findFirst();
        if (same.isPresent()) {
            return same.get();
        }
        return time.schedulersBefore().isEmpty() && !all.isEmpty()
                ? all.getFirst()
                : new Beginning(bound.name(), null, since);
    }

    private @Nullable Beginning beginningAt(long change) {
        for (Happening happening : time.happenings()) {
            if (happening instanceof Happening.Changed changed
                    && changed.change().changeId() == change) {
                return new Beginning("", changed.id(), changed.at());
            }
        }
        return null;
    }

    /** Lets it all happen. */
    Supposition run() {
        time.backlog().forEach(this::takeOn);
        for (Happening happening : time.happenings()) {
            beginUpTo(happening.at());
            agenda.passUpTo(happening.at());
            beginWith(happening);
            position++;
            hear(happening);
            held.getOrDefault(position, List.of()).forEach(it -> agenda.put(agenda.now(), it));
        }
        beginUpTo(until);
        agenda.passThrough(until);
        // What is on offer is built, so that it is known how long it waits.
        isOver = true;
        agenda.passAll();
        return this;
    }

    /** Those that begin with what is no happening here. */
    private void beginUpTo(Instant moment) {
        toBegin.entrySet().stream()
                .filter(it -> !it.getValue().at().isAfter(moment))
                .filter(it -> !happeningsOfBeginnings.contains(it.getValue().cause()))
                .sorted(Comparator.comparing(it -> it.getValue().at()))
                .toList()
                .forEach(it -> {
                    toBegin.remove(it.getKey());
                    agenda.passUpTo(it.getValue().at());
                    begin(it.getKey(), it.getValue().at());
                });
    }

    private void beginWith(Happening happening) {
        if (happeningsOfBeginnings.contains(happening.id())) {
            List.copyOf(toBegin.entrySet()).stream()
                    .filter(it -> happening.id().equals(it.getValue().cause()))
                    .forEach(it -> {
                        toBegin.remove(it.getKey());
                        begin(it.getKey(), happening.at());
                    });
        }
    }

    private void takeOn(Backlog open) {
        RecordedRequest request = open.request();
        RecordedRequest.Claim claim = open.claim();
        Instant end = request.over();
        Duration lasts =
                claim == null || end == null
                        ? estimates.medianOf(request.builder())
                        : Duration.between(claim.since(), end);
        SupposedRequest supposed =
                new SupposedRequest(
                        request.id(),
                        request.builder(),
                        open.priority(),
                        open.submittedAt(),
                        null,
                        lasts,
                        Results.SUCCESS,
                        null,
                        true);
        lastRequest = Math.max(lastRequest, request.id());
        if (claim != null) {
            String local = RecordedTime.localName(claim);
            workers.occupy(supposed, workers.has(local) ? local : claim.worker(), claim.since());
        } else if (workers.serves(request.builder())) {
            if (cancelled.containsKey(request.id())) {
                cancellable.put(request.id(), supposed);
            }
            workers.offer(supposed);
        }
    }

    private void begin(Running running, Instant at) {
        running.hasBegun = true;
        running.state.timers().values().forEach(it -> await(running, it));
        decide(
                running,
                SchedulerInputs.configuration(running.bound, at),
                new Occasion.Because("configuration"),
                at);
    }

    private void hear(Happening happening) {
        switch (happening) {
            case Happening.Changed it ->
                    schedulers
                            .values()
                            .forEach(scheduler -> hear(scheduler, it.change(), it.id(), it.at()));
            case Happening.Asked it -> obey(it);
            case Happening.Elapsed it -> elapse(it);
            case Happening.Ended it -> end(it);
            case Happening.Rebuilt it -> rebuild(it);
            case Happening.Cancelled it -> {
                SupposedRequest request = cancellable.remove(it.request().id());
                if (request != null) {
                    workers.end(request, Results.CANCELLED);
                }
            }
        }
    }

    private void hear(Running scheduler, Object event, String id, Instant at) {
        hear(scheduler, event, new Occasion.Because(id), at);
    }

    /**
     * @param at when it got into the log. That may be a little before what came before it there,
     *     where two were written at once
     */
    private void hear(Running scheduler, Object event, Occasion occasion, Instant at) {
        if (scheduler.hasBegun) {
            SchedulerInputs.of(scheduler.bound, event, at, this::buildset)
                    .ifPresent(input -> decide(scheduler, input, occasion, at));
        }
    }

    private void decide(Running scheduler, SchedulerInput input, Occasion occasion, Instant at) {
        Decision decision = scheduler.bound.scheduler().decide(scheduler.state, input);
        for (SchedulerEvent event : decision.events()) {
            scheduler.state = scheduler.state.evolve(event);
            switch (event) {
                case SchedulerFired fired ->
                        submit(scheduler.name(), decision.orderOf(fired), occasion, at);
                case TimerArmed armed -> await(scheduler, armed);
                default -> {
                    // It is in the state.
                }
            }
        }
    }

    private void await(Running scheduler, TimerArmed armed) {
        Timer timer = Timer.of(scheduler.name(), armed);
        Integer elapse = elapses.get(timer);
        if ((elapse != null && elapse > position) || runOn.contains(timer)) {
            return;
        }
        Integer end = lateUntil.get(timer);
        if (end != null && end > position) {
            held.computeIfAbsent(end, _ -> new ArrayList<>())
                    .add(() -> elapse(scheduler, armed, agenda.now()));
            return;
        }
        Instant due = armed.fireAt().isBefore(agenda.now()) ? agenda.now() : armed.fireAt();
        Instant at = time.upTimes().upAt(due);
        if (!at.isAfter(until) && at.isBefore(time.upTimes().downForGood())) {
            agenda.put(at, () -> elapse(scheduler, armed, agenda.now()));
        }
    }

    private void elapse(Running scheduler, TimerArmed armed, Instant at) {
        if (!isOver) {
            hear(
                    scheduler,
                    new TimerFired(scheduler.name(), armed.timer(), at),
                    new Occasion.AtMoment(armed.fireAt()),
                    at);
        }
    }

    private void elapse(Happening.Elapsed elapsed) {
        Timer timer = ofCandidate(elapsed.timer());
        Running scheduler = timer == null ? null : schedulers.get(timer.scheduler());
        if (timer != null && scheduler != null) {
            scheduler.state.timers().values().stream()
                    .filter(timer::is)
                    .findFirst()
                    .ifPresent(it -> elapse(scheduler, it, elapsed.at()));
        }
    }

    private void obey(Happening.Asked asked) {
        String name = names.candidateOf(asked.command().scheduler());
        Running scheduler = name == null ? null : schedulers.get(name);
        if (scheduler == null) {
            tally.leftOut(asked.command().scheduler());
        } else if (scheduler.heard.add(asked.first())) {
            SchedulerCommandEvent command = asked.command().askedOf(scheduler.name());
            hear(scheduler, command, asked.first(), asked.at());
        }
    }

    private void end(Happening.Ended ended) {
        if (isFollowed && buildset(ended.buildsetId()).isPresent()) {
            follow(
                    new BuildsetCompleted(ended.buildsetId(), ended.results()),
                    occasionAfter(ended.buildsetId(), ended.id()),
                    ended.at());
        }
        endingAsRecorded.remove(ended.buildsetId());
    }

    private Occasion occasionAfter(long buildsetId, String event) {
        Occasion upstream = occasions.remove(buildsetId);
        BuildsetSubmitted submitted = endingAsRecorded.get(buildsetId);
        return upstream == null || submitted == null
                ? new Occasion.Because(event)
                : new Occasion.After(submitted.scheduler(), upstream);
    }

    private void follow(BuildsetCompleted completed, Occasion occasion, Instant at) {
        schedulers.values().forEach(it -> hear(it, completed, occasion, at));
    }

    private Optional<BuildsetSubmitted> buildset(long buildsetId) {
        BuildsetSubmitted supposed = endingAsRecorded.get(buildsetId);
        return Optional.ofNullable(supposed == null ? time.openBefore(buildsetId) : supposed);
    }

    private void submit(String scheduler, BuildsetOrder order, Occasion otherwise, Instant at) {
        Occasion occasion =
                order.changeIds().isEmpty() ? otherwise : new Occasion.OfChanges(order.changeIds());
        Deque<RecordedBuildset> same = recorded.get(new Key(scheduler, occasion));
        RecordedBuildset match = same == null ? null : same.poll();
        buildsets.add(
                new SupposedBuildset(
                        scheduler, at, order.changeIds(), order.builderNames(), match));
        boolean isAsRecorded = match != null && isAsRecorded(order, match, at);
        long id = match != null && isAsRecorded ? match.id() : ++lastBuildset;
        Map<String, Long> requestIds = new LinkedHashMap<>();
        order.builderNames().forEach(builder -> requestIds.put(builder, ++lastRequest));
        BuildsetSubmitted submitted =
                new BuildsetSubmitted(
                        id,
                        order.scheduler(),
                        order.firing(),
                        order.reason(),
                        order.sourceStamps(),
                        order.changeIds(),
                        order.properties(),
                        requestIds,
                        at,
                        order.waitedFor(),
                        order.parent(),
                        order.externalId(),
                        order.rebuiltFrom());
        if (isFollowed) {
            occasions.put(id, occasion);
            if (isAsRecorded) {
                endingAsRecorded.put(id, submitted);
            }
        }
        offer(submitted, order, match, isAsRecorded);
    }

    private boolean isAsRecorded(BuildsetOrder order, RecordedBuildset match, Instant at) {
        return at.equals(match.submittedAt())
                && order.sourceStamps().equals(match.stamps())
                && Set.copyOf(order.builderNames()).equals(Set.copyOf(match.builders()))
                && (match.endedAt() < 0 || match.endedAt() > position);
    }

    private void offer(
            BuildsetSubmitted submitted,
            BuildsetOrder order,
            @Nullable RecordedBuildset match,
            boolean isAsRecorded) {
        Map<String, RecordedRequest> builds = new HashMap<>();
        for (String builder : order.builderNames()) {
            RecordedRequest build = estimates.build(builder, order.sourceStamps(), match);
            if (build != null) {
                builds.put(builder, build);
            }
        }
        Open open =
                new Open(
                        submitted,
                        builds.size() < order.builderNames().size(),
                        isAsRecorded && isFollowed);
        List<SupposedRequest> requests = new ArrayList<>();
        for (String builder : order.builderNames()) {
            RecordedRequest same = match == null ? null : match.request(builder);
            RecordedRequest build = builds.get(builder);
            long id = Objects.requireNonNull(submitted.requestIds().get(builder));
            int priority =
                    Math.max(order.priority(), superseding.priorityOfCollapsed(order, builder));
            Long timeout = order.queueTimeoutMillis();
            SupposedRequest request =
                    new SupposedRequest(
                            id,
                            builder,
                            priority,
                            submitted.submittedAt(),
                            timeout == null ? null : Duration.ofMillis(timeout),
                            estimates.lasts(builder, build),
                            Estimates.results(build),
                            open,
                            false);
            superseding.offered(order, request);
            if (same != null && cancelled.containsKey(same.id())) {
                cancellable.put(same.id(), request);
            }
            tally.made(builder, build);
            requests.add(request);
        }
        superseding.submitted(submitted, requests);
        requests.forEach(workers::offer);
    }

    /** Somebody had it built once more; that is as it was, whoever the schedulers are. */
    private void rebuild(Happening.Rebuilt rebuilt) {
        RecordedBuildset buildset = rebuilt.buildset();
        String scheduler = names.candidateOf(buildset.scheduler());
        buildsets.add(
                new SupposedBuildset(
                        scheduler == null ? buildset.scheduler() : scheduler,
                        rebuilt.at(),
                        buildset.changeIds(),
                        List.copyOf(buildset.builders()),
                        buildset));
        List<SourceStamp> stamps = buildset.stamps();
        for (RecordedRequest same : buildset.requests()) {
            RecordedRequest build = estimates.build(same.builder(), stamps, buildset);
            SupposedRequest request =
                    new SupposedRequest(
                            ++lastRequest,
                            same.builder(),
                            0,
                            rebuilt.at(),
                            null,
                            estimates.lasts(same.builder(), build),
                            Estimates.results(build),
                            null,
                            false);
            if (cancelled.containsKey(same.id())) {
                cancellable.put(same.id(), request);
            }
            tally.made(same.builder(), build);
            workers.offer(request);
        }
    }

    private void ended(SupposedRequest request, Results results, boolean isBuilt) {
        tally.ended(request, agenda.now());
        superseding.ended(request);
        Open open = request.buildset();
        if (open == null) {
            return;
        }
        if (isBuilt && results == Results.FAILURE && !isOver) {
            superseding.failed(open.submitted(), request.builder());
        }
        if (open.ended(results) && !open.endsAsRecorded() && isFollowed && !isOver) {
            ended(open);
        }
    }

    /** All that the supposed workers had of a buildset is over. */
    private void ended(Open open) {
        BuildsetSubmitted submitted = open.submitted();
        long id = submitted.buildsetId();
        Occasion upstream = occasions.remove(id);
        endingAsRecorded.put(id, submitted);
        int before = buildsets.size();
        follow(
                new BuildsetCompleted(id, open.worst()),
                new Occasion.After(
                        submitted.scheduler(),
                        upstream == null ? new Occasion.Because("") : upstream),
                agenda.now());
        endingAsRecorded.remove(id);
        if (open.isAssumed()) {
            tally.followedUnrecorded(buildsets.size() - before);
        }
    }

    Names names() {
        return names;
    }

    Estimates estimates() {
        return estimates;
    }

    SupposedWorkers workers() {
        return workers;
    }

    Tally tally() {
        return tally;
    }

    /** What is to be known of how it came about, besides what is always so. */
    SortedSet<String> remarks() {
        return remarks;
    }

    /** In the order in which they would have been made. */
    List<SupposedBuildset> buildsets() {
        return buildsets;
    }
}
