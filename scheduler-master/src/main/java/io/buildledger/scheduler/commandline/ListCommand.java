package io.buildledger.scheduler.commandline;

import io.buildledger.viewing.Views;
import java.time.Instant;
import java.time.ZoneId;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** A command that shows a list as a table. */
abstract class ListCommand extends ClientCommand {

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "how many, from 1 to " + Views.MOST + " (${DEFAULT-VALUE})")
    private int limit;

    private final String plural;
    private final String ifNone;

    /**
     * @param plural what is listed, as in the address
     * @param ifNone what to say where there are none
     */
    ListCommand(String plural, String ifNone) {
        this.plural = plural;
        this.ifNone = ifNone;
    }

    /** What to say where there are none. */
    String ifNone() {
        return ifNone;
    }

    abstract Table table();

    abstract void addRow(Table table, JsonNode item, ShortTime time);

    @Override
    void run(Master master) {
        if (limit < 1 || limit > Views.MOST) {
            throw misuse("--limit: %d is not between 1 and %d".formatted(limit, Views.MOST));
        }
        JsonNode answer = master.get("/api/%s?limit=%d%s".formatted(plural, limit, filter()));
        if (json()) {
            print(answer);
            return;
        }
        show(answer.path(plural));
        out().flush();
        remark(answer);
        for (JsonNode builder : answer.path("diverging")) {
            warn(
                    "masters build different things for builder %s: %s"
                            .formatted(Cell.text(builder, "builder"), Cell.text(builder, "told")));
        }
    }

    /** What the address has besides, beginning with an ampersand. */
    String filter() {
        return "";
    }

    /** What is to be said beside the list. */
    void remark(JsonNode answer) {}

    private void show(JsonNode items) {
        if (items.isEmpty()) {
            out().println(ifNone());
            return;
        }
        Table table = table();
        ShortTime time = new ShortTime(Instant.now(), ZoneId.systemDefault());
        for (JsonNode item : items) {
            addRow(table, item, time);
        }
        table.lines(Terminal.columns()).forEach(out()::println);
    }
}
