package io.buildledger.scheduler.commandline;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
        name = "cancel",
        mixinStandardHelpOptions = true,
        description = "End what nobody needs any more.",
        subcommands = CancelCommand.OfRequest.class)
final class CancelCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to cancel: cancel request N");
    }

    @Command(
            name = "request",
            description = "End a build request as CANCELLED, and the build that may run for it.")
    static final class OfRequest extends ActingCommand {

        @Parameters(paramLabel = "N", description = "number of the request")
        private long requestId;

        @Option(names = "--reason", paramLabel = "TEXT", description = "why, for people")
        private @Nullable String reason;

        @Override
        void run(Master master) {
            JsonNode answer =
                    tell(master, "/api/requests/%d/cancel".formatted(requestId), "reason", reason);
            if (json()) {
                print(answer);
            } else {
                out().println("request %d is cancelled".formatted(requestId));
            }
        }
    }
}
