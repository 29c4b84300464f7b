package io.buildledger.scheduler.supposing;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration would have made of a recorded time. The same log, time, configuration and
 * workers give the same answer.
 *
 * @param since when the time began, which is looked at; the event at that moment is before it
 * @param until when it ended
 * @param lastEvent index of the last event that counts
 * @param changes how many came in that time
 * @param schedulers those of the configuration, in its order, and after them those of the log that
 *     it does not have, by name
 * @param builders all that were or would have been asked, by name
 * @param workers those that are supposed, as the configuration calls them
 * @param recorded how it was
 * @param supposed how it would have been
 * @param wouldMake in the order in which they would have been made
 * @param wouldNotMake those that were made and would not have been, in the order of the log
 * @param assumptions what had to be assumed in this case, in words
 */
public record Answer(
        Instant since,
        Instant until,
        long lastEvent,
        long changes,
        List<OfScheduler> schedulers,
        List<OfBuilder> builders,
        List<OfWorker> workers,
        Sum recorded,
        Sum supposed,
        List<Supposed> wouldMake,
        List<Unmade> wouldNotMake,
        List<String> assumptions) {

    /**
     * A scheduler's buildsets.
     *
     * @param type null if the configuration does not have it
     * @param made how many were made
     * @param wouldMake how many would have been made
     * @param same how many of these are the same, for the same builders
     * @param otherBuilders how many are the same, but for other builders
     * @param additional how many were not made
     * @param missing how many were made and would not have been
     */
    public record OfScheduler(
            String name,
            @Nullable String type,
            long made,
            long wouldMake,
            long same,
            long otherBuilders,
            long additional,
            long missing) {}

    /**
     * A builder's requests, with the same words.
     *
     * @param buildMillis how long a build takes of which nothing is recorded
     * @param buildsRecorded of how many builds that is the median; 0 if it is that of all builders
     * @param collapsed how many of those that would have been made would have been left out for
     *     later ones
     * @param cancelled how many a canceller of the configuration would have ended
     */
    public record OfBuilder(
            String name,
            long made,
            long wouldMake,
            long same,
            long additional,
            long missing,
            long buildMillis,
            long buildsRecorded,
            long collapsed,
            long cancelled,
            Sum recorded,
            Sum supposed) {}

    /**
     * What requests came to.
     *
     * @param begun how many builds were begun
     * @param workerMillis for how long they had a worker
     * @param waits how long they waited for it; null if none was begun
     * @param unbegun how many requests nobody took
     */
    public record Sum(long begun, long workerMillis, @Nullable Waits waits, long unbegun) {}

    /**
     * @param median half of them waited no longer, in milliseconds
     * @param most 95 % of them waited no longer
     */
    public record Waits(long median, long most, long longest) {

        static @Nullable Waits of(Collection<Long> millis) {
            if (millis.isEmpty()) {
                return null;
            }
            Quantiles of = Quantiles.of(millis);
            return new Waits(of.median(), of.most(), of.largest());
        }
    }

    /**
     * @param count how many there are supposed to be
     * @param builds how many they would have begun
     * @param busyMillis for how long they would have been busy, all together
     */
    public record OfWorker(String name, int count, long builds, long busyMillis) {}

    /**
     * A buildset that would have been made.
     *
     * @param buildset number of the recorded one that is the same, or null
     * @param additionalBuilders those that it would have been made for and was not; all of them if
     *     there is none that is the same
     * @param missingBuilders those that the recorded one was made for and it would not have been
     */
    public record Supposed(
            String scheduler,
            Instant at,
            List<Long> changes,
            List<String> builders,
            @Nullable Long buildset,
            List<String> additionalBuilders,
            List<String> missingBuilders) {

        /** Whether it was made as it would have been made. */
        public boolean isSame() {
            return buildset != null && additionalBuilders.isEmpty() && missingBuilders.isEmpty();
        }
    }

    /**
     * A buildset that was made and would not have been.
     *
     * @param scheduler as the log calls it
     * @param buildset its number
     */
    public record Unmade(
            String scheduler,
            Instant at,
            List<Long> changes,
            List<String> builders,
            long buildset) {}

    /** Whether all would have been made that was, and nothing else. */
    public boolean isSame() {
        return wouldNotMake.isEmpty() && wouldMake.stream().allMatch(Supposed::isSame);
    }
}
