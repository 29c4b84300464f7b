package io.buildledger.scheduler.tracing;

import static io.buildledger.scheduler.tracing.SpanAttributes.ACTION;
import static io.buildledger.scheduler.tracing.SpanAttributes.ATTEMPT;
import static io.buildledger.scheduler.tracing.SpanAttributes.BUILDER;
import static io.buildledger.scheduler.tracing.SpanAttributes.EXIT_CODE;
import static io.buildledger.scheduler.tracing.SpanAttributes.HIDDEN;
import static io.buildledger.scheduler.tracing.SpanAttributes.INTERRUPTED;
import static io.buildledger.scheduler.tracing.SpanAttributes.MASTER;
import static io.buildledger.scheduler.tracing.SpanAttributes.PIPELINE;
import static io.buildledger.scheduler.tracing.SpanAttributes.PIPELINE_RESULT;
import static io.buildledger.scheduler.tracing.SpanAttributes.PIPELINE_RUN;
import static io.buildledger.scheduler.tracing.SpanAttributes.PRIORITY;
import static io.buildledger.scheduler.tracing.SpanAttributes.REQUEST;
import static io.buildledger.scheduler.tracing.SpanAttributes.STEP;
import static io.buildledger.scheduler.tracing.SpanAttributes.TASK;
import static io.buildledger.scheduler.tracing.SpanAttributes.TASK_RESULT;
import static io.buildledger.scheduler.tracing.SpanAttributes.TASK_RUN;
import static io.buildledger.scheduler.tracing.SpanAttributes.WORKER;

import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCollapsed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestExpired;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestGivenUp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.log.Recorded;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The spans of a request that has ended: one of the whole, and within it each time that it waited
 * and each build, with the build's steps. What was recorded after the end, such as a step that took
 * a while to stop, is not in them: so they are the same whenever they are made.
 */
final class RequestSpans {

    private final Trace trace;
    private final SpanContext parent;
    private final Function<BuildRequestClaimed, Collection<Recorded>> steps;
    private final List<SpanData> within = new ArrayList<>();
    private @Nullable BuildRequested requested;
    private @Nullable Instant begun;
    private int priority;
    private int waited;
    private @Nullable Instant waitingSince;
    private @Nullable BuildRequestClaimed claim;
    private @Nullable Instant claimedAt;
    private @Nullable SpanData whole;

    private RequestSpans(
            Trace trace,
            SpanContext parent,
            Function<BuildRequestClaimed, Collection<Recorded>> steps) {
        this.trace = trace;
        this.parent = parent;
        this.steps = steps;
    }

    /**
     * @param events of the request's stream
     * @param steps the beginnings and ends of a build's steps
     * @return the span of the whole first; none if the request has not ended
     */
    static List<SpanData> of(
            Collection<Recorded> events,
            Function<BuildRequestClaimed, Collection<Recorded>> steps,
            Trace trace,
            SpanContext parent) {
        RequestSpans spans = new RequestSpans(trace, parent, steps);
        for (Recorded recorded : events) {
            if (spans.whole == null && recorded.event() instanceof BuildRequestEvent event) {
                spans.read(event, recorded.at());
            }
        }
        List<SpanData> all = new ArrayList<>();
        if (spans.whole != null) {
            all.add(spans.whole);
            all.addAll(spans.within);
        }
        return all;
    }

    private void read(BuildRequestEvent event, Instant at) {
        switch (event) {
            case BuildRequested it -> {
                requested = it;
                begun = at;
                priority = it.priority();
                waitingSince = at;
            }
            case BuildRequestPriorityChanged it -> priority = it.priority();
            case BuildRequestClaimed it -> {
                endWaiting(at);
                claim = it;
                claimedAt = at;
            }
            case BuildStarted _ -> {
                // It follows its claim at once.
            }
            case BuildRequestReleased it -> {
                endBuild(at, Results.RETRY, it.reason());
                waitingSince = at;
            }
            case BuildRequestCompleted it -> end(at, it.results(), it.summary());
            case BuildRequestCancelled it -> end(at, Results.CANCELLED, it.reason());
            case BuildRequestCollapsed it -> end(at, Results.SKIPPED, it.reason());
            case BuildRequestExpired _ ->
                    end(at, Results.EXCEPTION, "nobody claimed it within its queue timeout");
            case BuildRequestGivenUp it -> {
                // It comes with a release, after which nothing is waited for.
                waitingSince = null;
                end(at, Results.EXCEPTION, it.reason());
            }
        }
    }

    private void endWaiting(Instant at) {
        if (requested != null && waitingSince != null) {
            waited++;
            within.add(
                    RecordedSpan.of(
                            "waiting",
                            SpanKind.INTERNAL,
                            trace.waiting(requested.requestId(), waited),
                            trace.request(requested.requestId()),
                            waitingSince,
                            at,
                            Attributes.of(BUILDER, requested.builder()),
                            StatusData.unset()));
        }
        waitingSince = null;
    }

    private void end(Instant at, Results results, String why) {
        endWaiting(at);
        endBuild(at, results, why);
        if (requested == null || begun == null) {
            return;
        }
        AttributesBuilder attributes =
                Attributes.builder()
                        .put(REQUEST, requested.requestId())
                        .put(BUILDER, requested.builder())
                        .put(PRIORITY, (long) priority);
        SpanAttributes.results(attributes, PIPELINE_RESULT, results);
        whole =
                RecordedSpan.of(
                        "request " + requested.builder(),
                        SpanKind.INTERNAL,
                        trace.request(requested.requestId()),
                        parent,
                        begun,
                        at,
                        attributes.build(),
                        SpanAttributes.status(results, why));
    }

    private void endBuild(Instant at, Results results, String why) {
        BuildRequestClaimed build = claim;
        if (build == null || claimedAt == null) {
            return;
        }
        AttributesBuilder attributes =
                Attributes.builder()
                        .put(ACTION, "BUILD")
                        .put(PIPELINE, build.builder())
                        .put(PIPELINE_RUN, build.builder() + "/" + build.buildNumber())
                        .put(WORKER, build.worker())
                        .put(MASTER, build.master())
                        .put(REQUEST, build.requestId())
                        .put(ATTEMPT, (long) build.attempt());
        SpanAttributes.results(attributes, PIPELINE_RESULT, results);
        within.add(
                RecordedSpan.of(
                        "BUILD " + build.builder(),
                        SpanKind.SERVER,
                        trace.build(build.builder(), build.buildNumber()),
                        trace.request(build.requestId()),
                        claimedAt,
                        at,
                        attributes.build(),
                        SpanAttributes.status(results, why)));
        steps(build, at);
        claim = null;
    }

    private void steps(BuildRequestClaimed build, Instant end) {
        Map<Integer, Recorded> begun = new LinkedHashMap<>();
        Map<Integer, Recorded> finished = new LinkedHashMap<>();
        for (Recorded recorded : steps.apply(build)) {
            if (!recorded.at().isAfter(end)) {
                switch (recorded.event()) {
                    case StepStarted it -> begun.put(it.step(), recorded);
                    case StepFinished it -> finished.put(it.step(), recorded);
                    default -> {
                        // An audit of the build tells of what can't be read.
                    }
                }
            }
        }
        begun.forEach((step, recorded) ->
                within.add(
                        step(
                                build,
                                (StepStarted) recorded.event(),
                                recorded,
                                finished.get(step),
                                end)));
    }

    private SpanData step(
            BuildRequestClaimed build,
            StepStarted step,
            Recorded begun,
            @Nullable Recorded finished,
            Instant end) {
        AttributesBuilder attributes =
                Attributes.builder()
                        .put(TASK, step.name())
                        .put(
                                TASK_RUN,
                                "%s/%d/%d"
                                        .formatted(
                                                build.builder(), build.buildNumber(), step.step()))
                        .put(STEP, (long) step.step());
        StatusData status = StatusData.unset();
        if (finished != null && finished.event() instanceof StepFinished it) {
            SpanAttributes.results(attributes, TASK_RESULT, it.results());
            status = SpanAttributes.status(it.results(), it.summary());
            if (it.exitCode() != null) {
                attributes.put(EXIT_CODE, it.exitCode().longValue());
            }
            if (it.hidden() != null) {
                attributes.put(HIDDEN, true);
            }
        } else {
            attributes.put(INTERRUPTED, true);
        }
        return RecordedSpan.of(
                step.name(),
                SpanKind.INTERNAL,
                trace.step(build.builder(), build.buildNumber(), step.step()),
                trace.build(build.builder(), build.buildNumber()),
                begun.at(),
                finished == null ? end : finished.at(),
                attributes.build(),
                status);
    }
}
