package io.buildledger.scheduler.commandline;

import tools.jackson.databind.JsonNode;

/** What came of a command that asks for builds. */
final class AskedBuilds {

    private AskedBuilds() {}

    static void show(ClientCommand command, JsonNode answer) {
        if (command.json()) {
            command.print(answer);
        } else if (answer.hasNonNull("buildsetId")) {
            command.out().println("buildset " + Cell.text(answer, "buildsetId"));
            answer.path("requestIds")
                    .properties()
                    .forEach(request ->
                            command.out()
                                    .println(
                                            "request %s on %s"
                                                    .formatted(
                                                            request.getValue().asString(),
                                                            request.getKey())));
        } else {
            command.out().println("it is in the log, and will be done when a master comes to it");
        }
    }
}
