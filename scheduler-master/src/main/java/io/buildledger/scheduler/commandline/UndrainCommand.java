package io.buildledger.scheduler.commandline;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(name = "undrain", description = "Let a master that is draining go on.")
final class UndrainCommand extends ActingCommand {

    @Parameters(paramLabel = "MASTER", description = "its name")
    private String name = "";

    @Override
    void run(Master master) {
        JsonNode answer = tell(master, "/api/masters/%s/undrain".formatted(Master.segment(name)));
        boolean goesOn = answer.path("master").path("drain").isNull();
        if (json()) {
            print(answer);
        } else if (answer.path("changed").asBoolean()) {
            out().println(name + " goes on");
        } else if (goesOn) {
            out().println(name + " is not draining");
        }
        if (!goesOn) {
            throw new NoAnswerException(
                    name + " is stopping already: start it again when it has stopped");
        }
    }
}
