package io.buildledger.scheduler.supposing;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * When some scheduler master was up, as far as the log tells: from the start of its life to its end
 * or to when it was declared lost. A log that tells of none is taken to have had one all the time.
 */
final class UpTimes {

    private record Span(Instant from, Instant to) {}

    private final Map<String, Long> up = new TreeMap<>();
    private final List<Span> down = new ArrayList<>();
    private Instant downSince = Instant.MIN;
    private boolean isKnown;

    void started(String master, long epoch, Instant at) {
        if (up.isEmpty() && at.isAfter(downSince)) {
            down.add(new Span(downSince, at));
        }
        isKnown = true;
        up.put(master, epoch);
    }

    void ended(String master, long epoch, Instant at) {
        if (up.remove(master, epoch) && up.isEmpty()) {
            downSince = at;
        }
    }

    /**
     * The moment itself, or when the next master started, if none was up then. A moment after the
     * last master's end is itself, too.
     */
    Instant upAt(Instant moment) {
        int low = 0;
        int high = down.size();
        while (low < high) {
            int middle = (low + high) / 2;
            if (down.get(middle).to().isAfter(moment)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if (low < down.size() && !down.get(low).from().isAfter(moment)) {
            return down.get(low).to();
        }
        return moment;
    }

    /**
     * When somebody has been up for so long without a break since a moment; {@link Instant#MAX} if
     * nobody will have been who is not up now.
     */
    Instant upFor(Duration length, Instant since) {
        Instant up = upAt(since);
        for (Span span : down) {
            if (span.from().isAfter(up)) {
                if (!up.plus(length).isAfter(span.from())) {
                    return up.plus(length);
                }
                up = span.to();
            }
        }
        Instant end = up.plus(length);
        return end.isAfter(downForGood()) ? Instant.MAX : end;
    }

    /** When nobody was up any more; {@link Instant#MAX} if somebody is, or nobody ever was. */
    Instant downForGood() {
        return isKnown && up.isEmpty() ? downSince : Instant.MAX;
    }
}
