package io.buildledger.scheduler.commandline;

import io.buildledger.showing.Printable;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.StreamWriteFeature;

/** What all commands have that need no master to run, and tell in a line what is wrong. */
@Command(mixinStandardHelpOptions = true)
abstract class LocalCommand implements Callable<Integer> {

    @Option(names = "--json", description = "print the answer as one JSON object")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    /**
     * Reads or writes, and prints.
     *
     * @return whether the answer is yes
     */
    abstract boolean run() throws InterruptedException;

    @Override
    public final Integer call() throws InterruptedException {
        try {
            boolean isYes = run();
            // A PrintWriter keeps it to itself that the disk is full or nobody reads any more.
            if (out().checkError()) {
                warn("the answer can't be written to the end: see where it goes to");
                return 1;
            }
            return isYes ? 0 : 1;
        } catch (RuntimeException e) {
            List<String> told = ToldTrouble.of(e);
            if (told.isEmpty()) {
                throw e;
            }
            told.forEach(this::warn);
        } catch (OutOfMemoryError e) {
            warn(
                    "there is not enough memory for what is open in the log: give it more, as with JAVA_TOOL_OPTIONS=-Xmx4g");
        }
        return 1;
    }

    final ParameterException misuse(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    final boolean json() {
        return json;
    }

    final void warn(String message) {
        spec.commandLine().getErr().println(Printable.of(message));
        spec.commandLine().getErr().flush();
    }

    /** Without a whole text of it in memory: an answer may be long. */
    final void printAsJson(Object answer) {
        Master.JSON
                .writer()
                .without(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .writeValue(out(), answer);
        out().println();
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
