package io.buildledger.claiming;

import io.buildledger.claiming.BuildRequestQueue.Offer;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Offers that this program does not understand, as far as it has met them: later looks go past
 * them, so that they hold up nobody. One that is not there any more is forgotten.
 */
final class Unclaimable {

    private final Map<String, Set<Long>> ofBuilders = new ConcurrentHashMap<>();

    void add(Offer offer) {
        ofBuilders
                .computeIfAbsent(offer.builder(), _ -> ConcurrentHashMap.newKeySet())
                .add(offer.requestId());
    }

    int count(String builder) {
        return ofBuilders.getOrDefault(builder, Set.of()).size();
    }

    /** Builders that have some. */
    Set<String> builders() {
        return Set.copyOf(ofBuilders.keySet());
    }

    /**
     * The others of what was seen.
     *
     * @param builders all of which was looked at from the first on, past those that are known
     */
    List<Offer> without(List<Offer> seen, Collection<String> builders) {
        if (ofBuilders.isEmpty()) {
            return seen;
        }
        Set<Long> there = seen.stream().map(Offer::requestId).collect(Collectors.toSet());
        Set<Long> known = new HashSet<>();
        for (String builder : builders) {
            Set<Long> some = ofBuilders.getOrDefault(builder, Set.of());
            known.addAll(some);
            if (!some.isEmpty()) {
                some.retainAll(there);
            }
            ofBuilders.computeIfPresent(builder, (_, left) -> left.isEmpty() ? null : left);
        }
        return seen.stream().filter(offer -> !known.contains(offer.requestId())).toList();
    }
}
