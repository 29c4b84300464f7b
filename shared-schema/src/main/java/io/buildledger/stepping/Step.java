package io.buildledger.stepping;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A step of a build: a record with the annotation {@link StepType}, whose components are the keys
 * that only this type has. A component that is {@code Nullable}, or that the record's constructor
 * gives a value where it gets null, may be left out of a file. The keys of {@link StepArguments}
 * belong to every step.
 *
 * <p>Texts among the components, also those in lists and maps, are interpolated when the step
 * starts: {@link #run} sees what {@code %(prop:name)s} stood for. A step is run at any number of
 * builds at once, so it keeps nothing between runs.
 */
public interface Step {

    /** The name of a step to which the file gives none; by default that of the type. */
    default @Nullable String defaultName() {
        return null;
    }

    /**
     * The schedulers that it asks for builds, as the file names them below {@code scheduler_names}.
     * Each must be one that can be triggered, which is checked where the file says.
     */
    default List<String> schedulerNames() {
        return List.of();
    }

    /**
     * Tells what is wrong with the step as it stands in the file, before anything is interpolated.
     * What a key's type rules out was told already; keys without a value are null here, whatever
     * the component says.
     */
    default void check(StepProblems problems) {}

    /**
     * Does the work, on the build's thread. It waits only by what {@code run} offers, which ends
     * when the build is interrupted.
     *
     * @throws IOException if something went wrong that is no result: the step ends as EXCEPTION
     * @throws StepAbortedException to end the step with what it carries
     */
    StepEnd run(StepRun run) throws IOException, StepAbortedException;
}
