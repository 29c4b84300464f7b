package io.buildledger.scheduler.commandline;

import io.buildledger.showing.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = "Say why something is built, or is not.",
        subcommands = {ExplainCommand.OfChange.class, ExplainCommand.OfRequest.class})
final class ExplainCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "say what to explain: explain change N, or explain request N");
    }

    @Command(name = "change", description = "Say what each scheduler has made of a change.")
    static final class OfChange extends ClientCommand {

        @Parameters(paramLabel = "N", description = "number of the change")
        private long changeId;

        @Override
        void run(Master master) {
            JsonNode answer = master.get("/api/changes/%d/explain".formatted(changeId));
            if (json()) {
                print(answer);
                return;
            }
            JsonNode schedulers = answer.path("schedulers");
            if (schedulers.isEmpty()) {
                out().println("there is no scheduler");
                return;
            }
            Table table = new Table(2, "SCHEDULER", "TAKEN", "WHY");
            for (JsonNode scheduler : schedulers) {
                table.row(
                        Cell.text(scheduler, "scheduler"),
                        taken(scheduler.path("taken")),
                        Cell.text(scheduler, "reason"));
            }
            // Whole, on a narrow terminal as well: the end of a reason is what helps.
            table.lines(Integer.MAX_VALUE).forEach(out()::println);
        }

        private static String taken(JsonNode taken) {
            if (taken.isNull() || taken.isMissingNode()) {
                return "-";
            }
            return taken.asBoolean() ? "yes" : "no";
        }
    }

    @Command(name = "request", description = "Say why a build request is not running now.")
    static final class OfRequest extends ClientCommand {

        @Parameters(paramLabel = "N", description = "number of the request")
        private long requestId;

        @Override
        void run(Master master) {
            JsonNode answer = master.get("/api/requests/%d/explain".formatted(requestId));
            if (json()) {
                print(answer);
                return;
            }
            out().println(
                            Printable.of(
                                    "request %d for builder %s: %s"
                                            .formatted(
                                                    requestId,
                                                    Cell.text(answer, "builder"),
                                                    Cell.text(answer, "state"))));
            for (JsonNode reason : answer.path("reasons")) {
                out().println(Printable.of(reason.asString()));
            }
        }
    }
}
