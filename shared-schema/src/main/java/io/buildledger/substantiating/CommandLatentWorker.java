package io.buildledger.substantiating;

import io.buildledger.stepping.Command;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.VariableNames;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command that starts the worker, and one that stops it. Both run on the builder master, in the
 * directory of this file, with {@code WORKERNAME}, {@code WORKERPASS}, {@code BUILDMASTER}, {@code
 * BUILDMASTER_PORT} and {@code BUILDMASTER_PROTOCOL} in their environment.
 *
 * @param start returns when the worker is on its way; what it leaves running goes on
 * @param stop ends with status 0 also where there is nothing to stop
 * @param env of both, besides
 */
@LatentType("command")
public record CommandLatentWorker(Command start, Command stop, Map<String, String> env)
        implements LatentWorker {

    public CommandLatentWorker {
        env = env == null ? Map.of() : env;
    }

    @Override
    public void check(StepProblems problems) {
        check("start", start, problems);
        check("stop", stop, problems);
        VariableNames.check(env, problems);
    }

    private static void check(String key, @Nullable Command command, StepProblems problems) {
        if (command == null) {
            problems.missing(
                    key, "%s is missing: give the command that %ss the worker".formatted(key, key));
        } else if (command.runsNothing()) {
            problems.problem(
                    key, "%s is empty: give the command that %ss the worker".formatted(key, key));
        }
    }

    @Override
    public void start(LatentRun run) throws IOException {
        run.command(start.words(), env);
    }

    @Override
    public void stop(LatentRun run) throws IOException {
        run.command(stop.words(), env);
    }
}
