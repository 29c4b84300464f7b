package io.buildledger.log;

import io.buildledger.log.Follower.Reader;
import io.buildledger.log.Follower.Start;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.axonframework.eventhandling.GapAwareTrackingToken;
import org.jspecify.annotations.Nullable;

/**
 * A reader of a {@link Follower}, and how far it has read; only the follower's thread changes it.
 */
final class Place {

    private static final Duration LONGEST_REST = Duration.ofMinutes(1);

    final String name;
    final Reader reader;

    /** Null once there is a position of this name. */
    @Nullable Supplier<Start> start;

    /** Null while this master does not own it. */
    @Nullable GapAwareTrackingToken position;

    boolean isKept;

    /** Whether it reads alone, until it has been seen that it can. */
    boolean isSuspect;

    int failures;

    /** Since its last commit. */
    int passingFailures;

    long restsUntilNanos;

    /** Why its last batch came to nothing; null once one has been read. */
    @Nullable Throwable failure;

    Place(String name, Supplier<Start> start, Reader reader) {
        this.name = name;
        this.start = start;
        this.reader = reader;
    }

    boolean isResting(long now) {
        return failures > 0 && restsUntilNanos - now > 0;
    }

    /**
     * @param isShort whether the first time is nothing, as the next try may well succeed
     */
    void rest(boolean isShort) {
        Duration rest =
                isShort && failures == 0
                        ? Duration.ZERO
                        : Follower.FIRST_REST.multipliedBy(1L << Math.min(failures, 6));
        failures++;
        restsUntilNanos = System.nanoTime() + Math.min(rest.toNanos(), LONGEST_REST.toNanos());
    }

    GapAwareTrackingToken owned() {
        if (position == null) {
            throw new IllegalStateException(name + " is not this master's");
        }
        return position;
    }

    long index() {
        return owned().getIndex();
    }

    boolean hasRead(long index) {
        return index <= index() && !owned().getGaps().contains(index);
    }

    /** The position after a batch, of which it may have read the first before the others. */
    GapAwareTrackingToken after(Batch batch) {
        GapAwareTrackingToken last = batch.last().position();
        Set<Long> missing = new TreeSet<>(owned().getGaps());
        batch.events().forEach(event -> missing.remove(event.index()));
        if (last.getIndex() >= index()) {
            // Those that are too old to come have been left out there.
            missing.retainAll(last.getGaps());
            missing.addAll(last.getGaps().tailSet(index() + 1));
        }
        return GapAwareTrackingToken.newInstance(Math.max(index(), last.getIndex()), missing);
    }
}
