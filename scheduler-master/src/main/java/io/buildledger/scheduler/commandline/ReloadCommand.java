package io.buildledger.scheduler.commandline;

import io.buildledger.showing.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
        name = "reload",
        description = {
            "Have a master go by its configuration file as it is now.",
            "Prints what differs, or why the master goes on as before."
        })
final class ReloadCommand extends ActingCommand {

    @Parameters(paramLabel = "MASTER", description = "its name")
    private String name = "";

    @Override
    void run(Master master) {
        JsonNode answer = tell(master, "/api/masters/%s/reload".formatted(Master.segment(name)));
        if (json()) {
            print(answer);
        }
        switch (answer.path("outcome").asString()) {
            case "reloaded" -> show(answer.path("differences"));
            case "refused" -> {
                list(answer.path("problems"));
                throw new NoAnswerException(name + " goes on as before: mend its file");
            }
            default ->
                    throw new NoAnswerException(
                            name
                                    + " has not come to it yet; it will, and its log says what came of it: look there, or reload it again");
        }
    }

    private void show(JsonNode differences) {
        if (!json()) {
            out().println(
                            differences.isEmpty()
                                    ? name + ": reloaded, nothing differs"
                                    : name + ": reloaded");
        }
        list(differences);
    }

    private void list(JsonNode lines) {
        if (!json()) {
            lines.forEach(line -> out().println("  " + Printable.of(line.asString())));
        }
    }
}
