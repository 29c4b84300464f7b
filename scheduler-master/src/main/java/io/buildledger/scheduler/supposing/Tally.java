package io.buildledger.scheduler.supposing;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts what becomes of the requests that would have been made. */
final class Tally {

    /** What becomes of a builder's requests. */
    static final class OfBuilder {
        private final List<Long> waits = new ArrayList<>();
        private long unrecorded;
        private long busyMillis;
        private long collapsed;
        private long cancelled;

        /** How long each waited that was begun, in milliseconds. */
        List<Long> waits() {
            return waits;
        }

        /** How many have no recorded build of the same. */
        long unrecorded() {
            return unrecorded;
        }

        long busyMillis() {
            return busyMillis;
        }

        long collapsed() {
            return collapsed;
        }

        /** By a canceller of the configuration. */
        long cancelled() {
            return cancelled;
        }
    }

    private final Map<String, OfBuilder> builders = new TreeMap<>();
    private final SortedMap<String, Long> leftOut = new TreeMap<>();
    private long followedUnrecorded;

    OfBuilder of(String builder) {
        return builders.computeIfAbsent(builder, _ -> new OfBuilder());
    }

    /**
     * @param build the recorded one that tells how it goes, or null
     */
    void made(String builder, @Nullable RecordedRequest build) {
        if (build == null) {
            of(builder).unrecorded++;
        }
    }

    void ended(SupposedRequest request, Instant at) {
        Instant startedAt = request.startedAt();
        if (startedAt != null && !request.isOld()) {
            OfBuilder builder = of(request.builder());
            builder.waits.add(
                    Duration.between(request.waiting().submittedAt(), startedAt).toMillis());
            builder.busyMillis += Duration.between(startedAt, at).toMillis();
        }
    }

    void collapsed(String builder) {
        of(builder).collapsed++;
    }

    void cancelled(String builder) {
        of(builder).cancelled++;
    }

    /** Something was asked of a scheduler that the configuration doesn't have. */
    void leftOut(String scheduler) {
        leftOut.merge(scheduler, 1L, Long::sum);
    }

    /** How often that was, by the scheduler's name. */
    SortedMap<String, Long> leftOut() {
        return leftOut;
    }

    /** So many buildsets follow on one of whose end nothing is recorded. */
    void followedUnrecorded(long count) {
        followedUnrecorded += count;
    }

    long followedUnrecorded() {
        return followedUnrecorded;
    }
}
