package io.buildledger.scheduler.commandline;

import io.buildledger.showing.ShortRevision;
import tools.jackson.databind.JsonNode;

/** Values of an answer as they stand in a table. */
final class Cell {

    private Cell() {}

    static String text(JsonNode item, String name) {
        JsonNode value = item.path(name);
        return value.isNull() || value.isMissingNode() ? "-" : value.asString();
    }

    static String firstLine(JsonNode item, String name) {
        return text(item, name).lines().findFirst().orElse("");
    }

    static String revision(JsonNode item, String name) {
        return ShortRevision.of(text(item, name));
    }
}
