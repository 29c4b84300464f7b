package io.buildledger.scheduler.commandline;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
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
    static final class OfBuild extends ActingCommand {

        @Parameters(paramLabel = "BUILDER/NUMBER", description = "the build, such as linux/12")
        private String build = "";

        @Option(names = "--reason", paramLabel = "TEXT", description = "why, for people")
        private @Nullable String reason;

        @Override
        void run(Master master) {
            BuildName name = BuildName.read(this, build);
            JsonNode answer = tell(master, name.path() + "/stop", "reason", reason);
            if (json()) {
                print(answer);
            } else {
                out().println(
                                "build %s is stopped, and request %s cancelled"
                                        .formatted(name, Cell.text(answer, "requestId")));
            }
        }
    }
}
