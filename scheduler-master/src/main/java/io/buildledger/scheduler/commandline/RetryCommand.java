package io.buildledger.scheduler.commandline;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
        name = "retry",
        mixinStandardHelpOptions = true,
        description = "Stop a build and have its request built again.",
        subcommands = RetryCommand.OfBuild.class)
final class RetryCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "say what to retry: retry build BUILDER/NUMBER");
    }

    @Command(
            name = "build",
            description =
                    "Stop a build that runs, and put its request back on offer, even after its last attempt.")
    static final class OfBuild extends BuildCommand {

        @Override
        void run(Master master) {
            JsonNode answer = ask(master, "retry");
            if (json()) {
                print(answer);
            } else {
                out().println(
                                "build %s is stopped, and request %s on offer again"
                                        .formatted(build(), Cell.text(answer, "requestId")));
            }
        }
    }
}
