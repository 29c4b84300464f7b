package io.buildledger.builder.running;

import io.buildledger.builder.logging.LogsOfStep;
import io.buildledger.builder.logging.TappedLines;
import io.buildledger.builder.working.Interruption;
import io.buildledger.builder.working.MasterShell;
import io.buildledger.configuring.ConfiguredStep;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.rendering.Condition;
import io.buildledger.domain.requesting.Property;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.stepping.Artifacts;
import io.buildledger.stepping.CurrentBuild;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.Ending.Exited;
import io.buildledger.stepping.Ending.Interrupted;
import io.buildledger.stepping.Ending.TimedOut;
import io.buildledger.stepping.Invocation;
import io.buildledger.stepping.LineTap;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepArguments;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.Triggers;
import io.buildledger.stepping.Worker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A step of a build that runs, with what its keys say of it. */
record RunningStep(
        ConfiguredStep configured,
        int number,
        CurrentBuild build,
        Worker worker,
        MasterShell masterShell,
        Interruption interruption,
        StepEnvironment environment,
        Supplier<Condition.Facts> current,
        BiConsumer<String, Object> onProperty,
        Artifacts artifacts,
        Path files,
        Function<StepRun, Triggers> triggering,
        LogsOfStep logs)
        implements StepRun {

    @Override
    public String name() {
        return configured.name();
    }

    @Override
    public Invocation invocation(List<String> words) {
        StepArguments arguments = configured.arguments();
        return new Invocation(
                words,
                arguments.workdir(),
                environment.with(arguments.env()),
                Set.of(),
                arguments.timeout(),
                arguments.maxTime(),
                arguments.logFiles(),
                Invocation.STDIO);
    }

    @Override
    public Map<String, Property> properties() {
        return facts().properties().asMap();
    }

    @Override
    public Condition.Facts facts() {
        return current.get();
    }

    @Override
    public void setProperty(String name, Object value) {
        onProperty.accept(name, value);
    }

    @Override
    public Triggers triggers() {
        return triggering.apply(this);
    }

    @Override
    public Path masterFile(String path) throws StepAbortedException {
        Path file;
        try {
            file = files.resolve(path).normalize();
        } catch (InvalidPathException e) {
            throw StepAbortedException.refused(
                    "'%s' is no path: %s".formatted(path, e.getReason()));
        }
        if (!file.startsWith(files)) {
            throw StepAbortedException.refused(
                    "'%s' is outside the directory of the master's configuration file"
                            .formatted(path));
        }
        if (!Files.isRegularFile(file)) {
            throw StepAbortedException.failed(
                    "master %s has no file %s".formatted(build.master(), file));
        }
        return file;
    }

    @Override
    public String inWorkdir(String path) {
        // An absolute one is for the worker to refuse.
        return path.startsWith("/") ? path : configured.arguments().workdir() + "/" + path;
    }

    @Override
    public void note(String text) {
        logs.stdio().header(text);
    }

    @Override
    public void addToLog(String log, String text) {
        byte[] lines = (text.endsWith("\n") ? text : text + "\n").getBytes(StandardCharsets.UTF_8);
        logs.log(log).write(Source.STDOUT, lines, lines.length);
    }

    @Override
    public Ending command(Invocation invocation, LineTap lines)
            throws IOException, StepAbortedException {
        TappedLines tapped = new TappedLines(lines);
        Ending ending = worker.run(invocation, tapped);
        tapped.end();
        return ending;
    }

    @Override
    public Ending onMaster(Invocation invocation) throws IOException, StepAbortedException {
        return masterShell.run(build, number, invocation, logs, interruption);
    }

    @Override
    public <T> T await(CompletableFuture<T> future, Duration limit)
            throws StepAbortedException, TimeoutException, ExecutionException {
        boolean _ = interruption.await(interruption.or(future), limit);
        String reason = interruption.reason();
        if (reason != null) {
            future.cancel(true);
            throw StepAbortedException.interrupted(reason);
        }
        try {
            return future.get(0, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            future.cancel(true);
            throw e;
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw StepAbortedException.interrupted("the build's thread was interrupted");
        }
    }

    @Override
    public StepEnd endOf(Ending ending) {
        return switch (ending) {
            case Exited exited -> ofCode(exited.code());
            case TimedOut timedOut -> StepEnd.failed(called(), null, timedOut.description());
            case Interrupted interrupted -> StepEnd.cancelled(interrupted.reason());
        };
    }

    private String called() {
        String description = configured.arguments().description();
        return description == null ? name() : description;
    }

    private StepEnd ofCode(int code) {
        Results results =
                configured
                        .arguments()
                        .decodeRc()
                        .getOrDefault(code, code == 0 ? Results.SUCCESS : Results.FAILURE);
        return end(results, code, "exit code " + code);
    }

    @Override
    public StepEnd end(Results results, @Nullable Integer exitCode, String why) {
        return new StepEnd(results, exitCode, "%s (%s)".formatted(phrase(results), why));
    }

    private String phrase(Results results) {
        return switch (results) {
            case SUCCESS -> called() + " successful";
            case SKIPPED -> "skipped " + called();
            case WARNINGS -> "warnings in " + called();
            case FAILURE -> "failed " + called();
            case EXCEPTION -> "exception in " + called();
            case RETRY -> "retry asked for by " + called();
            case CANCELLED -> "cancelled by " + called();
        };
    }
}
