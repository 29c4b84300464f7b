package io.buildledger.builder.running;

import io.buildledger.builder.logging.LogsOfStep;
import io.buildledger.builder.working.Interruption;
import io.buildledger.builder.working.Workplace;
import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfiguredStep;
import io.buildledger.configuring.Rendering;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.building.StepPolicy;
import io.buildledger.domain.rendering.BuildProperties;
import io.buildledger.domain.rendering.Condition;
import io.buildledger.domain.rendering.MissingSecret;
import io.buildledger.domain.requesting.Property;
import io.buildledger.secrets.Scrubber;
import io.buildledger.secrets.SecretUnavailableException;
import io.buildledger.secrets.Secrets;
import io.buildledger.stepping.CurrentBuild;
import io.buildledger.stepping.LockAccess;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.Worker;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One build. {@link #run} is called once, on a platform thread of the build's own. */
public final class RunningBuild {

    private static final Logger LOG = LoggerFactory.getLogger(RunningBuild.class);
    private static final BuildOutcome NOTHING_TO_DO =
            new BuildOutcome(Results.SUCCESS, "build successful");

    /** What a step does once it has its locks. */
    private interface StepBody {
        StepEnd run() throws IOException, StepAbortedException;
    }

    private final CurrentBuild build;
    private final Configuration.Builder builder;
    private final Secrets secrets;
    private final Scrubber scrubber = new Scrubber();
    private BuildProperties properties;
    private final BuildRunner runner;
    private final StepListener listener;
    private final StepEnvironment environment;
    private final Interruption interruption = new Interruption();
    private int artifacts;
    private @Nullable String workerFailure;

    RunningBuild(
            CurrentBuild build,
            Configuration.Builder builder,
            BuildProperties properties,
            BuildRunner runner,
            StepListener listener) {
        this.build = build;
        this.builder = builder;
        this.properties = properties;
        this.secrets = runner.secrets();
        this.runner = runner;
        this.listener = listener;
        this.environment = new StepEnvironment(build, builder.env());
    }

    /**
     * Runs the steps. When it returns, no process of the build is left but those that have left
     * their command's process group on purpose. It throws nothing but what the listener throws:
     * what goes wrong in a step is the step's EXCEPTION.
     */
    public BuildOutcome run() {
        if (builder.factory().isEmpty()) {
            return interruption.reason() == null ? NOTHING_TO_DO : cancelled();
        }
        try (Workplace workplace = runner.workplaces().take(build, listener, interruption)) {
            return runSteps(workplace);
        } catch (IOException e) {
            LOG.error("{} can't be prepared", build, e);
            String why =
                    "the builder's directory on worker %s can't be prepared: %s"
                            .formatted(build.worker(), e);
            return new BuildOutcome(Results.EXCEPTION, "exception: " + why, why);
        } catch (StepAbortedException e) {
            return interruption.reason() == null
                    ? new BuildOutcome(
                            e.results(),
                            (e.results() == Results.RETRY ? "retry: " : "exception: ") + e.why(),
                            e.isWorkersFault() ? e.why() : null)
                    : cancelled();
        } finally {
            interruption.restoreThread();
        }
    }

    /**
     * Ends the build as CANCELLED, from any thread and at any time: what runs is killed, and no
     * further step starts, not even one with {@code always_run}. Only the first reason counts.
     * Returns at once; {@link #run} returns when the processes are gone.
     */
    public void interrupt(String reason) {
        interruption.interrupt(reason);
    }

    private BuildOutcome runSteps(Workplace workplace) {
        Results results = Results.SUCCESS;
        String summary = "build successful";
        boolean halted = false;
        int number = 0;
        for (ConfiguredStep step : builder.factory()) {
            number++;
            if (interruption.reason() != null) {
                break;
            }
            StepPolicy policy = step.policy();
            if (halted && !policy.alwaysRun()) {
                continue;
            }
            listener.stepStarted(number, step.name());
            StepEnd end = runStep(workplace, number, step, results);
            Results after = policy.resultOfBuild(results, end.results());
            boolean hidden =
                    step.arguments().hideStepIf().toDomain().holds(facts(after, end.results()));
            listener.stepFinished(number, end.results(), end.exitCode(), end.summary(), hidden);
            if (after != results) {
                summary = end.summary();
            }
            results = after;
            halted |= policy.halts(end.results());
        }
        return interruption.reason() == null
                ? new BuildOutcome(results, summary, workerFailure)
                : cancelled();
    }

    private BuildOutcome cancelled() {
        return new BuildOutcome(
                Results.CANCELLED,
                StepEnd.cancelled(String.valueOf(interruption.reason())).summary());
    }

    private Condition.Facts facts(Results ofBuild, @Nullable Results ofStep) {
        return new Condition.Facts(properties, build.sourceStamps(), ofBuild, ofStep);
    }

    private StepEnd runStep(Workplace workplace, int number, ConfiguredStep step, Results soFar) {
        try (LogsOfStep logs =
                new LogsOfStep(
                        runner.shipper(), scrubber, build.builder(), build.number(), number)) {
            StepEnd end = withoutSecrets(runStep(workplace, number, step, soFar, logs));
            if (end.exitCode() == null) {
                logs.stdio().header(end.summary());
            }
            return end;
        } catch (RuntimeException e) {
            LOG.error("the log of step {} of {} can't be kept", number, build, e);
            return StepEnd.exception(step.name(), e.toString());
        }
    }

    private StepEnd withoutSecrets(StepEnd end) {
        return new StepEnd(end.results(), end.exitCode(), scrubber.scrub(end.summary()));
    }

    private StepEnd runStep(
            Workplace workplace, int number, ConfiguredStep step, Results soFar, LogsOfStep logs) {
        try {
            Worker worker = workplace.during(number, logs);
            if (properties.get("builddir").isEmpty()) {
                properties =
                        properties.withDirectories(
                                worker.info("basedir").map(String::valueOf).orElse(""),
                                worker.absolute(""));
            }
            Optional<String> refusal =
                    step.arguments().doStepIf().toDomain().refusal(facts(soFar, null));
            if (refusal.isPresent()) {
                return StepEnd.skipped(step.name(), refusal.get());
            }
            return withLocks(
                    number,
                    step.arguments().locks(),
                    logs,
                    () -> run(rendered(step, worker), worker, number, step.name(), soFar, logs));
        } catch (StepAbortedException e) {
            if (e.isWorkersFault() && workerFailure == null) {
                workerFailure = scrubber.scrub(e.why());
            }
            return StepEnd.of(step.name(), e);
        } catch (MissingSecret | SecretUnavailableException e) {
            return StepEnd.exception(step.name(), String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException e) {
            tell(step, e);
            return StepEnd.exception(step.name(), e.toString());
        }
    }

    private StepEnd withLocks(int number, List<LockAccess> locks, LogsOfStep logs, StepBody body)
            throws IOException, StepAbortedException {
        if (locks.isEmpty()) {
            return body.run();
        }
        try {
            listener.takeLocks(number, locks, interruption, logs.stdio()::header);
            return body.run();
        } finally {
            listener.releaseLocks(number);
        }
    }

    private StepEnd run(
            ConfiguredStep rendered,
            Worker worker,
            int number,
            String name,
            Results soFar,
            LogsOfStep logs)
            throws IOException, StepAbortedException {
        return rendered.step()
                .run(
                        new RunningStep(
                                rendered,
                                number,
                                build,
                                worker,
                                runner.masterShell(),
                                interruption,
                                environment.in(scope(worker, Map.of())),
                                () -> facts(soFar, null),
                                (property, value) -> set(number, name, property, value),
                                runner.uploads()
                                        .during(
                                                build,
                                                worker,
                                                interruption,
                                                scrubber,
                                                kept ->
                                                        listener.artifactStored(
                                                                number, ++artifacts, kept),
                                                logs.stdio()::header),
                                runner.files(),
                                triggering ->
                                        new TriggersOfStep(
                                                triggering,
                                                number,
                                                rendered.arguments().timeout(),
                                                runner.answers(),
                                                listener,
                                                scrubber),
                                logs));
    }

    /** The step with its texts as they are now; keywords may name anything but each other. */
    private ConfiguredStep rendered(ConfiguredStep step, Worker worker) {
        Map<String, Object> keywords = new HashMap<>();
        BuildScope withoutKeywords = scope(worker, Map.of());
        step.arguments()
                .kw()
                .forEach((name, value) ->
                        keywords.put(name, Rendering.ofValue(value, withoutKeywords)));
        return step.rendered(scope(worker, keywords));
    }

    private BuildScope scope(Worker worker, Map<String, Object> keywords) {
        return new BuildScope(build, properties, keywords, worker, secrets, scrubber);
    }

    /** What a secret is part of is known without it; the step's own steps on see it so, too. */
    private void set(int number, String step, String name, Object value) {
        Object shown = Scrubbing.of(value, scrubber);
        properties = properties.with(name, shown, step);
        listener.propertySet(number, name, new Property(shown, step));
    }

    /** Traces tell of what went wrong with the words that it was called by. */
    private void tell(ConfiguredStep step, Exception failure) {
        String message = failure.toString();
        if (scrubber.scrub(message).equals(message)) {
            LOG.error("step {} of {} failed", step.name(), build, failure);
        } else {
            LOG.error("step {} of {} failed: {}", step.name(), build, scrubber.scrub(message));
        }
    }
}
