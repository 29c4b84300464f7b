package io.buildledger.claiming;

import io.buildledger.claiming.BuildRequestQueue.Offer;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.domain.requesting.BuildRequestEvent.Choice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a master saw on offer, and what it takes of it: the first for which it has a worker,
 * whatever their builders.
 *
 * @param seen in the order in which they are taken: that of claims, unless a builder's policy has
 *     another for its own
 * @param byNumber builders of which those are taken that were seen, and no others in their place
 */
record Look(List<Offer> seen, Set<String> byNumber, Suits suits) {

    /** Whether a worker may build an offer. */
    interface Suits {
        boolean test(Offer offer, String worker);
    }

    /**
     * What is to be taken.
     *
     * @param counts how many of each builder
     * @param numbers of those that are taken by number
     */
    record Picks(Map<String, Integer> counts, List<Long> numbers) {}

    /** Of builders that take what comes in the order of claims. */
    Look(List<Offer> seen) {
        this(seen, Set.of(), (_, _) -> true);
    }

    /**
     * An offer that was taken, and who will build it.
     *
     * @param locks that were kept for it
     */
    record Assigned(Offer offer, String worker, List<LockUse> locks) {}

    Picks picks(FreeWorkers workers) {
        FreeWorkers tried = workers.copy();
        Map<String, Integer> counts = new LinkedHashMap<>();
        List<Long> numbers = new ArrayList<>();
        for (Offer offer : seen) {
            Optional<String> worker = first(tried, offer);
            worker.ifPresent(name -> {
                tried.assign(offer.builder(), name);
                if (byNumber.contains(offer.builder())) {
                    numbers.add(offer.requestId());
                } else {
                    counts.merge(offer.builder(), 1, Integer::sum);
                }
            });
        }
        return new Picks(counts, numbers);
    }

    /** Those of the workers that would take something. */
    Set<String> takers(FreeWorkers workers) {
        FreeWorkers tried = workers.copy();
        Set<String> takers = new HashSet<>();
        for (Offer offer : seen) {
            first(tried, offer)
                    .ifPresent(worker -> {
                        tried.assign(offer.builder(), worker);
                        takers.add(worker);
                    });
        }
        return takers;
    }

    private Optional<String> first(FreeWorkers workers, Offer offer) {
        return workers.candidates(offer.builder()).stream()
                .filter(worker -> suits.test(offer, worker))
                .findFirst();
    }

    /**
     * Those that were taken, in the order of claims; where a builder has another, in the order in
     * which they were seen, and behind them the unseen ones.
     */
    List<Offer> inOrder(List<Offer> taken) {
        if (byNumber.isEmpty()) {
            return taken.stream().sorted(Offer.ORDER).toList();
        }
        Map<Long, Integer> places = new HashMap<>();
        for (int i = 0; i < seen.size(); i++) {
            places.put(seen.get(i).requestId(), i);
        }
        return taken.stream()
                .sorted(
                        Comparator.comparing((Offer offer) ->
                                        places.getOrDefault(offer.requestId(), Integer.MAX_VALUE))
                                .thenComparing(Offer.ORDER))
                .toList();
    }

    /**
     * Gives what could be taken to workers. Where other masters were at it these are not the offers
     * that were seen, but later ones of the same builders. What has to wait for a lock on every
     * worker that could take it is left on offer.
     */
    List<Assigned> assign(List<Offer> taken, FreeWorkers workers, LockTurns turns) {
        FreeWorkers left = workers.copy();
        List<Assigned> assigned = new ArrayList<>();
        for (Offer offer : taken) {
            List<String> candidates =
                    left.candidates(offer.builder()).stream()
                            .filter(worker -> suits.test(offer, worker))
                            .toList();
            Optional<Assigned> first =
                    candidates.stream()
                            .flatMap(worker ->
                                    turns.take(offer.builder(), worker).stream()
                                            .map(locks -> new Assigned(offer, worker, locks)))
                            .findFirst();
            first.ifPresentOrElse(
                    won -> {
                        left.assign(offer.builder(), won.worker());
                        assigned.add(won);
                    },
                    () -> turns.await(offer.builder(), candidates));
        }
        return assigned;
    }

    /**
     * What each of those that were taken was chosen from, by its number: the offers as they were
     * seen, and those that were taken unseen.
     */
    Map<Long, Choice> choices(List<Offer> taken) {
        Set<Long> takenIds = new HashSet<>();
        taken.forEach(offer -> takenIds.add(offer.requestId()));
        Map<Long, Offer> known = new HashMap<>();
        Stream.concat(seen.stream(), taken.stream())
                .forEach(offer -> known.putIfAbsent(offer.requestId(), offer));
        List<Offer> all = known.values().stream().sorted(Offer.ORDER).toList();
        Map<Long, Choice> choices = new HashMap<>();
        Long next = null;
        for (int i = all.size() - 1; i >= 0; i--) {
            long id = all.get(i).requestId();
            if (takenIds.contains(id)) {
                choices.put(id, new Choice(i + 1, all.size(), next));
            } else {
                next = id;
            }
        }
        return choices;
    }
}
