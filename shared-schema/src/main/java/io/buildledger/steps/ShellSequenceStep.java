package io.buildledger.steps;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.building.StepPolicy;
import io.buildledger.stepping.Command;
import io.buildledger.stepping.Invocation;
import io.buildledger.stepping.OutputTap;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands one after the other. Each has its say in what the step comes to, as steps have in
 * their build.
 */
@StepType("shell_sequence")
public record ShellSequenceStep(List<ShellArg> commands) implements Step {

    private static final int LONGEST_LOG_NAME = 100;

    /**
     * A command of a sequence.
     *
     * @param command a list is run as it is, a string by {@code /bin/sh -c}; one that interpolation
     *     has left empty is skipped
     * @param logName the log that gets what it prints; default {@code stdio}
     * @param haltOnFailure whether the rest is left out when it fails
     * @param flunkOnFailure whether the step fails when it does; default true
     * @param warnOnFailure whether a failure of it that does not fail the step leaves a warning
     * @param flunkOnWarnings whether the step fails when it has warnings
     * @param warnOnWarnings whether its warnings are the step's, too; default true
     */
    public record ShellArg(
            Command command,
            String logName,
            boolean haltOnFailure,
            Boolean flunkOnFailure,
            boolean warnOnFailure,
            boolean flunkOnWarnings,
            Boolean warnOnWarnings) {

        public ShellArg {
            logName = logName == null ? Invocation.STDIO : logName;
            flunkOnFailure = flunkOnFailure == null ? Boolean.TRUE : flunkOnFailure;
            warnOnWarnings = warnOnWarnings == null ? Boolean.TRUE : warnOnWarnings;
        }

        private StepPolicy policy() {
            return new StepPolicy(
                    haltOnFailure,
                    flunkOnFailure,
                    warnOnFailure,
                    flunkOnWarnings,
                    warnOnWarnings,
                    false);
        }
    }

    @Override
    public void check(StepProblems problems) {
        if (commands == null || commands.isEmpty()) {
            problems.missing(
                    "commands", "a shell_sequence step lacks its commands: add commands: [...]");
            return;
        }
        for (int i = 0; i < commands.size(); i++) {
            check("commands/" + i, commands.get(i), problems);
        }
    }

    private static void check(String at, @Nullable ShellArg argument, StepProblems problems) {
        if (argument == null) {
            problems.problem(at, "a command of a shell_sequence is empty: write {command: ...}");
        } else {
            if (argument.command() == null) {
                problems.missing(
                        at + "/command",
                        "a part of a shell_sequence lacks its command: add command: ...");
            }
            if (argument.logName().isBlank() || argument.logName().length() > LONGEST_LOG_NAME) {
                problems.problem(
                        at + "/log_name",
                        "a log_name of a shell_sequence has 1 to %d characters"
                                .formatted(LONGEST_LOG_NAME));
            }
        }
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        Results results = Results.SUCCESS;
        StepEnd end = run.end(Results.SUCCESS, null, "there was nothing to run");
        int number = 0;
        for (ShellArg argument : commands) {
            number++;
            if (argument.command().runsNothing()) {
                run.note("command %d is empty: skipped".formatted(number));
                continue;
            }
            Invocation invocation =
                    run.invocation(argument.command().words()).into(argument.logName());
            StepEnd ofCommand = run.endOf(run.worker().run(invocation, OutputTap.NONE));
            Results after = argument.policy().resultOfBuild(results, ofCommand.results());
            if (after != results || after == Results.SUCCESS) {
                end = end(run, after, ofCommand, number, argument.command());
            }
            results = after;
            if (argument.policy().halts(ofCommand.results())) {
                break;
            }
        }
        return end;
    }

    private StepEnd end(
            StepRun run, Results results, StepEnd ofCommand, int number, Command command) {
        if (results == Results.SUCCESS) {
            return run.end(results, ofCommand.exitCode(), "%d commands".formatted(number));
        }
        if (results == Results.CANCELLED) {
            return ofCommand;
        }
        return run.end(
                results,
                ofCommand.exitCode(),
                "command %d of %d, %s%s"
                        .formatted(number, commands.size(), command.shortName(), how(ofCommand)));
    }

    private static String how(StepEnd ofCommand) {
        return ofCommand.exitCode() == null
                ? ": " + ofCommand.summary()
                : ": exit code " + ofCommand.exitCode();
    }
}
