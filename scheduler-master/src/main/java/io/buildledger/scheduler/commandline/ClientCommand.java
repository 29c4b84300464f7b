package io.buildledger.scheduler.commandline;

import io.buildledger.showing.Printable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** What all commands have that ask a master. */
@CommandLine.Command(mixinStandardHelpOptions = true)
abstract class ClientCommand implements Callable<Integer> {

    @Option(
            names = "--master",
            paramLabel = "URL",
            defaultValue = "${env:BUILDLEDGER_MASTER:-http://127.0.0.1:8010}",
            description = "the scheduler master to ask (BUILDLEDGER_MASTER, else ${DEFAULT-VALUE})")
    private String url = "";

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "the file that holds the token by which the master knows who asks (BUILDLEDGER_TOKEN_FILE; or BUILDLEDGER_TOKEN, the token itself)")
    private @Nullable Path tokenFile;

    @Option(names = "--json", description = "print the answer as one JSON object")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    /** Asks and prints. */
    abstract void run(Master master);

    /** Whether the master is shown a token, where there is one. */
    boolean showsToken() {
        return true;
    }

    @Override
    public final Integer call() {
        try {
            run(master());
            out().flush();
            return 0;
        } catch (NoAnswerException e) {
            out().flush();
            warn(String.valueOf(e.getMessage()));
            return 1;
        }
    }

    private Master master() {
        if (!showsToken() && tokenFile != null) {
            throw misuse("--token-file: this asks for nothing that takes a token: leave it out");
        }
        String token = showsToken() ? GivenToken.find(tokenFile, System.getenv()) : null;
        try {
            Master master = new Master(url);
            return token == null ? master : master.withToken(token);
        } catch (IllegalArgumentException e) {
            throw misuse("--master: " + e.getMessage());
        }
    }

    final ParameterException misuse(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    final boolean json() {
        return json;
    }

    /** Says something in one line beside the answer. */
    final void warn(String message) {
        spec.commandLine().getErr().println(Printable.of(message));
        spec.commandLine().getErr().flush();
    }

    final void print(JsonNode answer) {
        out().println(Master.JSON.writeValueAsString(answer));
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
