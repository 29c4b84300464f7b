package io.buildledger.scheduler.supposing;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.scheduler.supposing.RecordedTime.Backlog;
import io.buildledger.scheduler.supposing.SupposedRequest.Open;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * Lets the {@linkplain SchedulersAtWork schedulers} of a configuration decide upon what came in in
 * a recorded time, and supposed workers build what they ask for. Builds end between two events of
 * the log, each at its moment.
 *
 * <p>A buildset that was made in the recorded cluster at the same moment for the same, of the same
 * sources and for the same builders, ends where it did there, and as it did. Any other ends when
 * the supposed workers have built it, as builds of the same sources ended, or else well.
 */
final class Supposition implements SchedulersAtWork.Outcome {

    /** By so much a timer may have been late in the recorded cluster when the time ended. */
    private static final Duration LATE = Duration.ofMinutes(1);

    private final RecordedTime time;
    private final Instant until;
    private final Names names;
    private final Estimates estimates;
    private final Allowance allowance;
    private final Agenda agenda;
    private final SupposedWorkers workers;
    private final Superseding superseding;
    private final SchedulersAtWork schedulers;
    private final Matching<SupposedBuildset> recorded = new Matching<>();
    private final Map<Long, RecordedRequest> cancelled = new HashMap<>();
    private final Map<Long, SupposedRequest> cancellable = new HashMap<>();
    private final Map<Long, Occasion> occasions = new HashMap<>();
    private final List<SupposedBuildset> buildsets = new ArrayList<>();
    private final Tally tally = new Tally();
    private long lastBuildset;
    private long lastRequest;
    private boolean isOver;

    /**
     * @param since when the time began
     * @param until when it ended; timers that are due then still elapse
     * @param allowance what it may take
     */
    Supposition(
            RecordedTime time,
            Candidate candidate,
            Instant since,
            Instant until,
            Allowance allowance) {
        this.allowance = allowance;
        this.time = time;
        this.until = until;
        this.names = new Names(candidate.schedulers(), time);
        this.estimates = new Estimates(time);
        this.agenda = new Agenda(since, allowance);
        this.workers = new SupposedWorkers(candidate.farm(), agenda, this::ended);
        this.lastBuildset = time.largestBuildset();
        this.superseding = new Superseding(candidate, time, workers, tally);
        index();
        this.schedulers =
                new SchedulersAtWork(
                        candidate.schedulers(),
                        time,
                        names,
                        agenda,
                        since,
                        since,
                        LATE,
                        () -> until,
                        this);
    }

    private void index() {
        for (Happening happening : time.happenings()) {
            if (happening instanceof Happening.Cancelled it) {
                cancelled.put(it.request().id(), it.request());
            }
        }
        for (RecordedBuildset buildset : time.buildsets()) {
            String scheduler = names.candidateOf(buildset.scheduler());
            if (scheduler != null && !buildset.isRebuild()) {
                recorded.add(
                        new Matching.Key(scheduler, names.ofCandidate(buildset.occasion())),
                        buildset);
            }
        }
    }

    /** Lets it all happen. */
    Supposition run() {
        time.backlog().forEach(this::takeOn);
        for (Happening happening : time.happenings()) {
            allowance.goOn();
            schedulers.reach(happening);
            schedulers.hear(happening);
            switch (happening) {
                case Happening.Rebuilt it -> rebuild(it);
                case Happening.Cancelled it -> cancel(it);
                case Happening.Changed _,
                        Happening.Asked _,
                        Happening.Elapsed _,
                        Happening.Ended _ -> {
                    // Schedulers alone heed it.
                }
            }
        }
        schedulers.passUpTo(until);
        agenda.passThrough(until);
        // What is on offer is built, so that it is known how long it waits.
        isOver = true;
        schedulers.stop();
        agenda.passAll();
        return this;
    }

    private void cancel(Happening.Cancelled it) {
        SupposedRequest request = cancellable.remove(it.request().id());
        if (request != null) {
            workers.end(request, Results.CANCELLED);
        }
    }

    private void takeOn(Backlog open) {
        allowance.goOn();
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

    @Override
    public void leftOut(String scheduler) {
        tally.leftOut(scheduler);
    }

    @Override
    public void ordered(String scheduler, BuildsetOrder order, Occasion occasion, Instant at) {
        allowance.take(order.builderNames().size() + order.changeIds().size());
        RecordedBuildset match = recorded.recorded(new Matching.Key(scheduler, occasion));
        buildsets.add(
                new SupposedBuildset(
                        scheduler, at, order.changeIds(), order.builderNames(), match));
        boolean isAsRecorded = match != null && isAsRecorded(order, match, at);
        long id = match != null && isAsRecorded ? match.id() : ++lastBuildset;
        Map<String, Long> requestIds = new LinkedHashMap<>();
        order.builderNames().forEach(builder -> requestIds.put(builder, ++lastRequest));
        BuildsetSubmitted submitted = SchedulersAtWork.submitted(order, id, requestIds, at);
        if (isAsRecorded) {
            schedulers.endsAsRecorded(submitted, occasion);
        } else if (schedulers.isFollowed()) {
            occasions.put(id, occasion);
        }
        offer(submitted, order, match, isAsRecorded);
    }

    private boolean isAsRecorded(BuildsetOrder order, RecordedBuildset match, Instant at) {
        return at.equals(match.submittedAt())
                && order.sourceStamps().equals(match.stamps())
                && Set.copyOf(order.builderNames()).equals(Set.copyOf(match.builders()))
                && (match.endedAt() < 0 || match.endedAt() > schedulers.position());
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
                        isAsRecorded && schedulers.isFollowed());
        Superseding.Collapses collapses = superseding.of(order);
        List<SupposedRequest> requests = new ArrayList<>();
        for (String builder : order.builderNames()) {
            RecordedRequest same = match == null ? null : match.request(builder);
            RecordedRequest build = builds.get(builder);
            long id = Objects.requireNonNull(submitted.requestIds().get(builder));
            int priority = Math.max(order.priority(), collapses.priorityOfCollapsed(builder));
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
            collapses.offered(request);
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
        if (open.ended(results) && !open.endsAsRecorded() && schedulers.isFollowed() && !isOver) {
            ended(open);
        }
    }

    /** All that the supposed workers had of a buildset is over. */
    private void ended(Open open) {
        BuildsetSubmitted submitted = open.submitted();
        Occasion upstream = occasions.remove(submitted.buildsetId());
        int before = buildsets.size();
        schedulers.ended(
                submitted, upstream == null ? new Occasion.Because("") : upstream, open.worst());
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
        return schedulers.remarks();
    }

    /** In the order in which they would have been made. */
    List<SupposedBuildset> buildsets() {
        return buildsets;
    }
}
