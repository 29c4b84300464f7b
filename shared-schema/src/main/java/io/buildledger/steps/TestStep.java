package io.buildledger.steps;

import io.buildledger.stepping.Command;
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
 * Runs tests, and counts the warnings that they print. Their number is added to the property {@code
 * warnings-count}, and they have a log of their own.
 *
 * @param command a list is run as it is, a string by {@code /bin/sh -c}; default {@code make test}
 * @param warningPattern a regular expression (RE2) that lines with a warning match from their
 *     beginning; groups named {@code file}, {@code line} and {@code text} tell what suppressions
 *     ask for; an empty one counts nothing
 * @param maxWarnCount how many warnings the step may have before it fails; any number by default
 * @param suppressionFile a file on the worker, relative to {@code workdir}, with lines {@code
 *     FILE_RE : WARN_RE : FIRST-LAST} of which the numbers of lines may be left out
 * @param suppressionList warnings that do not count, besides those of {@code suppression_file}
 * @param directoryEnterPattern finds lines that say which directory is entered, in the first group;
 *     default GNU make's
 * @param directoryLeavePattern finds lines that say that it is left; default GNU make's
 */
@StepType(value = "test", warnOnFailure = true)
public record TestStep(
        Command command,
        String warningPattern,
        @Nullable Integer maxWarnCount,
        @Nullable String suppressionFile,
        List<Suppression> suppressionList,
        String directoryEnterPattern,
        String directoryLeavePattern)
        implements Step {

    private static final Command DEFAULT_COMMAND = new Command(List.of("make", "test"));

    public TestStep {
        command = command == null ? DEFAULT_COMMAND : command;
        warningPattern = warningPattern == null ? WarningRules.DEFAULT_PATTERN : warningPattern;
        suppressionList = suppressionList == null ? List.of() : suppressionList;
        directoryEnterPattern =
                directoryEnterPattern == null ? WarningRules.DEFAULT_ENTER : directoryEnterPattern;
        directoryLeavePattern =
                directoryLeavePattern == null ? WarningRules.DEFAULT_LEAVE : directoryLeavePattern;
    }

    private WarningRules rules() {
        return new WarningRules(
                warningPattern,
                maxWarnCount,
                suppressionFile,
                suppressionList,
                directoryEnterPattern,
                directoryLeavePattern);
    }

    @Override
    public void check(StepProblems problems) {
        rules().check("a test step", problems);
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        return rules().run(run, command);
    }
}
