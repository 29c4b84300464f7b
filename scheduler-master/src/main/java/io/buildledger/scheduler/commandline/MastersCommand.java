package io.buildledger.scheduler.commandline;

import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

@Command(name = "masters", description = "Show the masters and whether they are alive.")
final class MastersCommand extends ListCommand {

    MastersCommand() {
        super("masters", "no master has registered yet");
    }

    @Override
    Table table() {
        return new Table(
                5, "MASTER", "EPOCH", "ROLE", "STATE", "LEASE", "HOST", "PID", "CLAIMS", "STARTED");
    }

    @Override
    void addRow(Table table, JsonNode master, ShortTime time) {
        table.row(
                Cell.text(master, "name"),
                Cell.text(master, "epoch"),
                Cell.text(master, "role"),
                state(master),
                Cell.text(master, "state").equals("live")
                        ? "%.0f s".formatted(master.path("leaseSeconds").asDouble())
                        : "-",
                Cell.text(master, "host"),
                Cell.text(master, "pid"),
                Cell.text(master, "claims"),
                time.of(master, "startedAt"));
    }

    /** Like the pages: what people have asked of a living master goes before that it lives. */
    private static String state(JsonNode master) {
        String state = Cell.text(master, "state");
        return !state.equals("live")
                ? state
                : switch (Cell.text(master, "drain")) {
                    case "-" -> state;
                    case "drain" -> "draining";
                    default -> "stopping";
                };
    }
}
