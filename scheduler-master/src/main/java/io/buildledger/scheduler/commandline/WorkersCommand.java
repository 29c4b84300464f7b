package io.buildledger.scheduler.commandline;

import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

@Command(
        name = "workers",
        description = "Show the workers, who has them, and what they are busy with.")
final class WorkersCommand extends ListCommand {

    private static final int WHY = 6;

    WorkersCommand() {
        super("workers", "no living builder master has a worker in its file yet");
    }

    @Override
    Table table() {
        return new Table(
                WHY, "WORKER", "STATE", "MASTER", "SINCE", "VERSION", "BUILDS", "WHY", "LAST SEEN");
    }

    @Override
    void addRow(Table table, JsonNode worker, ShortTime time) {
        boolean isThere = worker.hasNonNull("master");
        table.row(
                Cell.text(worker, "name"),
                Cell.text(worker, "state"),
                Cell.text(worker, "master"),
                time.of(worker, "since"),
                Cell.text(worker, "version"),
                builds(worker),
                why(worker, time),
                isThere ? "now" : time.of(worker, "lastSeen"));
    }

    private static String builds(JsonNode worker) {
        StringBuilder builds =
                new StringBuilder(
                        "%d/%s"
                                .formatted(
                                        worker.path("builds").size(),
                                        Cell.text(worker, "maxBuilds")));
        worker.path("builds").forEach(build -> builds.append(' ').append(build.asString()));
        return builds.toString();
    }

    private static String why(JsonNode worker, ShortTime time) {
        return switch (Cell.text(worker, "state")) {
            case "stopping" -> told(worker.path("stopping"), time);
            case "paused" -> told(worker.path("paused"), time);
            case "quarantined" -> {
                JsonNode quarantine = worker.path("quarantine");
                yield "until %s: %s"
                        .formatted(time.of(quarantine, "until"), Cell.text(quarantine, "reason"));
            }
            case "missing" -> "told of at " + time.of(worker, "missingSince");
            default -> "-";
        };
    }

    private static String told(JsonNode wish, ShortTime time) {
        String by = "by %s, %s".formatted(Cell.text(wish, "requestedBy"), time.of(wish, "since"));
        String reason = Cell.text(wish, "reason");
        return reason.isEmpty() ? by : by + ": " + reason;
    }
}
