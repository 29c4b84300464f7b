package io.buildledger.scheduler.explaining;

import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The time during which a scheduler had a name. What it did then is on that name's stream; what the
 * stream says before and afterwards is of another time, and perhaps of another scheduler.
 *
 * @param after the place on the stream after which that begins
 * @param upTo the place at which it ends; that of no event where it has not ended
 */
record Tenure(String name, long after, long upTo) {

    /** More of them are not looked for. */
    static final int MOST = 50;

    /** Events of a name that are looked through for where it begins, the newest ones. */
    private static final int LONGEST = 50_000;

    /**
     * The newest of a name, and those before it, under whatever name, of the same scheduler; newest
     * first, and without what was before a number in the whole log.
     */
    static List<Tenure> since(EventLog log, String scheduler, long index) {
        List<Tenure> tenures = new ArrayList<>();
        String name = scheduler;
        long upTo = Long.MAX_VALUE;
        while (tenures.size() < MOST) {
            String stream = Streams.scheduler(name);
            long last = Math.min(upTo, log.lastSequence(stream).orElse(-1));
            long before = log.sequenceBefore(stream, index);
            long newest = Math.max(before, last - LONGEST);
            Optional<Recorded> beginning =
                    log.findLast(stream, SchedulerRenamed.class, newest, upTo);
            tenures.add(new Tenure(name, beginning.map(Recorded::sequence).orElse(before), upTo));
            if (beginning.isEmpty()
                    || !(beginning.get().event() instanceof SchedulerRenamed renamed)) {
                break;
            }
            name = renamed.from();
            upTo = renamed.upTo();
        }
        return tenures;
    }
}
