package io.buildledger.scheduler.commandline;

import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

@Command(name = "schedulers", description = "Show the schedulers and what they wait for.")
final class SchedulersCommand extends ListCommand {

    SchedulersCommand() {
        super("schedulers", "no scheduler has done anything yet");
    }

    @Override
    Table table() {
        return new Table(0, "SCHEDULER", "TYPE", "STATE", "PENDING", "FIRES", "FIRINGS", "MASTER");
    }

    @Override
    void addRow(Table table, JsonNode scheduler, ShortTime time) {
        table.row(
                Cell.text(scheduler, "name"),
                Cell.text(scheduler, "type"),
                state(scheduler),
                Cell.text(scheduler, "pending"),
                time.of(scheduler, "firesAt"),
                Cell.text(scheduler, "firings"),
                Cell.text(scheduler, "master"));
    }

    private static String state(JsonNode scheduler) {
        if (scheduler.hasNonNull("renamedTo")) {
            return "now " + Cell.text(scheduler, "renamedTo");
        }
        return scheduler.path("enabled").asBoolean() ? "enabled" : "disabled";
    }
}
