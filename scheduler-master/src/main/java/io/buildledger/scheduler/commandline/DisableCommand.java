package io.buildledger.scheduler.commandline;

import picocli.CommandLine.Command;

@Command(
        name = "disable",
        description = "Stop a scheduler from firing. It goes on taking changes, which wait.")
final class DisableCommand extends SwitchCommand {

    DisableCommand() {
        super("disable");
    }
}
