package io.buildledger.scheduler.commandline;

import io.buildledger.auditing.Audit;
import io.buildledger.auditing.AuditText;
import java.time.ZoneId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description = "Tell from the events who did what.",
        subcommands = AuditCommand.OfRequest.class)
final class AuditCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to audit: audit request N");
    }

    @Command(name = "request", description = "Tell the story of a build request.")
    static final class OfRequest extends ClientCommand {

        @Parameters(paramLabel = "N", description = "number of the request")
        private long requestId;

        @Override
        void run(Master master) {
            JsonNode answer = master.get("/api/requests/%d/audit".formatted(requestId));
            if (json()) {
                print(answer);
            } else {
                AuditText.lines(
                                Master.JSON.treeToValue(answer, Audit.class),
                                ZoneId.systemDefault())
                        .forEach(out()::println);
            }
        }
    }
}
