package io.buildledger.scheduler.commandline;

import io.buildledger.auditing.Audit;
import io.buildledger.auditing.Audit.AuditEntry;
import io.buildledger.showing.Printable;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
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

        private static final DateTimeFormatter RECORDED =
                DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

        @Parameters(paramLabel = "N", description = "number of the request")
        private long requestId;

        @Override
        void run(Master master) {
            JsonNode answer = master.get("/api/requests/%d/audit".formatted(requestId));
            if (json()) {
                print(answer);
            } else {
                print(Master.JSON.treeToValue(answer, Audit.class));
            }
        }

        private void print(Audit audit) {
            out().println(Printable.of(headline(audit)));
            Table table = new Table(5, "RECORDED", "WHAT", "ATTEMPT", "BY", "RESULT", "DETAILS");
            for (AuditEntry entry : audit.entries()) {
                table.row(
                        RECORDED.format(entry.at().atZone(ZoneId.systemDefault())),
                        entry.what(),
                        entry.attempt() == null ? "" : entry.attempt().toString(),
                        author(entry),
                        entry.results() == null ? "" : entry.results(),
                        entry.details());
            }
            // Whole, on a narrow terminal as well: what is cut from a story can't be judged.
            table.lines(Integer.MAX_VALUE).forEach(out()::println);
        }

        private static String headline(Audit audit) {
            return "request %d for builder %s: %s, %d %s"
                    .formatted(
                            audit.requestId(),
                            audit.builder(),
                            audit.results() == null ? audit.state() : audit.results(),
                            audit.attempts(),
                            audit.attempts() == 1 ? "attempt" : "attempts");
        }

        private static String author(AuditEntry entry) {
            if (entry.master() == null) {
                return "";
            }
            return entry.epoch() == null ? entry.master() : entry.master() + "#" + entry.epoch();
        }
    }
}
