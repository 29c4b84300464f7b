package io.buildledger.stepping;

import java.io.IOException;
import java.util.List;

/** One run of a step, as the step sees it. */
public interface StepRun {

    /** The step's name in this build. */
    String name();

    CurrentBuild build();

    /** Where the build runs. */
    Worker worker();

    /** A command with what the step's keys say of its environment, directory and limits. */
    Invocation invocation(List<String> words);

    /** Adds lines of the master's own to the step's log. */
    void note(String text);

    /** Runs a command with what the step's keys say. */
    default Ending command(List<String> words) throws IOException, StepAbortedException {
        return worker().run(invocation(words), OutputTap.NONE);
    }

    /**
     * What a command's end makes of the step, by {@code decode_rc} where it has ended by itself.
     */
    StepEnd endOf(Ending ending);
}
