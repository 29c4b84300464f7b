package io.buildledger.scheduler.commandline;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "rebuild",
        mixinStandardHelpOptions = true,
        description = "Have the same built once more, whatever became of it.",
        subcommands = {RebuildCommand.OfBuild.class, RebuildCommand.OfBuildset.class})
final class RebuildCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "say what to rebuild: rebuild build BUILDER/NUMBER, or rebuild buildset N");
    }

    @Command(
            name = "build",
            description =
                    "Ask the builder of a build for the same again: a new buildset of one request.")
    static final class OfBuild extends BuildCommand {

        @Override
        void run(Master master) {
            AskedBuilds.show(this, ask(master, "rebuild"));
        }
    }

    @Command(
            name = "buildset",
            description = "Ask all builders of a buildset for the same again: a new buildset.")
    static final class OfBuildset extends ActingCommand {

        @Parameters(paramLabel = "N", description = "number of the buildset")
        private long buildsetId;

        @Option(names = "--reason", paramLabel = "TEXT", description = "why, for people")
        private @Nullable String reason;

        @Override
        void run(Master master) {
            AskedBuilds.show(
                    this,
                    tell(
                            master,
                            "/api/buildsets/%d/rebuild".formatted(buildsetId),
                            "reason",
                            reason));
        }
    }
}
