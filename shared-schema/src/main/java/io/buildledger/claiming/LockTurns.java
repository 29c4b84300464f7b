package io.buildledger.claiming;

import io.buildledger.claiming.BuildRequestQueue.Offer;
import io.buildledger.claiming.Look.Assigned;
import io.buildledger.domain.attaching.WorkerName;
import io.buildledger.domain.locking.LockDemand;
import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.locking.Holder;
import io.buildledger.locking.LockLines;
import io.buildledger.locking.Locks;
import io.buildledger.log.Author;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which of the offers that a claim has taken may have their builders' locks. A builder that has to
 * wait keeps its place in the lines of its locks, whatever request of it will be the first.
 *
 * <p>It takes its places in one order: locks of the cluster by their names, then those of workers.
 * Where another builder is expected before it, for which it may have to wait, it takes none in the
 * lines behind that one. So of builders that wait for each other's places there is never a circle:
 * each has the places up to the one in which it waits. And of workers it keeps no lock as long as
 * one of the cluster is what it waits for; of nothing, as long as it has as many builds as it may.
 */
final class LockTurns {

    /** So many workers more than it has offers a builder with locks of workers is tried on. */
    private static final int SPARE_WORKERS = 20;

    /** Where no builder needs a lock. */
    static final LockTurns FREE = new LockTurns(Map.of(), Map.of(), worker -> worker, null);

    private final Map<String, List<LockDemand>> demands;

    /** Of builders with locks of workers, those on which they are tried. */
    private final Map<String, Set<String>> tried;

    private final UnaryOperator<String> inCluster;
    private final @Nullable LockLines lines;

    /** On which workers each builder waits of which something was left on offer. */
    private final Map<String, Set<String>> waiting = new LinkedHashMap<>();

    private LockTurns(
            Map<String, List<LockDemand>> demands,
            Map<String, Set<String>> tried,
            UnaryOperator<String> inCluster,
            @Nullable LockLines lines) {
        this.demands = demands;
        this.tried = tried;
        this.inCluster = inCluster;
        this.lines = lines;
    }

    /**
     * Holds the lines of the locks that the builders' builds would need, until the transaction that
     * runs has ended; without such, nothing is asked of the database. Of locks that each worker has
     * one of it holds no more than there is use for, first those that nobody else wants.
     *
     * @param look in which the offers were taken
     */
    static LockTurns of(
            Locks locks,
            Author author,
            Map<String, ClaimTerms> terms,
            Look look,
            List<Offer> taken,
            FreeWorkers workers) {
        Map<String, List<LockDemand>> demands = new LinkedHashMap<>();
        Map<String, List<Offer>> offers = new LinkedHashMap<>();
        for (Offer offer : taken) {
            ClaimTerms ofBuilder = terms.get(offer.builder());
            if (ofBuilder != null && !ofBuilder.locks().isEmpty()) {
                demands.put(offer.builder(), ofBuilder.locks());
                offers.computeIfAbsent(offer.builder(), _ -> new ArrayList<>()).add(offer);
            }
        }
        if (demands.isEmpty()) {
            return FREE;
        }
        UnaryOperator<String> inCluster =
                worker -> WorkerName.of(workers.attaches(worker), author.master(), worker);
        Map<String, Set<String>> tried = new HashMap<>();
        Set<String> names = new HashSet<>();
        demands.forEach((builder, ofBuilder) -> {
            List<Offer> ofThis = offers.getOrDefault(builder, List.of());
            List<String> candidates =
                    workers.candidates(builder).stream()
                            .filter(worker ->
                                    ofThis.stream()
                                            .anyMatch(offer -> look.suits().test(offer, worker)))
                            .toList();
            List<LockDemand> ofWorkers = ofBuilder.stream().filter(LockDemand::perWorker).toList();
            if (!ofWorkers.isEmpty()) {
                candidates =
                        first(
                                ofThis.size() + SPARE_WORKERS,
                                candidates,
                                worker -> names(worker, ofWorkers, inCluster),
                                wanted -> locks.wantedByOthers(builder, wanted));
                tried.put(builder, Set.copyOf(candidates));
            }
            candidates.forEach(worker -> names.addAll(names(worker, ofBuilder, inCluster)));
        });
        return new LockTurns(demands, tried, inCluster, names.isEmpty() ? null : locks.hold(names));
    }

    private static Set<String> names(
            String worker, List<LockDemand> demands, UnaryOperator<String> inCluster) {
        return demands.stream()
                .map(demand -> demand.on(worker, inCluster.apply(worker)).lock())
                .collect(Collectors.toSet());
    }

    /** The first of the candidates; where there are more, first those whose locks are free. */
    private static List<String> first(
            int most,
            List<String> candidates,
            Function<String, Set<String>> namesOn,
            UnaryOperator<Set<String>> wantedOf) {
        if (candidates.size() <= most) {
            return candidates;
        }
        Set<String> wanted =
                wantedOf.apply(
                        candidates.stream()
                                .flatMap(worker -> namesOn.apply(worker).stream())
                                .collect(Collectors.toSet()));
        return candidates.stream()
                .sorted(
                        Comparator.comparing(
                                worker -> !Collections.disjoint(namesOn.apply(worker), wanted)))
                .limit(most)
                .toList();
    }

    private boolean isTried(String builder, String worker) {
        Set<String> ofBuilder = tried.get(builder);
        return ofBuilder == null || ofBuilder.contains(worker);
    }

    /** Keeps the locks for a build on a worker; empty if it has to wait for one of them. */
    Optional<List<LockUse>> take(String builder, String worker) {
        List<LockUse> uses = on(worker, demands.getOrDefault(builder, List.of()), _ -> true);
        if (uses.isEmpty() || lines == null) {
            return Optional.of(uses);
        }
        return isTried(builder, worker) && lines.keep(builder, uses)
                ? Optional.of(uses)
                : Optional.empty();
    }

    /** Keeps the builder's place, for the first of these workers that it can have. */
    void await(String builder, Collection<String> workers) {
        List<LockDemand> ofBuilder = demands.get(builder);
        if (lines == null || workers.isEmpty() || ofBuilder == null) {
            return;
        }
        List<String> thoseTried =
                workers.stream().filter(worker -> isTried(builder, worker)).toList();
        if (thoseTried.isEmpty()) {
            // Others have got those. The next look tries the ones that are left.
            return;
        }
        Set<String> all = waiting.computeIfAbsent(builder, _ -> new LinkedHashSet<>());
        all.addAll(thoseTried);
        lines.expect(builder, expected(lines, builder, ofBuilder, all));
    }

    private List<LockUse> expected(
            LockLines lines, String builder, List<LockDemand> demands, Set<String> workers) {
        String any = workers.iterator().next();
        List<LockUse> ofItself = on(any, demands, LockDemand::isMaxBuilds);
        if (!admitAll(lines, builder, ofItself)) {
            return ofItself;
        }
        List<LockUse> ofCluster = on(any, demands, it -> !it.perWorker() && !it.isMaxBuilds());
        List<LockUse> expected =
                new ArrayList<>(upToTheOneInWhichItWaits(lines, builder, ofCluster));
        if (admitAll(lines, builder, ofCluster)) {
            for (String worker : workers) {
                expected.addAll(
                        upToTheOneInWhichItWaits(
                                lines, builder, on(worker, demands, LockDemand::perWorker)));
            }
        }
        return expected;
    }

    private List<LockUse> on(String worker, List<LockDemand> demands, Predicate<LockDemand> which) {
        return demands.stream()
                .filter(which)
                .map(demand -> demand.on(worker, inCluster.apply(worker)))
                .sorted(Comparator.comparing(LockUse::lock))
                .toList();
    }

    private static boolean admitAll(LockLines lines, String builder, List<LockUse> uses) {
        return uses.stream().allMatch(use -> lines.admits(builder, use));
    }

    private static List<LockUse> upToTheOneInWhichItWaits(
            LockLines lines, String builder, List<LockUse> uses) {
        List<LockUse> expected = new ArrayList<>();
        for (LockUse use : uses) {
            expected.add(use);
            if (lines.isBehindExpected(builder, use)) {
                break;
            }
        }
        return expected;
    }

    /** The builders of which something was left on offer for the sake of a lock. */
    Set<String> waiting() {
        return waiting.keySet();
    }

    /** Whether anything here is to be written. */
    boolean areAny() {
        return lines != null;
    }

    /** Gives what was kept to the builds. */
    void settle(Author author, List<Assigned> assigned, List<BuildRequestClaimed> claims) {
        if (lines == null) {
            return;
        }
        for (int i = 0; i < claims.size(); i++) {
            lines.hold(author, holder(claims.get(i)), assigned.get(i).locks());
        }
        List<LockGranted> _ = lines.settle(author);
    }

    static Holder holder(BuildRequestClaimed claim) {
        return new Holder(
                claim.builder(), claim.buildNumber(), claim.requestId(), claim.attempt(), null);
    }
}
