package io.buildledger.scheduler;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.ConfigurationSchema;
import io.buildledger.configuring.InvalidConfigurationException;
import io.buildledger.scheduler.admitting.Admission;
import io.buildledger.scheduler.commandline.ClientCommands;
import io.buildledger.scheduler.commandline.ShadowOptions;
import io.buildledger.scheduler.demonstrating.DemoCommand;
import io.buildledger.secrets.Secrets;
import io.buildledger.starting.MasterOptions;
import io.buildledger.starting.Version;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * {@code bin/buildledger}: every command but {@code builder-master}, which has a jar of its own.
 */
@Command(
        name = "buildledger",
        description = "A continuous-integration cluster whose only memory is an event log in MySQL",
        subcommands = {
            DemoCommand.class,
            Buildledger.SchedulerMasterCommand.class,
            Buildledger.BuilderMasterCommand.class,
            Buildledger.BenchCommand.class,
            Buildledger.ChaosCommand.class,
            Buildledger.CheckConfigCommand.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class Buildledger {

    private Buildledger() {}

    /** Ends the process with the command's status, but for a master that runs on. */
    public static void main(String[] arguments) {
        CommandLine commandLine = ClientCommands.addTo(new CommandLine(new Buildledger()));
        commandLine.setParameterExceptionHandler((misuse, _) -> tell(misuse));
        int status = arguments.length == 0 ? usage(commandLine) : commandLine.execute(arguments);
        if (status != 0 || !isMaster(arguments)) {
            System.exit(status);
        }
    }

    private static boolean isMaster(String[] arguments) {
        return arguments.length > 0
                && arguments[0].equals(SchedulerMasterCommand.NAME)
                && !List.of(arguments).contains("--shadow");
    }

    /** A command that there is not is answered with those that there are. */
    private static int tell(ParameterException misuse) {
        CommandLine commandLine = misuse.getCommandLine();
        PrintWriter err = commandLine.getErr();
        if (commandLine.getParent() == null
                && misuse instanceof UnmatchedArgumentException unmatched) {
            err.printf("there is no command '%s'%n", unmatched.getUnmatched().getFirst());
            commandLine.usage(err);
        } else {
            err.println(misuse.getMessage());
            if (!UnmatchedArgumentException.printSuggestions(misuse, err)) {
                commandLine.usage(err);
            }
        }
        err.flush();
        return CommandLine.ExitCode.USAGE;
    }

    private static int usage(CommandLine commandLine) {
        commandLine.usage(System.err);
        return CommandLine.ExitCode.USAGE;
    }

    @Command(
            name = SchedulerMasterCommand.NAME,
            description = "Run the schedulers, change sources and web pages of a file",
            mixinStandardHelpOptions = true)
    static final class SchedulerMasterCommand implements Callable<Integer> {

        static final String NAME = "scheduler-master";

        @Mixin MasterOptions options = new MasterOptions();

        @Mixin ShadowOptions shadow = new ShadowOptions();

        @Override
        public Integer call() throws InterruptedException {
            return shadow.areGiven()
                    ? shadow.run(options.config())
                    : SchedulerMaster.start(options);
        }
    }

    /** Only for the list of commands: the launcher starts the other jar. */
    @Command(
            name = "builder-master",
            description = "Run the builders of a file",
            mixinStandardHelpOptions = true)
    static final class BuilderMasterCommand implements Callable<Integer> {

        @Override
        public Integer call() {
            System.err.println(
                    "start it with bin/buildledger builder-master --config FILE [--name NAME]");
            return CommandLine.ExitCode.USAGE;
        }
    }

    /** Only for the list of commands: the launcher starts the other jar. */
    @Command(
            name = "bench",
            description = "Measure what the cluster costs, on this machine",
            mixinStandardHelpOptions = true)
    static final class BenchCommand implements Callable<Integer> {

        @Override
        public Integer call() {
            System.err.println("start it with bin/buildledger bench");
            return CommandLine.ExitCode.USAGE;
        }
    }

    /** Only for the list of commands: the launcher starts the other jar. */
    @Command(
            name = "chaos",
            description = "Break a cluster of this machine's own, and check what it promises",
            mixinStandardHelpOptions = true)
    static final class ChaosCommand implements Callable<Integer> {

        @Override
        public Integer call() {
            System.err.println("start it with bin/buildledger chaos");
            return CommandLine.ExitCode.USAGE;
        }
    }

    @Command(
            name = "checkconfig",
            description = "Check a configuration file, or print the JSON Schema of such files",
            mixinStandardHelpOptions = true)
    static final class CheckConfigCommand implements Callable<Integer> {

        @ArgGroup(multiplicity = "1")
        What what = new What();

        static final class What {
            @Parameters(paramLabel = "FILE")
            Path file = Path.of("");

            @Option(
                    names = "--schema",
                    description = "Print the schema, with which an editor completes keys")
            boolean schema;
        }

        @Override
        public Integer call() {
            if (what.schema) {
                System.out.print(ConfigurationSchema.text());
                return 0;
            }
            Path file = what.file;
            try {
                requireUsable(ConfigurationFile.read(file));
                System.out.println(file + " is good");
                return 0;
            } catch (InvalidConfigurationException e) {
                e.problems().forEach(System.err::println);
                return 1;
            }
        }

        private static void requireUsable(ConfigurationFile file) {
            List<String> problems = new ArrayList<>();
            for (Runnable look :
                    List.<Runnable>of(
                            file::check,
                            () -> Secrets.of(file),
                            () -> Admission.requireUsable(file))) {
                try {
                    look.run();
                } catch (InvalidConfigurationException e) {
                    problems.addAll(e.problems());
                }
            }
            if (!problems.isEmpty()) {
                throw new InvalidConfigurationException(problems);
            }
        }
    }
}
