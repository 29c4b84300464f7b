package io.buildledger.scheduler.commandline;

import picocli.CommandLine;

/**
 * The commands that ask a running scheduler master over HTTP, the database itself, or files. Each
 * ends with 0 if it was done, with 1 if the answer is no, and with 2 if it was used wrongly; none
 * shows a stack trace.
 */
public final class ClientCommands {

    private ClientCommands() {}

    /** Adds the commands to a command line that may have others. */
    public static CommandLine addTo(CommandLine commands) {
        return commands.addSubcommand("changes", new ChangesCommand())
                .addSubcommand("requests", new RequestsCommand())
                .addSubcommand("builds", new BuildsCommand())
                .addSubcommand("masters", new MastersCommand())
                .addSubcommand("builders", new BuildersCommand())
                .addSubcommand("workers", new WorkersCommand())
                .addSubcommand("worker", new WorkerCommand())
                .addSubcommand("locks", new LocksCommand())
                .addSubcommand("log", new LogCommand())
                .addSubcommand("artifacts", new ArtifactsCommand())
                .addSubcommand("audit", new AuditCommand())
                .addSubcommand("explain", new ExplainCommand())
                .addSubcommand("sendchange", new SendChangeCommand())
                .addSubcommand("cancel", new CancelCommand())
                .addSubcommand("stop", new StopCommand())
                .addSubcommand("retry", new RetryCommand())
                .addSubcommand("rebuild", new RebuildCommand())
                .addSubcommand(
                        "priority",
                        // A priority may be less than 0, which looks like an option.
                        new CommandLine(new PriorityCommand())
                                .setUnmatchedOptionsArePositionalParams(true))
                .addSubcommand("schedulers", new SchedulersCommand())
                .addSubcommand("force", new ForceCommand())
                .addSubcommand("try", new TryCommand())
                .addSubcommand("enable", new EnableCommand())
                .addSubcommand("disable", new DisableCommand())
                .addSubcommand("drain", new DrainCommand())
                .addSubcommand("undrain", new UndrainCommand())
                .addSubcommand("reload", new ReloadCommand())
                .addSubcommand("bundle", new BundleCommand())
                .addSubcommand("state", new StateCommand())
                .addSubcommand("replay", new ReplayCommand())
                .addSubcommand("archive", new ArchiveCommand())
                .addSubcommand("checkpoint", new CheckpointCommand())
                .addSubcommand("what-if", new WhatIfCommand())
                .addSubcommand("verify", new VerifyCommand())
                .addSubcommand("token", new TokenCommand())
                .addSubcommand("password", new PasswordCommand());
    }
}
