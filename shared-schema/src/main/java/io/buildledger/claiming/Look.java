package io.buildledger.claiming;

import io.buildledger.claiming.BuildRequestQueue.Offer;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.domain.requesting.BuildRequestEvent.Choice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a master saw on offer, in the order of claims, and what it takes of it: the first for which
 * it has a worker, whatever their builders.
 */
record Look(List<Offer> seen) {

    /**
     * An offer that was taken, and who will build it.
     *
     * @param locks that were kept for it
     */
    record Assigned(Offer offer, String worker, List<LockUse> locks) {}

    /** How many of each builder are to be taken. */
    Map<String, Integer> counts(FreeWorkers workers) {
        FreeWorkers tried = workers.copy();
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Offer offer : seen) {
            if (tried.assign(offer.builder()).isPresent()) {
                counts.merge(offer.builder(), 1, Integer::sum);
            }
        }
        return counts;
    }

    /**
     * Gives what could be taken to workers. Where other masters were at it these are not the offers
     * that were seen, but later ones of the same builders. What has to wait for a lock on every
     * worker that could take it is left on offer.
     */
    static List<Assigned> assign(List<Offer> taken, FreeWorkers workers, LockTurns turns) {
        FreeWorkers left = workers.copy();
        List<Assigned> assigned = new ArrayList<>();
        for (Offer offer : taken) {
            List<String> candidates = left.candidates(offer.builder());
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
