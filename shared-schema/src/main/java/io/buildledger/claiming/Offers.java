package io.buildledger.claiming;

import io.buildledger.claiming.BuildRequestQueue.Glance;
import io.buildledger.claiming.BuildRequestQueue.Offer;
import io.buildledger.claiming.Look.Picks;
import io.buildledger.claiming.Look.Suits;
import io.buildledger.domain.choosing.NextBuild;
import io.buildledger.domain.choosing.WaitingBuild;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.Author;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What is on offer for a master, by the policies of its builders. A look is one statement; one more
 * where a policy asks what requests are for.
 *
 * <p>A builder's policy orders its own offers only. Between builders the order of claims decides,
 * between the offers that each of them would take next.
 *
 * <p>Of a builder with a condition it looks at {@link #WINDOW} offers at once. Where none of them
 * can be built now, the next look is at those behind them, and after the last again at the first;
 * so they hold up the others for as many looks, and for good they hold up nobody.
 */
final class Offers {

    /** How many are looked at of a builder whose policy asks what requests are for. */
    static final int WINDOW = 100;

    /**
     * What a look has shown.
     *
     * @param exhausted builders of which nothing is on offer
     * @param unsuitable builders of which something is on offer, and nothing that a worker that was
     *     free may build
     */
    record Shown(Look look, Set<String> exhausted, Set<String> unsuitable) {}

    /**
     * What was locked.
     *
     * @param offers in the order in which they are assigned
     * @param lost how many more it wanted, which others had
     */
    record Taken(List<Offer> offers, int lost) {}

    private record Seat(String master, String builder) {}

    private record Head(Offer offer, Iterator<Offer> rest) {}

    private final BuildRequestQueue queue;
    private final Function<List<Offer>, Map<Long, BuildsetSubmitted>> buildsetsOf;
    private final Unclaimable unclaimable;

    /** The last of those that can't be built now, behind which the next look begins. */
    private final Map<Seat, Offer> passedOver = new ConcurrentHashMap<>();

    /**
     * @param buildsetsOf the buildsets of offers by their numbers, as far as this program can read
     *     them
     * @param unclaimable what is not to be seen
     */
    Offers(
            BuildRequestQueue queue,
            Function<List<Offer>, Map<Long, BuildsetSubmitted>> buildsetsOf,
            Unclaimable unclaimable) {
        this.queue = queue;
        this.buildsetsOf = buildsetsOf;
        this.unclaimable = unclaimable;
    }

    /** Has later looks go past an offer. */
    void passOver(Offer offer) {
        unclaimable.add(offer);
    }

    /** Looks without locking anything, so that some may be another master's already. */
    Shown look(Author author, Map<String, ClaimTerms> terms, FreeWorkers workers) {
        Map<String, OfferPolicy> choosy = new LinkedHashMap<>();
        Map<String, Glance> glances = new LinkedHashMap<>();
        workers.ofBuilders()
                .forEach((builder, free) -> {
                    ClaimTerms ofBuilder = terms.get(builder);
                    // One more than can be claimed shows what comes next.
                    int limit = free + 1 + unclaimable.count(builder);
                    Glance first = new Glance(builder, limit, NextBuild.IN_ORDER, null);
                    if (ofBuilder != null && !ofBuilder.policy().isInOrder()) {
                        choosy.put(builder, ofBuilder.policy());
                        first = glance(author, first, ofBuilder.policy());
                    }
                    glances.put(builder, first);
                });
        Set<String> passedBy = unclaimable.builders();
        List<Offer> seen = unclaimable.without(queue.look(glances.values()), glances.keySet());
        Map<String, List<Offer>> ofBuilders =
                seen.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Offer::builder, LinkedHashMap::new, Collectors.toList()));
        Set<String> exhausted = new HashSet<>(glances.keySet());
        exhausted.removeAll(ofBuilders.keySet());
        // What is behind those that were passed over says nothing of these.
        exhausted.removeIf(builder -> passedOver.remove(seat(author, builder)) != null);
        if (choosy.isEmpty()) {
            return new Shown(new Look(seen, passedBy, (_, _) -> true), exhausted, Set.of());
        }
        choosy.keySet().retainAll(ofBuilders.keySet());
        Map<Long, BuildsetSubmitted> buildsets = buildsets(seen, choosy);
        Suits suits = (offer, worker) -> suits(choosy, buildsets, offer, worker);
        Set<String> unsuitable = new HashSet<>();
        choosy.forEach((builder, policy) -> {
            List<Offer> offers = ofBuilders.getOrDefault(builder, List.of());
            Seat seat = seat(author, builder);
            if (areSuited(offers, workers.candidates(builder), suits)) {
                passedOver.remove(seat);
            } else if (passesOver(seat, offers, policy)) {
                unsuitable.add(builder);
            }
            ofBuilders.put(builder, ordered(offers, policy, buildsets));
        });
        Set<String> byNumber = new HashSet<>(choosy.keySet());
        byNumber.addAll(passedBy);
        return new Shown(
                new Look(merged(ofBuilders.values()), byNumber, suits), exhausted, unsuitable);
    }

    private static Seat seat(Author author, String builder) {
        return new Seat(author.master(), builder);
    }

    private Glance glance(Author author, Glance first, OfferPolicy policy) {
        return new Glance(
                first.builder(),
                policy.asksForBuildset() ? Math.max(WINDOW, first.limit()) : first.limit(),
                policy.next(),
                passedOver.get(seat(author, first.builder())));
    }

    private Map<Long, BuildsetSubmitted> buildsets(
            List<Offer> seen, Map<String, OfferPolicy> choosy) {
        List<Offer> asked =
                seen.stream()
                        .filter(offer -> {
                            OfferPolicy policy = choosy.get(offer.builder());
                            return policy != null && policy.asksForBuildset();
                        })
                        .toList();
        return asked.isEmpty() ? Map.of() : buildsetsOf.apply(asked);
    }

    private static boolean suits(
            Map<String, OfferPolicy> choosy,
            Map<Long, BuildsetSubmitted> buildsets,
            Offer offer,
            String worker) {
        OfferPolicy policy = choosy.get(offer.builder());
        BuildsetSubmitted buildset = buildsets.get(offer.buildsetId());
        // What can't be read is for the claim to find out.
        return policy == null
                || buildset == null
                || !policy.hasCondition()
                || policy.mayStart(buildset, worker);
    }

    private static boolean areSuited(List<Offer> offers, List<String> workers, Suits suits) {
        return offers.stream()
                .anyMatch(offer -> workers.stream().anyMatch(worker -> suits.test(offer, worker)));
    }

    /**
     * Goes on behind offers that can't be built now.
     *
     * @return whether these were all that there are, so that there is no sense in another look
     */
    private boolean passesOver(Seat seat, List<Offer> offers, OfferPolicy policy) {
        boolean beganWithTheFirst = !passedOver.containsKey(seat);
        boolean mayBeMore =
                offers.size() >= WINDOW
                        // The first look is at those of one priority.
                        || (policy.next() == NextBuild.NEWEST_FIRST && beganWithTheFirst);
        if (mayBeMore) {
            passedOver.put(seat, ordered(offers, policy.next()).getLast());
        } else {
            passedOver.remove(seat);
        }
        return !mayBeMore && beganWithTheFirst;
    }

    private static List<Offer> ordered(List<Offer> offers, NextBuild next) {
        return ordered(offers, next, _ -> false);
    }

    private static List<Offer> ordered(
            List<Offer> offers, OfferPolicy policy, Map<Long, BuildsetSubmitted> buildsets) {
        return ordered(
                offers,
                policy.next(),
                offer -> {
                    BuildsetSubmitted buildset = buildsets.get(offer.buildsetId());
                    return buildset != null && policy.hasPreference() && policy.prefers(buildset);
                });
    }

    private static List<Offer> ordered(
            List<Offer> offers, NextBuild next, Function<Offer, Boolean> isPreferred) {
        Map<Long, WaitingBuild> builds =
                offers.stream()
                        .collect(
                                Collectors.toMap(
                                        Offer::requestId,
                                        offer ->
                                                new WaitingBuild(
                                                        offer.requestId(),
                                                        offer.priority(),
                                                        offer.submittedAt(),
                                                        isPreferred.apply(offer))));
        return offers.stream()
                .sorted(
                        Comparator.comparing(
                                (Offer offer) -> builds.get(offer.requestId()), next.order()))
                .toList();
    }

    /** Each builder's in its own order; of what is the next of each, the first of all. */
    private static List<Offer> merged(Collection<List<Offer>> ofBuilders) {
        PriorityQueue<Head> heads =
                new PriorityQueue<>(Comparator.comparing(Head::offer, Offer.ORDER));
        ofBuilders.forEach(offers -> add(heads, offers.iterator()));
        List<Offer> merged = new ArrayList<>();
        while (!heads.isEmpty()) {
            Head first = heads.remove();
            merged.add(first.offer());
            add(heads, first.rest());
        }
        return merged;
    }

    private static void add(PriorityQueue<Head> heads, Iterator<Offer> offers) {
        if (offers.hasNext()) {
            heads.add(new Head(offers.next(), offers));
        }
    }

    /** Locks what is to be claimed, as far as nobody else has it meanwhile. */
    Taken take(Look look, FreeWorkers workers) {
        Picks picks = look.picks(workers);
        List<Offer> taken = new ArrayList<>(queue.take(picks.counts()));
        taken.addAll(queue.take(picks.numbers()));
        int wanted =
                picks.numbers().size()
                        + picks.counts().values().stream().mapToInt(Integer::intValue).sum();
        return new Taken(look.inOrder(taken), Math.max(0, wanted - taken.size()));
    }
}
