package io.buildledger.scheduler.commandline;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** What asks a master to do something about one build. */
abstract class BuildCommand extends ActingCommand {

    @Parameters(paramLabel = "BUILDER/NUMBER", description = "the build, such as linux/12")
    private String build = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for people")
    private @Nullable String reason;

    BuildName build() {
        return BuildName.read(this, build);
    }

    /**
     * @param what as it is called in the API's path
     */
    JsonNode ask(Master master, String what) {
        return tell(master, build().path() + "/" + what, "reason", reason);
    }
}
