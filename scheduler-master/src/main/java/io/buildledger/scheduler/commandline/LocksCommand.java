package io.buildledger.scheduler.commandline;

import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

@Command(name = "locks", description = "Show who has which lock, and who waits for it.")
final class LocksCommand extends ListCommand {

    LocksCommand() {
        super("locks", "nobody holds a lock or waits for one");
    }

    @Override
    Table table() {
        return new Table(2, "LOCK", "HELD BY", "WAITING");
    }

    @Override
    void addRow(Table table, JsonNode line, ShortTime time) {
        table.row(Cell.text(line, "lock"), all(line.path("holders")), all(line.path("waiting")));
    }

    private static String all(JsonNode places) {
        return places.isEmpty()
                ? "-"
                : StreamSupport.stream(places.spliterator(), false)
                        .map(LocksCommand::told)
                        .collect(Collectors.joining(", "));
    }

    /** Such as {@code linux/7.2 (2 of 4)} for the second step of a build, or a builder's name. */
    private static String told(JsonNode place) {
        StringBuilder told = new StringBuilder(place.path("builder").asString());
        if (!place.path("buildNumber").isNull()) {
            told.append('/').append(place.path("buildNumber").asLong());
        }
        if (!place.path("step").isNull()) {
            told.append('.').append(place.path("step").asInt());
        }
        if (place.path("mode").asString().equals("counting")) {
            told.append(
                    " (%d of %d)"
                            .formatted(
                                    place.path("count").asInt(), place.path("maxCount").asInt()));
        }
        return told.toString();
    }
}
