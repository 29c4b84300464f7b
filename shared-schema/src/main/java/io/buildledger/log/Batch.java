package io.buildledger.log;

import io.buildledger.log.EventTable.Read;
import java.util.ArrayList;
import java.util.List;

/**
 * What one transaction reads.
 *
 * @param events at least one, whether or not they concern anybody
 */
record Batch(List<Read> events, List<Offer> offers) {

    /**
     * How often one transaction hands an event to a reader, but for a single event that concerns
     * more: it must end soon, with whatever all of them make of it.
     */
    static final int MOST_READINGS = 200;

    /** An event, and whom it concerns who has not read it. */
    record Offer(Read event, List<Place> to) {

        static Offer of(Read event, List<Place> group) {
            return new Offer(
                    event,
                    group.stream()
                            .filter(place -> !place.hasRead(event.index()))
                            .filter(place -> place.reader.concerns(event.recorded().event()))
                            .toList());
        }
    }

    static Batch of(List<Read> events, List<Place> group) {
        List<Offer> offers = new ArrayList<>();
        int readings = 0;
        for (int i = 0; i < events.size(); i++) {
            Offer offer = Offer.of(events.get(i), group);
            readings += offer.to().size();
            if (readings > MOST_READINGS && !offers.isEmpty()) {
                return new Batch(events.subList(0, i), offers);
            }
            if (!offer.to().isEmpty()) {
                offers.add(offer);
            }
        }
        return new Batch(events, offers);
    }

    Read last() {
        return events.getLast();
    }
}
