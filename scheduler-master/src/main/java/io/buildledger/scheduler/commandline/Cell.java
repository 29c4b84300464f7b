package io.buildledger.scheduler.commandline;

import tools.jackson.databind.JsonNode;

/** Values of an answer as they stand in a table. */
final class Cell {

    private static final int SHORT_REVISION = 10;

    private Cell() {}

    static String text(JsonNode item, String name) {
        JsonNode value = item.path(name);
        return value.isNull() || value.isMissingNode() ? "-" : value.asString();
    }

    static String firstLine(JsonNode item, String name) {
        return text(item, name).lines().findFirst().orElse("");
    }

    static String revision(JsonNode item, String name) {
        String revision = text(item, name);
        return revision.matches("[0-9a-f]{20,64}")
                ? revision.substring(0, SHORT_REVISION)
                : revision;
    }
}
