package io.buildledger.scheduler.commandline;

import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

@Command(name = "builds", description = "Show the newest builds.")
final class BuildsCommand extends ListCommand {

    BuildsCommand() {
        super("builds", "no builds yet: they appear when a builder master claims a request");
    }

    @Override
    Table table() {
        return new Table(
                8,
                "BUILD",
                "RESULT",
                "REQUEST",
                "ATTEMPT",
                "MASTER",
                "WORKER",
                "CLAIMED",
                "FINISHED",
                "SUMMARY");
    }

    @Override
    void addRow(Table table, JsonNode build, ShortTime time) {
        table.row(
                Cell.text(build, "builder") + "/" + Cell.text(build, "buildNumber"),
                build.path("results").isNull()
                        ? Cell.text(build, "state")
                        : Cell.text(build, "results"),
                Cell.text(build, "requestId"),
                Cell.text(build, "attempt"),
                Cell.text(build, "master"),
                Cell.text(build, "worker"),
                time.of(build, "claimedAt"),
                time.of(build, "finishedAt"),
                Cell.firstLine(build, "summary"));
    }
}
