package io.buildledger.scheduler.commandline;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
        name = "priority",
        description =
                "Give a build request another priority: higher goes first. A build that runs goes on.")
final class PriorityCommand extends ActingCommand {

    @Parameters(index = "0", paramLabel = "N", description = "number of the request")
    private long requestId;

    @Parameters(index = "1", paramLabel = "PRIORITY", description = "a whole number")
    private int priority;

    @Override
    void run(Master master) {
        JsonNode answer =
                tell(
                        master,
                        "/api/requests/%d/priority".formatted(requestId),
                        "priority",
                        priority);
        if (json()) {
            print(answer);
        } else {
            out().println("request %d has priority %d".formatted(requestId, priority));
        }
    }
}
