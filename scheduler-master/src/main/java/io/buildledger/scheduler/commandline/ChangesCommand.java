package io.buildledger.scheduler.commandline;

import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

@Command(name = "changes", description = "Show the newest changes.")
final class ChangesCommand extends ListCommand {

    ChangesCommand() {
        super(
                "changes",
                "no changes yet: send one with 'bin/buildledger sendchange', or configure a git_poller");
    }

    @Override
    Table table() {
        return new Table(5, "CHANGE", "RECEIVED", "BRANCH", "REVISION", "AUTHOR", "COMMENTS");
    }

    @Override
    void addRow(Table table, JsonNode change, ShortTime time) {
        table.row(
                Cell.text(change, "changeId"),
                time.of(change, "receivedAt"),
                Cell.text(change, "branch"),
                Cell.revision(change, "revision"),
                Cell.text(change, "author"),
                Cell.firstLine(change, "comments"));
    }
}
