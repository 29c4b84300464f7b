package io.buildledger.stepping;

import io.buildledger.domain.requesting.Property;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** One run of a step, as the step sees it. */
public interface StepRun {

    /** The step's name in this build. */
    String name();

    CurrentBuild build();

    /** Where the build runs. */
    Worker worker();

    /** A command with what the step's keys say of its environment, directory and limits. */
    Invocation invocation(List<String> words);

    /** What the build knows by name now, with who said so. */
    Map<String, Property> properties();

    /**
     * Gives the build a property, for the steps that follow and for people; whoever reads the log
     * finds it.
     *
     * @param value what JSON can hold: a text, a number, a boolean, or lists and maps of these
     */
    void setProperty(String name, Object value);

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
