package io.buildledger.scheduler.commandline;

import io.buildledger.configuring.InvalidConfigurationException;
import io.buildledger.database.Database;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.UnusableDatabaseException;
import io.buildledger.replaying.ReplayFailedException;
import io.buildledger.showing.Printable;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.springframework.dao.DataAccessException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** What all commands have that need no master to run. */
@Command(mixinStandardHelpOptions = true)
abstract class MasterlessCommand implements Callable<Integer> {

    @Option(names = "--json", description = "print the answer as one JSON object")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    /** Where the cluster's database is. */
    abstract Database database();

    /**
     * Reads or writes, and prints.
     *
     * @return whether the answer is yes
     */
    abstract boolean run(Database database) throws InterruptedException;

    @Override
    public final Integer call() throws InterruptedException {
        try {
            boolean isYes = run(database());
            out().flush();
            return isYes ? 0 : 1;
        } catch (InvalidConfigurationException e) {
            e.problems().forEach(this::warn);
        } catch (UnusableDatabaseException | NoAnswerException | ReplayFailedException e) {
            warn(String.valueOf(e.getMessage()));
        } catch (DataAccessException e) {
            warn(
                    "the database could not be read to the end: %s: see to it, then run this again"
                            .formatted(DatabaseTrouble.reason(e)));
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

    final void print(JsonNode answer) {
        out().println(answer);
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
