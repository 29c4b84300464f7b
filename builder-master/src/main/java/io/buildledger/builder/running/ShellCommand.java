package io.buildledger.builder.running;

import io.buildledger.builder.running.Ending.Exited;
import io.buildledger.builder.running.Ending.Interrupted;
import io.buildledger.builder.running.Ending.TimedOut;
import io.buildledger.configuring.Configuration.ShellStep;
import io.buildledger.domain.building.Results;
import java.io.IOException;

/** A step that is one command. */
record ShellCommand(ShellStep step, BuilderDirectory directory, StepEnvironment environment) {

    StepEnd run(StepCommands commands) throws IOException, StepRefusedException {
        Ending ending =
                commands.run(
                        new Invocation(
                                step.command().words(),
                                directory.workdir(step.workdir()),
                                environment.with(step.env()),
                                step.timeout(),
                                step.maxTime()));
        return switch (ending) {
            case Exited exited -> ofCode(exited.code());
            case TimedOut timedOut -> StepEnd.failed(step.name(), null, timedOut.description());
            case Interrupted interrupted -> StepEnd.cancelled(interrupted.reason());
        };
    }

    private StepEnd ofCode(int code) {
        Results results =
                step.decodeRc().getOrDefault(code, code == 0 ? Results.SUCCESS : Results.FAILURE);
        return new StepEnd(results, code, "%s (exit code %d)".formatted(phrase(results), code));
    }

    private String phrase(Results results) {
        return switch (results) {
            case SUCCESS -> step.name() + " successful";
            case SKIPPED -> "skipped " + step.name();
            case WARNINGS -> "warnings in " + step.name();
            case FAILURE -> "failed " + step.name();
            case EXCEPTION -> "exception in " + step.name();
            case RETRY -> "retry asked for by " + step.name();
            case CANCELLED -> "cancelled by " + step.name();
        };
    }
}
