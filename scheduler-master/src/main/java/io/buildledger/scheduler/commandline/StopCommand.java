package io.buildledger.scheduler.commandline;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
        name = "stop",
        mixinStandardHelpOptions = true,
        description = "End a build that nobody needs any more.",
        subcommands = StopCommand.OfBuild.class)
final class StopCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "say what to stop: stop build BUILDER/NUMBER");
    }

    @Command(name = "build", description = "End a build as CANCELLED, and its request with it.")
    static final class OfBuild extends BuildCommand {

        @Override
        void run(Master master) {
            JsonNode answer = ask(master, "stop");
            if (json()) {
                print(answer);
            } else {
                out().println(
                                "build %s is stopped, and request %s cancelled"
                                        .formatted(build(), Cell.text(answer, "requestId")));
            }
        }
    }
}
