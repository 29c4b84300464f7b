package io.buildledger.substantiating;

import io.buildledger.stepping.StepProblems;
import java.io.IOException;

/**
 * A way to start a worker and to stop it again: a record with the annotation {@link LatentType},
 * whose components are the keys below its name. A component that is {@code Nullable}, or that the
 * record's constructor gives a value where it gets null, may be left out of a file. Texts are not
 * interpolated.
 *
 * <p>One builder master of the cluster at a time calls {@link #start} or {@link #stop} for a
 * worker, on a thread of its own. It keeps nothing between calls: another master, or another life
 * of the same one, may be the next to call.
 */
public interface LatentWorker {

    /**
     * Tells what is wrong with it as it stands in the file. What a key's type rules out was told
     * already; keys without a value are null here, whatever the component says.
     */
    default void check(StepProblems problems) {}

    /**
     * Starts the worker, and returns when that is under way; it need not have attached by then. It
     * has the worker's {@code start_timeout} for it.
     *
     * @throws IOException if it can't be started, with a message for people
     */
    void start(LatentRun run) throws IOException;

    /**
     * Stops whatever {@link #start} has started for a worker of this name, wherever and however far
     * it came; that there is nothing to stop is as good. Called before each start, too.
     *
     * @throws IOException if something may still run, with a message for people
     */
    void stop(LatentRun run) throws IOException;
}
