package io.buildledger.builder.processes;

import io.buildledger.builder.logging.StepOutput;
import io.buildledger.builder.working.Interruption;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.Ending.Exited;
import io.buildledger.stepping.Ending.Interrupted;
import io.buildledger.stepping.Ending.Limit;
import io.buildledger.stepping.Ending.TimedOut;
import io.buildledger.stepping.OutputTap;
import io.buildledger.stepping.StepAbortedException;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands with an empty stdin, each as a process tree of its own. When {@link #run} returns,
 * nothing of the tree is left, not even what the command has put into the background.
 */
final class CommandRunner {

    /** How long output may still come after the command has ended. */
    private static final Duration LAST_OUTPUT = Duration.ofSeconds(2);

    /** Unlimited, as far as nanoseconds count. */
    private static final Duration LONG = Duration.ofDays(10_000);

    private final Duration grace;

    /**
     * @param grace between asking a command to end and killing it
     */
    CommandRunner(Duration grace) {
        this.grace = grace;
    }

    /**
     * @throws StepAbortedException if the program does not exist; nothing was started
     * @throws IOException if the command can't be started or its output not be stored
     */
    Ending run(
            LocalCommand command,
            StepOutput output,
            OutputTap tap,
            RunningMark mark,
            Interruption interruption)
            throws IOException, StepAbortedException {
        output.header(command.display());
        output.header("in " + command.directory());
        command.requireProgram();
        long started = System.nanoTime();
        Process process = start(command);
        ProcessTree tree = new ProcessTree(process.pid());
        Pump stdout = new Pump(process.getInputStream(), Source.STDOUT, output, tap);
        Pump stderr = new Pump(process.getErrorStream(), Source.STDERR, output, tap);
        CompletableFuture<Void> pumped = CompletableFuture.allOf(stdout.ended(), stderr.ended());
        try {
            mark.set(process.toHandle());
            stdout.start();
            stderr.start();
            Ending ending = watch(process, command, stdout, stderr, started, interruption);
            if (!(ending instanceof Exited)) {
                output.header(announcement(ending));
                tree.end(grace, interruption);
            }
            if (!interruption.await(pumped, LAST_OUTPUT)) {
                output.header("the command has ended; killing what it has left running");
            }
            endRest(tree, interruption);
            // Only a process that has left the group can still hold the pipes.
            if (!interruption.await(pumped, LAST_OUTPUT)) {
                output.header("a process has left the command's group; its output is not awaited");
            }
            stdout.requireStored();
            stderr.requireStored();
            output.header(epitaph(ending, Duration.ofNanos(System.nanoTime() - started)));
            return ending;
        } finally {
            killRest(tree, interruption);
            mark.clear();
        }
    }

    private static Process start(LocalCommand command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(ProcessTree.wrap(command.words()))
                        .directory(command.directory().toFile())
                        .redirectInput(new File("/dev/null"));
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.putAll(command.environment());
        return builder.start();
    }

    private static Ending watch(
            Process process,
            LocalCommand command,
            Pump stdout,
            Pump stderr,
            long started,
            Interruption interruption) {
        CompletableFuture<Process> exit = process.onExit();
        CompletableFuture<Object> exitOrInterruption = interruption.or(exit);
        while (true) {
            if (exit.isDone()) {
                return new Exited(process.exitValue());
            }
            String reason = interruption.reason();
            if (reason != null) {
                return new Interrupted(reason);
            }
            long now = System.nanoTime();
            long silence = now - Math.max(stdout.lastOutput(), stderr.lastOutput());
            Duration tillTimeout = left(command.timeout(), silence);
            Duration tillMaxTime = left(command.maxTime(), now - started);
            if (isOver(tillMaxTime) && command.maxTime() != null) {
                return new TimedOut(Limit.MAX_TIME, command.maxTime());
            }
            if (isOver(tillTimeout)) {
                return new TimedOut(Limit.TIMEOUT, command.timeout());
            }
            // Looked at again in any case: output and interruptions move the end of the wait.
            boolean _ =
                    interruption.await(
                            exitOrInterruption,
                            tillTimeout.compareTo(tillMaxTime) < 0 ? tillTimeout : tillMaxTime);
        }
    }

    private static Duration left(@Nullable Duration limit, long spentNanos) {
        return limit == null || limit.compareTo(LONG) > 0 ? LONG : limit.minusNanos(spentNanos);
    }

    private static boolean isOver(Duration left) {
        return !left.isPositive();
    }

    private void endRest(ProcessTree tree, Interruption interruption) throws IOException {
        if (tree.isAlive()) {
            tree.end(grace, interruption);
        }
    }

    /** Something is left only where an exception has cut the orderly end short. */
    private static void killRest(ProcessTree tree, Interruption interruption) throws IOException {
        if (tree.isAlive()) {
            tree.kill(interruption);
        }
    }

    private static String announcement(Ending ending) {
        return switch (ending) {
            case Exited exited -> "exit code " + exited.code();
            case TimedOut timedOut -> timedOut.description() + "; killing the command";
            case Interrupted interrupted ->
                    "interrupted: " + interrupted.reason() + "; killing the command";
        };
    }

    private static String epitaph(Ending ending, Duration took) {
        String seconds = Ending.seconds(Duration.ofMillis(took.toMillis() / 100 * 100));
        return ending instanceof Exited exited
                ? "exit code %d, took %s".formatted(exited.code(), seconds)
                : "killed, took " + seconds;
    }
}
