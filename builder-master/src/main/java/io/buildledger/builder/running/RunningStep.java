package io.buildledger.builder.running;

import io.buildledger.builder.logging.LogsOfStep;
import io.buildledger.configuring.ConfiguredStep;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.rendering.BuildProperties;
import io.buildledger.domain.requesting.Property;
import io.buildledger.stepping.CurrentBuild;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.Ending.Exited;
import io.buildledger.stepping.Ending.Interrupted;
import io.buildledger.stepping.Ending.TimedOut;
import io.buildledger.stepping.Invocation;
import io.buildledger.stepping.StepArguments;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.Worker;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** A step of a build that runs, with what its keys say of it. */
record RunningStep(
        ConfiguredStep configured,
        CurrentBuild build,
        Worker worker,
        StepEnvironment environment,
        Supplier<BuildProperties> current,
        BiConsumer<String, Object> onProperty,
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
                arguments.logFiles());
    }

    @Override
    public Map<String, Property> properties() {
        return current.get().asMap();
    }

    @Override
    public void setProperty(String name, Object value) {
        onProperty.accept(name, value);
    }

    @Override
    public void note(String text) {
        logs.stdio().header(text);
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
        return new StepEnd(results, code, "%s (exit code %d)".formatted(phrase(results), code));
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
