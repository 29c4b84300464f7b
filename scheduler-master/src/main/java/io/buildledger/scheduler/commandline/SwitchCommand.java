package io.buildledger.scheduler.commandline;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Lets a scheduler fire, or not. */
abstract class SwitchCommand extends ActingCommand {

    @Parameters(paramLabel = "SCHEDULER", description = "name of the scheduler")
    private String scheduler = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the log")
    private String reason = "";

    private final String verb;

    SwitchCommand(String verb) {
        this.verb = verb;
    }

    @Override
    void run(Master master) {
        JsonNode answer =
                tell(
                        master,
                        "/api/schedulers/%s/%s".formatted(Master.segment(scheduler), verb),
                        "reason",
                        reason);
        if (json()) {
            print(answer);
        } else {
            out().println(
                            answer.path("done").asBoolean()
                                    ? "%s is %sd".formatted(scheduler, verb)
                                    : "%s will be %sd when a master comes to it"
                                            .formatted(scheduler, verb));
        }
    }
}
