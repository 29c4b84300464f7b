package io.buildledger.scheduler.supposing;

import java.time.Instant;
import java.util.List;

/**
 * What a buildset was made for. Two of the same scheduler that were made for the same are taken for
 * the same buildset, one recorded and one supposed; of several, the first for the first.
 */
sealed interface Occasion {

    /** Its blamelist, oldest first, whatever else led to it. */
    record OfChanges(List<Long> changeIds) implements Occasion {
        public OfChanges {
            changeIds = List.copyOf(changeIds);
        }
    }

    /**
     * A timer, where nothing had changed.
     *
     * @param due when it was to elapse, which may be sooner than it did
     */
    record AtMoment(Instant due) implements Occasion {}

    /**
     * The end of another buildset that was made for no changes.
     *
     * @param scheduler whose buildset it was
     */
    record After(String scheduler, Occasion upstream) implements Occasion {}

    /** Any other event of the log, such as what somebody asked for, by its id. */
    record Because(String event) implements Occasion {}
}
