package io.buildledger.stepping;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.rendering.Condition;
import io.buildledger.domain.requesting.Property;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

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

    /** What conditions are judged by now, before the step has ended. */
    Condition.Facts facts();

    /**
     * Gives the build a property, for the steps that follow and for people; whoever reads the log
     * finds it.
     *
     * @param value what JSON can hold: a text, a number, a boolean, or lists and maps of these
     */
    void setProperty(String name, Object value);

    /** The files that the build leaves behind. */
    Artifacts artifacts();

    /** Asks schedulers for other builds. */
    Triggers triggers();

    /**
     * A file of the master's own, which a step only reads.
     *
     * @param path relative to the directory of the master's configuration file
     * @throws StepAbortedException if it leads out of that directory, or to no file
     */
    Path masterFile(String path) throws StepAbortedException;

    /** A path on the worker that a step's key gives relative to its {@code workdir}. */
    String inWorkdir(String path);

    /** Adds lines of the master's own to the step's log. */
    void note(String text);

    /**
     * Adds whole lines to another log of the step, which begins with the first of them.
     *
     * @param log its name, of at most 100 characters
     */
    void addToLog(String log, String text);

    /** Runs a command with what the step's keys say. */
    default Ending command(List<String> words) throws IOException, StepAbortedException {
        return worker().run(invocation(words), OutputTap.NONE);
    }

    /**
     * Runs a command like {@link Worker#run}, for who wants to see lines of its output. Each has
     * been given when this returns, a last one that has no end, too.
     */
    Ending command(Invocation invocation, LineTap lines) throws IOException, StepAbortedException;

    /**
     * Runs a command like {@link Worker#run}, but on the builder master itself, as the user that
     * the master runs as. A relative {@code workdir} is below a directory of this command's own,
     * which is empty before and gone afterwards; an absolute one is there already.
     *
     * @throws StepAbortedException also if the configuration does not allow it
     */
    Ending onMaster(Invocation invocation) throws IOException, StepAbortedException;

    /**
     * Waits for something that goes on elsewhere. Unless it returns normally, or the future has
     * failed, the future is cancelled.
     *
     * @throws StepAbortedException if the build is interrupted
     * @throws TimeoutException if it takes longer
     * @throws ExecutionException if the future has failed
     */
    <T> T await(CompletableFuture<T> future, Duration limit)
            throws StepAbortedException, TimeoutException, ExecutionException;

    /**
     * What a command's end makes of the step, by {@code decode_rc} where it has ended by itself.
     */
    StepEnd endOf(Ending ending);

    /**
     * An end of the step, with the usual summary for these results.
     *
     * @param exitCode of the step's command, or null where it ran none or was killed
     * @param why in a few words, such as {@code exit code 0}
     */
    StepEnd end(Results results, @Nullable Integer exitCode, String why);
}
