package io.buildledger.builder.running;

import io.buildledger.builder.logging.LogShipper;
import io.buildledger.builder.logging.StepOutput;
import io.buildledger.configuring.Configuration.GitStep;
import io.buildledger.configuring.Configuration.ShellStep;
import io.buildledger.configuring.Configuration.Step;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One build. {@link #run} is called once, on a platform thread of the build's own. */
public final class RunningBuild {

    private static final Logger LOG = LoggerFactory.getLogger(RunningBuild.class);
    private static final String LOG_NAME = "stdio";
    private static final BuildOutcome NOTHING_TO_DO =
            new BuildOutcome(Results.SUCCESS, "build successful");

    private final BuildOrder order;
    private final BuilderDirectory directory;
    private final StepEnvironment environment;
    private final DirectoriesInUse inUse;
    private final CommandRunner runner;
    private final LogShipper shipper;
    private final StepListener listener;
    private final RunningMark mark;
    private final Interruption interruption = new Interruption();

    RunningBuild(
            BuildOrder order,
            BuilderDirectory directory,
            StepEnvironment environment,
            DirectoriesInUse inUse,
            CommandRunner runner,
            LogShipper shipper,
            StepListener listener) {
        this.order = order;
        this.directory = directory;
        this.environment = environment;
        this.inUse = inUse;
        this.runner = runner;
        this.shipper = shipper;
        this.listener = listener;
        this.mark = new RunningMark(directory);
    }

    /**
     * Runs the steps. When it returns, no process of the build is left but those that have left
     * their command's process group on purpose. It throws nothing but what the listener throws:
     * what goes wrong in a step is the step's EXCEPTION.
     */
    public BuildOutcome run() {
        if (order.builder().factory().isEmpty()) {
            return interruption.reason() == null ? NOTHING_TO_DO : cancelled();
        }
        try (DirectoriesInUse.Use use = inUse.take(directory)) {
            Files.createDirectories(use.directory().path());
            if (!mark.reap(interruption)) {
                return exception(
                        "%s is in use by another builder master; give each its own basedir"
                                .formatted(directory.path()));
            }
            return runSteps();
        } catch (IOException e) {
            LOG.error("{} can't be prepared", directory.path(), e);
            return exception("%s can't be prepared: %s".formatted(directory.path(), e));
        } catch (StepRefusedException e) {
            return exception(e.why());
        } finally {
            interruption.restoreThread();
        }
    }

    private static BuildOutcome exception(String why) {
        return new BuildOutcome(Results.EXCEPTION, "exception: " + why);
    }

    /**
     * Ends the build as CANCELLED, from any thread and at any time: what runs is killed, and no
     * further step starts, not even one with {@code always_run}. Only the first reason counts.
     * Returns at once; {@link #run} returns when the processes are gone.
     */
    public void interrupt(String reason) {
        interruption.interrupt(reason);
    }

    private BuildOutcome runSteps() {
        Results results = Results.SUCCESS;
        String summary = "build successful";
        boolean halted = false;
        int number = 0;
        for (Step step : order.builder().factory()) {
            number++;
            if (interruption.reason() != null) {
                break;
            }
            if (halted && !step.policy().alwaysRun()) {
                continue;
            }
            listener.stepStarted(number, step.name());
            StepEnd end = runStep(number, step);
            listener.stepFinished(number, end.results(), end.exitCode(), end.summary());
            Results after = step.policy().resultOfBuild(results, end.results());
            if (after != results) {
                summary = end.summary();
            }
            results = after;
            halted |= step.policy().halts(end.results());
        }
        return interruption.reason() == null ? new BuildOutcome(results, summary) : cancelled();
    }

    private BuildOutcome cancelled() {
        return new BuildOutcome(
                Results.CANCELLED,
                StepEnd.cancelled(String.valueOf(interruption.reason())).summary());
    }

    private StepEnd runStep(int number, Step step) {
        try (StepOutput output =
                shipper.open(order.builder().name(), order.buildNumber(), number, LOG_NAME)) {
            StepEnd end = runStep(step, output);
            if (end.exitCode() == null) {
                output.header(end.summary());
            }
            return end;
        } catch (RuntimeException e) {
            return unexpected(number, step, e);
        }
    }

    private StepEnd runStep(Step step, StepOutput output) {
        StepCommands commands = new StepCommands(runner, output, mark, interruption);
        try {
            return switch (step) {
                case GitStep git ->
                        new GitCheckout(git, stampFor(git), directory, environment, commands).run();
                case ShellStep shell ->
                        new ShellCommand(shell, directory, environment).run(commands);
            };
        } catch (StepRefusedException e) {
            return StepEnd.exception(step.name(), e.why());
        } catch (IOException | RuntimeException e) {
            LOG.error("step {} of {} failed", step.name(), order, e);
            return StepEnd.exception(step.name(), e.toString());
        }
    }

    private SourceStamp stampFor(GitStep git) throws StepRefusedException {
        Optional<SourceStamp> stamp = order.sourceStampOf(git.codebase());
        if (stamp.isEmpty()) {
            throw new StepRefusedException(
                    "the build has no codebase '%s': name it in the scheduler's codebases, or mend the step's"
                            .formatted(git.codebase()));
        }
        return stamp.get();
    }

    private StepEnd unexpected(int number, Step step, RuntimeException failure) {
        LOG.error("the log of step {} of {} can't be kept", number, order, failure);
        return StepEnd.exception(step.name(), failure.toString());
    }
}
