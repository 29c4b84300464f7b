package io.buildledger.builder.running;

import io.buildledger.builder.triggering.SchedulerAnswers;
import io.buildledger.builder.triggering.SchedulerAnswers.Known;
import io.buildledger.commanding.Question;
import io.buildledger.commanding.SchedulerCommands.Outcome;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.NightlyTriggerableScheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.TriggerableScheduler;
import io.buildledger.secrets.Scrubber;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.Triggers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What one step asks schedulers for.
 *
 * @param timeout how long the step waits for schedulers to decide
 * @param scrubber what it knows is in nothing that a scheduler is asked for
 */
record TriggersOfStep(
        StepRun run,
        int number,
        Duration timeout,
        SchedulerAnswers answers,
        StepListener listener,
        Scrubber scrubber)
        implements Triggers {

    private static final String SOURCE = "Trigger";
    private static final Set<String> TYPES =
            Set.of(TriggerableScheduler.TYPE, NightlyTriggerableScheduler.TYPE);

    /** A limit has to be given; nobody lives to see this one. */
    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    @Override
    public List<Answer> ask(List<Trigger> wanted) throws IOException, StepAbortedException {
        List<BuildTriggered> commands = new ArrayList<>();
        for (Trigger trigger : wanted) {
            commands.add(command(trigger, nameOf(trigger.scheduler())));
        }
        List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
        try {
            for (BuildTriggered command : commands) {
                Question question = listener.schedulerAsked(number, command);
                outcomes.add(answers.answerTo(question));
            }
            return answers(wanted, outcomes);
        } finally {
            outcomes.forEach(it -> it.cancel(true));
        }
    }

    private List<Answer> answers(List<Trigger> wanted, List<CompletableFuture<Outcome>> outcomes)
            throws StepAbortedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        List<Answer> decided = new ArrayList<>();
        for (int i = 0; i < outcomes.size(); i++) {
            Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
            decided.add(answer(wanted.get(i).scheduler(), outcomes.get(i), left));
        }
        return decided;
    }

    private Answer answer(String scheduler, CompletableFuture<Outcome> outcome, Duration limit)
            throws StepAbortedException {
        try {
            return switch (run.await(outcome, limit)) {
                case Outcome.Submitted submitted ->
                        new Answer.Submitted(
                                submitted.buildset().buildsetId(),
                                submitted.buildset().requestIds());
                case Outcome.Done _ -> new Answer.Kept();
                case Outcome.Refused refused -> new Answer.Refused(refused.reason());
            };
        } catch (TimeoutException e) {
            throw StepAbortedException.refused(
                    "no master that runs scheduler %s has come to it within %s: it stays asked"
                            .formatted(scheduler, Ending.seconds(timeout)));
        } catch (ExecutionException e) {
            throw neverFails(e);
        }
    }

    private static IllegalStateException neverFails(ExecutionException e) {
        return new IllegalStateException("what is waited for never fails", e.getCause());
    }

    /** The name that the scheduler has now. */
    private String nameOf(String scheduler) throws StepAbortedException {
        Known known;
        try {
            known =
                    answers.find(scheduler)
                            .orElseThrow(() ->
                                    StepAbortedException.refused(
                                            "there is no scheduler '%s': no master has ever run one of this name"
                                                    .formatted(scheduler)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StepAbortedException.interrupted("the build's thread was interrupted");
        }
        @Nullable String type = known.type();
        if (type != null && !TYPES.contains(type)) {
            throw StepAbortedException.refused(
                    "scheduler '%s' is of type %s: only %s and %s can be triggered"
                            .formatted(
                                    scheduler,
                                    type,
                                    TriggerableScheduler.TYPE,
                                    NightlyTriggerableScheduler.TYPE));
        }
        return known.name();
    }

    private BuildTriggered command(Trigger trigger, String scheduler) {
        Map<String, Property> properties = new HashMap<>();
        trigger.properties()
                .forEach((name, value) ->
                        properties.put(name, new Property(Scrubbing.of(value, scrubber), SOURCE)));
        return new BuildTriggered(
                scheduler,
                trigger.sourceStamps().stream().map(this::scrubbed).toList(),
                properties,
                trigger.waitedFor(),
                new ParentBuild(
                        run.build().builder(),
                        run.build().number(),
                        scrubber.scrub(trigger.relationship())),
                null,
                null);
    }

    private SourceStamp scrubbed(SourceStamp stamp) {
        return new SourceStamp(
                scrubber.scrub(stamp.repository()),
                scrubbedOrNull(stamp.branch()),
                scrubbedOrNull(stamp.revision()),
                scrubber.scrub(stamp.project()),
                scrubber.scrub(stamp.codebase()),
                stamp.patch());
    }

    private @Nullable String scrubbedOrNull(@Nullable String text) {
        return text == null ? null : scrubber.scrub(text);
    }

    @Override
    public Results await(long buildsetId) throws StepAbortedException {
        try {
            return run.await(answers.endOf(buildsetId), FOR_EVER);
        } catch (TimeoutException e) {
            throw new IllegalStateException("buildset %d never ends".formatted(buildsetId), e);
        } catch (ExecutionException e) {
            throw neverFails(e);
        }
    }
}
