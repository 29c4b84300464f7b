package io.buildledger.benchmarks;

import io.buildledger.starting.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * {@code buildledger bench}: each subcommand measures one thing and says under which conditions.
 */
@Command(
        name = "buildledger bench",
        description = "Measure what the cluster costs, on this machine",
        subcommands = {
            DrainBenchmark.class,
            ClaimBenchmark.class,
            AppendBenchmark.class,
            BacklogBenchmark.class,
            LatencyBenchmark.class,
            IngestBenchmark.class,
            IdleBenchmark.class,
            WorkersBenchmark.class,
            HistoryBenchmark.class,
            ChainBenchmark.class,
            SizeBenchmark.class,
            PagesBenchmark.class,
            LiveBenchmark.class,
            DbSchedulerProcess.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class BenchCommand {

    private BenchCommand() {}

    /**
     * Ends the process with 0 when the figures were printed, 1 when there are none, 2 on misuse.
     */
    public static void main(String[] arguments) {
        CommandLine commandLine = new CommandLine(new BenchCommand());
        if (arguments.length == 0) {
            commandLine.usage(System.err);
            System.exit(CommandLine.ExitCode.USAGE);
        }
        System.exit(commandLine.execute(arguments));
    }
}
