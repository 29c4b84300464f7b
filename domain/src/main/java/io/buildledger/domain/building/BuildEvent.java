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
     * A command of the step is about to run on the build's worker; it counts as running until the
     * next one of the build is told of, or the step has finished. Written before the worker is
     * told, so that whichever master the worker comes to next can end what was left running.
     *
     * @param commandId by which the worker knows it; no other command has it
     */
    record CommandStarted(
            String builder, long buildNumber, int step, String worker, String commandId)
            implements BuildEvent {}

    /**
     * The step has given the build a property, in place of one that it may have had.
     *
     * @param name of the property
     * @param value what JSON can hold: a text, a number, a boolean, or lists and maps of these
     */
    record PropertySet(String builder, long buildNumber, int step, String name, Object value)
            implements BuildEvent {}

    /**
     * The step has left a file behind, which can be read from now on; one that the build had left
     * at the same path is gone.
     *
     * @param artifact number within the build, from 1
     * @param path relative to the build's artifacts, with slashes
     * @param size in bytes
     * @param sha256 of the bytes, in hexadecimal digits
     * @param store {@code disk} or {@code database}
     * @param location where the store has it
     */
    record ArtifactStored(
            String builder,
            long buildNumber,
            int step,
            int artifact,
            String path,
            long size,
            String sha256,
            String store,
            String location)
            implements BuildEvent {}

    /**
     * The step has asked a scheduler for other builds, in the transaction in which it did.
     *
     * @param scheduler the name under which it was asked
     * @param command id of the event by which it was asked, which is the cause of what came of it
     * @param waitedFor whether the step waits for the end of these builds
     */
    record SchedulerAsked(
            String builder,
            long buildNumber,
            int step,
            String scheduler,
            String command,
            boolean waitedFor)
            implements BuildEvent {}

    /**
     * @param exitCode of the step's command, or null where it ran none or was killed
     * @param summary one line for people
     * @param hidden true where the step is left out of what people are shown of the build; null
     *     where it is not, and in a log that is older than this field
     */
    record StepFinished(
            String builder,
            long buildNumber,
            int step,
            Results results,
            @Nullable Integer exitCode,
            String summary,
            @Nullable Boolean hidden)
            implements BuildEvent {

        public StepFinished {
            hidden = Boolean.TRUE.equals(hidden) ? Boolean.TRUE : null;
        }
    }

    /**
     * The master has stopped the build and thrown away what it did, because the claim was over or
     * the master is, or because the build is to be tried again (RETRY). Nothing follows on the
     * stream.
     *
     * @param results what the build had come to, or null if it was stopped before its end
     * @param reason why it does not count, for people
     */
    record BuildDropped(String builder, long buildNumber, @Nullable Results results, String reason)
            implements BuildEvent {}
}
