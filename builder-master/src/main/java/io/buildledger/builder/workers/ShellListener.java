package io.buildledger.builder.workers;

import io.buildledger.builder.attaching.CommandListener;
import io.buildledger.builder.attaching.WorkerMisbehavedException;
import io.buildledger.builder.logging.LogsOfStep;
import io.buildledger.builder.logging.StepOutput;
import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.showing.Printable;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.Ending.Exited;
import io.buildledger.stepping.Ending.Interrupted;
import io.buildledger.stepping.Ending.Limit;
import io.buildledger.stepping.Ending.TimedOut;
import io.buildledger.stepping.Invocation;
import io.buildledger.stepping.OutputTap;
import io.buildledger.stepping.StepAbortedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Carries what a shell command on a worker says to the step's logs. */
final class ShellListener implements CommandListener {

    private static final int KILLED = -1;

    /** As the worker names its reasons from version 3.9 on. */
    private static final String TIMEOUT = "timeout_without_output";

    private static final String MAX_TIME = "timeout";

    /** An older worker only says so. */
    private static final Pattern TIMED_OUT =
            Pattern.compile("\\A\\s*command timed out: \\S+ seconds (without output|elapsed) ");

    private final LogsOfStep logs;
    private final StepOutput output;
    private final OutputTap tap;
    private final Set<String> logFiles;
    private @Nullable Integer code;
    private @Nullable String failureReason;
    private @Nullable String error;

    /**
     * @param logs of the step that the command is a part of
     */
    ShellListener(LogsOfStep logs, Invocation invocation, OutputTap tap) {
        this.logs = logs;
        this.output = logs.log(invocation.log());
        this.tap = tap;
        this.logFiles = invocation.logFiles().keySet();
    }

    @Override
    public synchronized void update(List<Update> updates) throws IOException {
        for (Update update : updates) {
            Object value = update.value();
            switch (update.key()) {
                case "stdout" -> print(Source.STDOUT, text(value));
                case "stderr" -> print(Source.STDERR, text(value));
                // The worker shows the command with its words.
                case "header" -> tell(text(value));
                case "log" -> printTo(value);
                case "rc" -> code = value instanceof Number number ? number.intValue() : KILLED;
                case "failure_reason" -> failureReason = String.valueOf(value);
                default -> {
                    // What later workers may tell, too.
                }
            }
        }
    }

    private void tell(String header) {
        Matcher timedOut = TIMED_OUT.matcher(header);
        if (timedOut.find()) {
            failureReason = timedOut.group(1).equals("elapsed") ? MAX_TIME : TIMEOUT;
        }
        output.header(RepositoryAddress.masked(header));
    }

    private void print(Source source, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        output.write(source, bytes, bytes.length);
        tap.write(source, bytes, bytes.length);
    }

    private void printTo(@Nullable Object value) throws WorkerMisbehavedException {
        if (!(value instanceof List<?> named
                && named.size() == 2
                && named.getFirst() instanceof String log)) {
            throw new WorkerMisbehavedException("it sends a log file without its name");
        }
        // Each name is a file of the master's, and a worker would never run out of names.
        if (!logFiles.contains(log)) {
            throw new WorkerMisbehavedException(
                    "it sends the log file '%s', which its command does not follow"
                            .formatted(Printable.of(log)));
        }
        byte[] bytes = text(named.getLast()).getBytes(StandardCharsets.UTF_8);
        logs.log(log).write(Source.STDOUT, bytes, bytes.length);
    }

    /** Text comes with the places of its newlines and with times, of which none is needed. */
    private static String text(@Nullable Object value) throws WorkerMisbehavedException {
        Object text = value instanceof List<?> parts && !parts.isEmpty() ? parts.getFirst() : value;
        if (text instanceof String said) {
            return said;
        }
        throw new WorkerMisbehavedException("it sends output that is no text");
    }

    @Override
    public synchronized void complete(@Nullable String failure) {
        output.endOfStream(Source.STDOUT);
        output.endOfStream(Source.STDERR);
        error = failure;
    }

    /**
     * How the command has ended.
     *
     * @param interrupted why the build was interrupted, or null
     * @throws StepAbortedException if it could not be started
     */
    synchronized Ending ending(Invocation invocation, @Nullable String interrupted)
            throws StepAbortedException {
        if (failureReason != null) {
            return switch (failureReason) {
                case MAX_TIME -> new TimedOut(Limit.MAX_TIME, orZero(invocation.maxTime()));
                default -> new TimedOut(Limit.TIMEOUT, invocation.timeout());
            };
        }
        if (interrupted != null && (code == null || code == KILLED)) {
            return new Interrupted(interrupted);
        }
        if (error != null || code == null) {
            throw StepAbortedException.refused(
                    error == null ? "the command has ended without an exit code" : error);
        }
        return new Exited(code);
    }

    private static Duration orZero(@Nullable Duration duration) {
        return duration == null ? Duration.ZERO : duration;
    }
}
