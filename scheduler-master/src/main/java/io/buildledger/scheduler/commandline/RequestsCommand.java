package io.buildledger.scheduler.commandline;

import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

@Command(name = "requests", description = "Show the newest build requests.")
final class RequestsCommand extends ListCommand {

    RequestsCommand() {
        super(
                "requests",
                "no build was requested yet: a scheduler asks when a change passes its filter");
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
