package io.buildledger.scheduler.supposing;

import io.buildledger.claiming.Collapsing;
import io.buildledger.claiming.Sources;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.cancelling.Branch;
import io.buildledger.domain.cancelling.Canceller;
import io.buildledger.domain.cancelling.FailingBuildsetCanceller;
import io.buildledger.domain.cancelling.OldBuildCanceller;
import io.buildledger.domain.cancelling.OldBuildCanceller.Made;
import io.buildledger.domain.cancelling.OldBuildCanceller.Newer;
import io.buildledger.domain.cancelling.OldBuildCanceller.Watched;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.util.function.SingletonSupplier;

/**
 * Ends supposed requests that are not worth a build any more, as the configuration says: those that
 * are collapsed into later ones, and those that its cancellers end. Nothing is ended of what was
 * there before the time that is looked at.
 */
final class Superseding {

    private record CollapseKey(String builder, ByteBuffer key) {}

    private record OnOffer(SupposedRequest request, Sources sources) {}

    private record OnBranch(String builder, Branch branch) {}

    private record Watch(Watched watched, SupposedRequest request) {}

    private final Candidate candidate;
    private final SupposedWorkers workers;
    private final Tally tally;
    private final Map<Long, Happening.Changed> changes = new HashMap<>();
    private final Map<Long, ChangeTaken> takenBefore = new HashMap<>();
    private final Map<CollapseKey, OnOffer> onOffer = new HashMap<>();
    private final Map<OldBuildCanceller, Map<OnBranch, List<Watch>>> watched =
            new LinkedHashMap<>();
    private final Map<Long, SupposedRequest> open = new HashMap<>();

    Superseding(Candidate candidate, RecordedTime time, SupposedWorkers workers, Tally tally) {
        this.candidate = candidate;
        this.workers = workers;
        this.tally = tally;
        for (Happening happening : time.happenings()) {
            if (happening instanceof Happening.Changed changed) {
                changes.put(changed.change().changeId(), changed);
            }
        }
        time.schedulersBefore().values().forEach(it -> takenBefore.putAll(it.state().pending()));
        for (Canceller canceller : candidate.cancellers()) {
            if (canceller instanceof OldBuildCanceller old) {
                watched.put(old, new HashMap<>());
            }
        }
    }

    /** How the requests of an order stand to those on offer. */
    Collapses of(BuildsetOrder order) {
        return new Collapses(order);
    }

    final class Collapses {
        private final Collapsing.Keys keys;
        private final Supplier<Sources> sources;

        private Collapses(BuildsetOrder order) {
            this.keys = candidate.collapsing().keys(order);
            this.sources =
                    SingletonSupplier.of(() ->
                            Sources.of(
                                    order.sourceStamps(),
                                    order.changeIds(),
                                    Superseding.this::codebases));
        }

        /**
         * Ends the request on offer that asks for the same as one to come.
         *
         * @return its priority; the lowest number that there is if there is none
         */
        int priorityOfCollapsed(String builder) {
            OnOffer older = key(builder).map(onOffer::get).orElse(null);
            if (older == null
                    || !older.request().isWaiting()
                    || !Collapsing.ends(older.sources(), sources.get())) {
                return Integer.MIN_VALUE;
            }
            tally.collapsed(builder);
            workers.end(older.request(), Results.SKIPPED);
            return older.request().waiting().priority();
        }

        /** A request is on offer, and later ones may collapse it. */
        void offered(SupposedRequest request) {
            key(request.builder())
                    .ifPresent(key -> {
                        OnOffer older = onOffer.get(key);
                        @Nullable Sources ofOlder =
                                older == null || !older.request().isWaiting()
                                        ? null
                                        : older.sources();
                        if (Collapsing.takesOver(ofOlder, sources.get())) {
                            onOffer.put(key, new OnOffer(request, sources.get()));
                        }
                    });
        }

        private Optional<CollapseKey> key(String builder) {
            return keys.of(builder).map(it -> new CollapseKey(builder, ByteBuffer.wrap(it)));
        }
    }

    private Map<Long, String> codebases(List<Long> changeIds) {
        Map<Long, String> codebases = new HashMap<>();
        for (Long id : changeIds) {
            Happening.Changed change = changes.get(id);
            ChangeTaken taken = takenBefore.get(id);
            if (change != null) {
                codebases.put(id, change.change().codebase());
            } else if (taken != null) {
                codebases.put(id, taken.codebase());
            }
        }
        return codebases;
    }

    /** Requests were asked for, before which older ones may have to end. */
    void submitted(BuildsetSubmitted submitted, List<SupposedRequest> requests) {
        if (!candidate.cancellers().isEmpty()) {
            requests.forEach(it -> open.put(it.id(), it));
            watched.forEach((canceller, older) -> end(canceller, older, submitted));
        }
    }

    private void end(
            OldBuildCanceller canceller,
            Map<OnBranch, List<Watch>> onBranches,
            BuildsetSubmitted submitted) {
        OldBuildCanceller.Reading reading =
                canceller.read(
                        submitted, newest(submitted.changeIds(), canceller.branches(submitted)));
        for (Newer newer : reading.newer()) {
            List<Watch> older =
                    onBranches.getOrDefault(
                            new OnBranch(newer.builder(), newer.branch()), new ArrayList<>());
            older.removeIf(it -> it.request().isOver());
            for (Watch each : List.copyOf(older)) {
                if (each.watched().supersededBy(newer).isPresent()) {
                    cancel(each.request());
                }
            }
        }
        for (Watched each : reading.watched()) {
            SupposedRequest request = Objects.requireNonNull(open.get(each.requestId()));
            onBranches
                    .computeIfAbsent(
                            new OnBranch(each.builder(), each.branch()), _ -> new ArrayList<>())
                    .add(new Watch(each, request));
        }
    }

    private void cancel(SupposedRequest request) {
        if (!request.isOver()) {
            tally.cancelled(request.builder());
            workers.end(request, Results.CANCELLED);
        }
    }

    private Map<Branch, Made> newest(List<Long> changeIds, Set<Branch> branches) {
        Map<Branch, Made> newest = new HashMap<>();
        for (Long id : changeIds.stream().sorted(Comparator.reverseOrder()).toList()) {
            Happening.Changed change = changes.get(id);
            if (change != null) {
                Branch.of(change.change())
                        .filter(branches::contains)
                        .ifPresent(branch -> newest.putIfAbsent(branch, new Made(id, change.at())));
            }
        }
        return newest;
    }

    /** A build has failed, and others of its buildset may have to end. */
    void failed(BuildsetSubmitted buildset, String builder) {
        for (Canceller canceller : candidate.cancellers()) {
            if (canceller instanceof FailingBuildsetCanceller failing && failing.heeds(builder)) {
                for (Long id : failing.notWorthABuild(buildset, builder)) {
                    SupposedRequest other = open.get(id);
                    if (other != null) {
                        cancel(other);
                    }
                }
            }
        }
    }

    void ended(SupposedRequest request) {
        open.remove(request.id());
    }
}
