package io.buildledger.steps;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.Property;
import io.buildledger.stepping.Command;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which lines of a command's output are warnings that count, and how many may be.
 *
 * @param pattern matches them from their beginning; empty if none are counted
 * @param enterPattern found in lines that name, in the first group, a directory that is entered
 * @param leavePattern found in lines that say that it is left
 */
record WarningRules(
        String pattern,
        @Nullable Integer maxWarnCount,
        @Nullable String suppressionFile,
        List<Suppression> suppressionList,
        String enterPattern,
        String leavePattern) {

    static final String DEFAULT_PATTERN = "(?i).*warning[: ].*";
    static final String DEFAULT_ENTER = "make.*: Entering directory [\u2019\"`'](.*)[\u2019'`\"]";
    static final String DEFAULT_LEAVE = "make.*: Leaving directory";

    private static final String COUNT = "warnings-count";
    private static final long LARGEST_FILE = 1024 * 1024;

    /**
     * @param step for people, such as {@code a compile step}
     */
    void check(String step, StepProblems problems) {
        checkPattern("warning_pattern", pattern, step, problems);
        checkPattern("directory_leave_pattern", leavePattern, step, problems);
        if (checkPattern("directory_enter_pattern", enterPattern, step, problems)
                && new OutputPattern(enterPattern).in("").groupCount() < 1) {
            problems.problem(
                    "directory_enter_pattern",
                    "%s: '%s' has no group for the directory: put parentheses around what names it"
                            .formatted(step, enterPattern));
        }
        if (maxWarnCount != null && maxWarnCount < 0) {
            problems.problem("max_warn_count", step + ": max_warn_count must be at least 0");
        }
        if (suppressionFile != null && suppressionFile.isBlank()) {
            problems.problem(
                    "suppression_file", step + " has an empty suppression_file: name a file");
        }
        for (int i = 0; i < suppressionList.size(); i++) {
            String at = "suppression_list/" + i;
            Suppression suppression = suppressionList.get(i);
            if (suppression == null) {
                problems.problem(at, step + " has an empty suppression: write {warn_re: ...}");
                continue;
            }
            if (suppression.fileRe() != null) {
                checkPattern(at + "/file_re", suppression.fileRe(), step, problems);
            }
            if (suppression.warnRe() != null) {
                checkPattern(at + "/warn_re", suppression.warnRe(), step, problems);
            }
        }
    }

    private static boolean checkPattern(
            String key, String regex, String step, StepProblems problems) {
        try {
            OutputPattern _ = new OutputPattern(regex);
            return true;
        } catch (IllegalArgumentException e) {
            problems.problem(key, "%s: %s".formatted(step, e.getMessage()));
            return false;
        }
    }

    /** Runs a command, and makes of it and its warnings what the step comes to. */
    StepEnd run(StepRun run, Command command) throws IOException, StepAbortedException {
        WarningCount count = count(run);
        Ending ending = run.command(run.invocation(command.words()), count);
        StepEnd end = run.endOf(ending);
        int warnings = count.count();
        if (warnings > 0) {
            run.addToLog("warnings (%d)".formatted(warnings), count.text());
        }
        Property before = run.properties().get(COUNT);
        long known =
                before != null && before.value() instanceof Number number ? number.longValue() : 0;
        run.setProperty(COUNT, known + warnings);
        return withWarnings(run, end, warnings);
    }

    private StepEnd withWarnings(StepRun run, StepEnd end, int warnings) {
        boolean tooMany = maxWarnCount != null && warnings > maxWarnCount;
        Results ofWarnings =
                tooMany ? Results.FAILURE : warnings > 0 ? Results.WARNINGS : Results.SUCCESS;
        Results results = end.results().worse(ofWarnings);
        if (results == end.results()) {
            return end;
        }
        String number = warnings == 1 ? "1 warning" : warnings + " warnings";
        return run.end(
                results,
                end.exitCode(),
                tooMany ? "%s, of at most %d".formatted(number, maxWarnCount) : number);
    }

    private WarningCount count(StepRun run) throws IOException, StepAbortedException {
        List<Suppression> all = new ArrayList<>(suppressionList);
        if (suppressionFile != null) {
            String path = run.invocation(List.of()).workdir() + "/" + suppressionFile;
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            long _ = run.worker().upload(path, file, LARGEST_FILE);
            all.addAll(
                    SuppressionFile.read(suppressionFile, file.toString(StandardCharsets.UTF_8)));
        }
        try {
            return new WarningCount(this, all);
        } catch (IllegalArgumentException e) {
            throw StepAbortedException.refused(String.valueOf(e.getMessage()));
        }
    }
}
