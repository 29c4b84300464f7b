package io.buildledger.domain.building;

import org.jspecify.annotations.Nullable;

/**
 * What happens inside a build; the stream is {@code build/BUILDER/NUMBER}. Log text is never an
 * event.
 */
public sealed interface BuildEvent {

    String builder();

    long buildNumber();

    /**
     * @param step number of the step within its build, from 1
     */
    record StepStarted(String builder, long buildNumber, int step, String name)
            implements BuildEvent {}

    /**
     * @param exitCode of the step's command, or null where it ran none or was killed
     * @param summary one line for people
     */
    record StepFinished(
            String builder,
            long buildNumber,
            int step,
            Results results,
            @Nullable Integer exitCode,
            String summary)
            implements BuildEvent {}

    /**
     * The master has stopped the build and thrown away what it did, because the claim was over or
     * the master is. Nothing follows on the stream.
     *
     * @param results what the build had come to, or null if it was stopped before its end
     * @param reason why it does not count, for people
     */
    record BuildDropped(String builder, long buildNumber, @Nullable Results results, String reason)
            implements BuildEvent {}
}
