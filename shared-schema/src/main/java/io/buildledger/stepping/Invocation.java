package io.buildledger.stepping;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A command with all that it takes to run it on a worker.
 *
 * @param workdir relative to the builder's directory; made if need be
 * @param environment added to the worker's own
 * @param unset variables that the command does not get, whatever the worker has
 * @param timeout longest time without output; zero means unlimited
 * @param maxTime longest time in all
 * @param logFiles files that the command writes, relative to {@code workdir}, each followed into a
 *     log of the step, whose name it has here. One that is there already counts once the command
 *     has changed it, and then from its beginning.
 * @param log which of the step's logs gets what the command prints; {@link #STDIO} unless it is to
 *     have one of its own
 */
public record Invocation(
        List<String> words,
        String workdir,
        Map<String, String> environment,
        Set<String> unset,
        Duration timeout,
        @Nullable Duration maxTime,
        Map<String, String> logFiles,
        String log) {

    /** The log that every step has. */
    public static final String STDIO = "stdio";

    public Invocation {
        words = List.copyOf(words);
        environment = Map.copyOf(environment);
        unset = Set.copyOf(unset);
        logFiles = Map.copyOf(logFiles);
    }

    /** Another command, run in the same way. */
    public Invocation of(List<String> others) {
        return new Invocation(others, workdir, environment, unset, timeout, maxTime, logFiles, log);
    }

    /** The same in another directory. */
    public Invocation in(String directory) {
        return new Invocation(
                words, directory, environment, unset, timeout, maxTime, logFiles, log);
    }

    /** The same with more variables, which replace those of the same name. */
    public Invocation with(Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(variables);
        return new Invocation(words, workdir, all, unset, timeout, maxTime, logFiles, log);
    }

    /** The same without some variables. */
    public Invocation without(Set<String> variables) {
        return new Invocation(
                words, workdir, environment, variables, timeout, maxTime, logFiles, log);
    }

    /** The same, printing to a log of this name. */
    public Invocation into(String other) {
        return new Invocation(
                words, workdir, environment, unset, timeout, maxTime, logFiles, other);
    }
}
