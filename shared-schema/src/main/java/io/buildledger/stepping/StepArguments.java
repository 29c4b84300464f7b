package io.buildledger.stepping;

import io.buildledger.domain.building.Results;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys of every step, whatever its type.
 *
 * @param name of the step, by default its type's or what the command is called
 * @param description what the step does, for people, in place of its name in what it comes to
 * @param haltOnFailure whether the build ends when the step fails, but for steps with {@code
 *     always_run}; default by the type
 * @param flunkOnFailure whether the build fails when the step does; default true
 * @param warnOnFailure whether a failure of the step that does not fail the build leaves a warning;
 *     default by the type
 * @param flunkOnWarnings whether the build fails when the step has warnings; default false
 * @param warnOnWarnings whether warnings of the step are the build's too; default true
 * @param alwaysRun whether the step runs even after the build was halted; default false
 * @param workdir where commands run, relative to the builder's directory; default {@code build}
 * @param env added to the environment of commands, after the builder's
 * @param timeout longest time without output of a command; default 20 min
 * @param maxTime longest time of a command in all; unlimited by default
 * @param decodeRc which exit code of a command means what; 0 is SUCCESS and any other FAILURE by
 *     default
 * @param kw values that the step's texts can name as {@code %(kw:NAME)s}
 * @param logFiles files that commands write, relative to {@code workdir}, by the name of the log
 *     that each is followed into
 * @param doStepIf whether the step runs, judged once the steps before it have ended; one that does
 *     not ends as SKIPPED; default true
 * @param hideStepIf whether the step is left out where the steps of its build are listed, judged
 *     once it has ended; default false
 * @param locks that the step takes before it runs, and holds until it has ended; none by default
 */
public record StepArguments(
        @Nullable String name,
        @Nullable String description,
        @Nullable Boolean haltOnFailure,
        @Nullable Boolean flunkOnFailure,
        @Nullable Boolean warnOnFailure,
        @Nullable Boolean flunkOnWarnings,
        @Nullable Boolean warnOnWarnings,
        boolean alwaysRun,
        String workdir,
        Map<String, String> env,
        Duration timeout,
        @Nullable Duration maxTime,
        Map<Integer, Results> decodeRc,
        Map<String, Object> kw,
        Map<String, String> logFiles,
        StepCondition doStepIf,
        StepCondition hideStepIf,
        List<LockAccess> locks) {

    private static final String DEFAULT_WORKDIR = "build";
    private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(20);

    public StepArguments {
        workdir = workdir == null ? DEFAULT_WORKDIR : workdir;
        env = env == null ? Map.of() : env;
        timeout = timeout == null ? DEFAULT_TIMEOUT : timeout;
        decodeRc = decodeRc == null ? Map.of() : decodeRc;
        kw = kw == null ? Map.of() : kw;
        logFiles = logFiles == null ? Map.of() : logFiles;
        doStepIf = doStepIf == null ? StepCondition.ALWAYS : doStepIf;
        hideStepIf = hideStepIf == null ? StepCondition.NEVER : hideStepIf;
        locks = locks == null ? List.of() : locks;
    }
}
