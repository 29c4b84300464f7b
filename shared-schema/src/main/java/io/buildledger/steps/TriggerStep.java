package io.buildledger.steps;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.Property;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import io.buildledger.stepping.Triggers;
import io.buildledger.stepping.Triggers.Answer;
import io.buildledger.stepping.Triggers.Trigger;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Asks schedulers for other builds. Its {@code timeout} is how long it waits for the schedulers to
 * decide; for the builds it waits without a limit.
 *
 * @param schedulerNames of types {@code triggerable} and {@code nightly_triggerable}
 * @param waitForFinish whether the step waits for the builds, and ends as the worst of them;
 *     default false
 * @param updateSourceStamp whether the builds are of the revisions that this build has got, in
 *     place of those that it was asked for; default true
 * @param sourceStamp what is built, in place of what this build is of
 * @param sourceStamps the same for several codebases
 * @param alwaysUseLatest whether the builds are of what the schedulers have by default, whatever
 *     this build is of; default false
 * @param setProperties properties of the builds: text, numbers, true or false, or lists and maps of
 *     these
 * @param copyProperties names of properties that the builds get from this one, as far as it has
 *     them
 * @param unimportantSchedulerNames those of {@code scheduler_names} whose builds are waited for but
 *     don't count
 * @param parentRelationship what the builds are to this one, for people; default {@code Triggered
 *     from}
 */
@StepType("trigger")
public record TriggerStep(
        List<String> schedulerNames,
        boolean waitForFinish,
        @Nullable Boolean updateSourceStamp,
        @Nullable TriggerSourceStamp sourceStamp,
        @Nullable List<TriggerSourceStamp> sourceStamps,
        boolean alwaysUseLatest,
        Map<String, Object> setProperties,
        List<String> copyProperties,
        List<String> unimportantSchedulerNames,
        String parentRelationship)
        implements Step {

    private static final String RELATIONSHIP = "Triggered from";

    public TriggerStep {
        setProperties = setProperties == null ? Map.of() : setProperties;
        copyProperties = copyProperties == null ? List.of() : copyProperties;
        unimportantSchedulerNames =
                unimportantSchedulerNames == null ? List.of() : unimportantSchedulerNames;
        parentRelationship = parentRelationship == null ? RELATIONSHIP : parentRelationship;
    }

    @Override
    public void check(StepProblems problems) {
        new TriggerStepCheck(this, problems).check();
    }

    /** What is built where the file says it. */
    List<TriggerSourceStamp> given() {
        if (sourceStamps != null) {
            return sourceStamps;
        }
        return sourceStamp == null ? List.of() : List.of(sourceStamp);
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        List<SourceStamp> stamps = stamps(run);
        Map<String, Object> properties = properties(run.properties());
        Triggers triggers = run.triggers();
        List<Answer> answers =
                triggers.ask(
                        schedulerNames.stream()
                                .map(scheduler ->
                                        new Trigger(
                                                scheduler,
                                                stamps,
                                                properties,
                                                waitForFinish,
                                                parentRelationship))
                                .toList());
        List<TriggeredBuilds> triggered = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            String scheduler = schedulerNames.get(i);
            TriggeredBuilds builds =
                    new TriggeredBuilds(
                            scheduler,
                            unimportantSchedulerNames.contains(scheduler),
                            answers.get(i),
                            null);
            run.note(builds.told());
            triggered.add(builds);
        }
        return TriggeredBuilds.endOf(waitForFinish ? waitedFor(triggered, run) : triggered);
    }

    private static List<TriggeredBuilds> waitedFor(List<TriggeredBuilds> triggered, StepRun run)
            throws StepAbortedException {
        List<TriggeredBuilds> ended = new ArrayList<>();
        for (TriggeredBuilds builds : triggered) {
            if (builds.answer() instanceof Answer.Submitted submitted) {
                TriggeredBuilds end = builds.endedAs(run.triggers().await(submitted.buildsetId()));
                run.note(
                        "%s: buildset %d: %s"
                                .formatted(end.scheduler(), submitted.buildsetId(), end.results()));
                ended.add(end);
            } else {
                ended.add(builds);
            }
        }
        return ended;
    }

    private List<SourceStamp> stamps(StepRun run) {
        if (!given().isEmpty()) {
            return given().stream().map(TriggerSourceStamp::toDomain).toList();
        }
        if (alwaysUseLatest) {
            return List.of();
        }
        Property got = run.properties().get("got_revision");
        return Boolean.FALSE.equals(updateSourceStamp) || got == null
                ? run.build().sourceStamps()
                : withRevisions(run.build().sourceStamps(), got.value());
    }

    /**
     * The source stamps with the revisions that a build has got.
     *
     * @param got one, or by codebase; a single one is that of the build's only codebase, or of the
     *     one without a name
     */
    static List<SourceStamp> withRevisions(List<SourceStamp> stamps, Object got) {
        return stamps.stream()
                .map(stamp -> {
                    Object revision =
                            got instanceof Map<?, ?> ofCodebases
                                    ? ofCodebases.get(stamp.codebase())
                                    : stamps.size() == 1 || stamp.codebase().isEmpty() ? got : null;
                    return revision == null || revision.toString().isBlank()
                            ? stamp
                            : new SourceStamp(
                                    stamp.repository(),
                                    stamp.branch(),
                                    revision.toString(),
                                    stamp.project(),
                                    stamp.codebase(),
                                    stamp.patch());
                })
                .toList();
    }

    private Map<String, Object> properties(Map<String, Property> ofBuild) {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (String name : copyProperties) {
            Property property = ofBuild.get(name);
            if (property != null) {
                properties.put(name, property.value());
            }
        }
        // An interpolation may have found nothing.
        setProperties.forEach(
                (name, value) -> properties.put(name, Objects.requireNonNullElse(value, "")));
        return properties;
    }
}
