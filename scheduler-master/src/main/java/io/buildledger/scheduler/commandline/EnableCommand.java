package io.buildledger.scheduler.commandline;

import picocli.CommandLine.Command;

@Command(
        name = "enable",
        description = "Let a scheduler fire again. What was pending is scheduled.")
final class EnableCommand extends SwitchCommand {

    EnableCommand() {
        super("enable");
    }
}
