package io.buildledger.stepping;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Asks schedulers for other builds, in the name of the build that the step belongs to. What is
 * asked is in the log once, whatever becomes of this master; a build that is tried again asks
 * again.
 */
public interface Triggers {

    /**
     * What one scheduler is asked for.
     *
     * @param scheduler its name, or one that it had
     * @param sourceStamps at most one of a codebase; what they leave open, the scheduler fills in
     * @param properties of the builds: what JSON can hold
     * @param waitedFor whether the step waits for these builds. Such are cancelled when the step's
     *     build comes to nothing, and are never collapsed
     * @param relationship what they are to the step's build, for people
     */
    record Trigger(
            String scheduler,
            List<SourceStamp> sourceStamps,
            Map<String, Object> properties,
            boolean waitedFor,
            String relationship) {

        public Trigger {
            sourceStamps = List.copyOf(sourceStamps);
            properties = Map.copyOf(properties);
        }
    }

    /** What a scheduler has made of a trigger. */
    sealed interface Answer {

        /**
         * The builds that were asked for.
         *
         * @param requestIds the request of each builder
         */
        record Submitted(long buildsetId, Map<String, Long> requestIds) implements Answer {}

        /** They will be asked for when the scheduler's time has come; nobody can wait for them. */
        record Kept() implements Answer {}

        /** There will be none. */
        record Refused(String reason) implements Answer {}
    }

    /**
     * Asks schedulers, all at once, and waits for what they decide, for as long as the step's
     * {@code timeout} says.
     *
     * @return an answer for each trigger, in their order
     * @throws StepAbortedException if the build is interrupted; to end the step as EXCEPTION if
     *     there is no such scheduler or it can't be triggered, in which case none was asked, and if
     *     no master has come to what was asked in time, which it yet may
     * @throws IOException if the build is not this master's any more
     */
    List<Answer> ask(List<Trigger> triggers) throws IOException, StepAbortedException;

    /**
     * Waits until all builds of a buildset have ended, however long that takes.
     *
     * @return the worst of their results
     * @throws StepAbortedException if the build is interrupted
     */
    Results await(long buildsetId) throws StepAbortedException;
}
