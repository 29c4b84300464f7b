package io.buildledger.scheduler.commandline;

import io.buildledger.mastering.MasterRegistry.Unserved;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(name = "requests", description = "Show the newest build requests.")
final class RequestsCommand extends ListCommand {

    @Option(
            names = "--unserved",
            description = "those alone that no living master would claim, in the order of claims")
    private boolean unserved;

    RequestsCommand() {
        super(
                "requests",
                "no build was requested yet: a scheduler asks when a change passes its filter");
    }

    @Override
    String filter() {
        return unserved ? "&unserved=true" : "";
    }

    @Override
    String ifNone() {
        return unserved
                ? "every request on offer is for a builder that a living master serves"
                : super.ifNone();
    }

    @Override
    void remark(JsonNode answer) {
        for (JsonNode builder : answer.path("unserved")) {
            int requests = builder.path("requests").asInt();
            warn(
                    "no living master claims for builder %s: %s"
                            .formatted(
                                    Cell.text(builder, "builder"),
                                    requests == 1
                                            ? "1 request waits"
                                            : "%d requests%s wait"
                                                    .formatted(
                                                            requests,
                                                            requests == Unserved.COUNTED
                                                                    ? " or more"
                                                                    : "")));
        }
    }

    @Override
    Table table() {
        return new Table(
                1,
                "REQUEST",
                "BUILDER",
                "STATE",
                "ATTEMPT",
                "MASTER",
                "BUILD",
                "RESULT",
                "REVISION",
                "SUBMITTED");
    }

    @Override
    void addRow(Table table, JsonNode request, ShortTime time) {
        table.row(
                Cell.text(request, "requestId"),
                Cell.text(request, "builder"),
                Cell.text(request, "state"),
                Cell.text(request, "attempt"),
                Cell.text(request, "master"),
                Cell.text(request, "buildNumber"),
                Cell.text(request, "results"),
                Cell.revision(request, "revision"),
                time.of(request, "submittedAt"));
    }
}
