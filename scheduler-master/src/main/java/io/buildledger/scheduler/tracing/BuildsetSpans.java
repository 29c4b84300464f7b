package io.buildledger.scheduler.tracing;

import static io.buildledger.scheduler.tracing.SpanAttributes.BRANCH;
import static io.buildledger.scheduler.tracing.SpanAttributes.BUILDSET;
import static io.buildledger.scheduler.tracing.SpanAttributes.CHANGE;
import static io.buildledger.scheduler.tracing.SpanAttributes.CHANGES;
import static io.buildledger.scheduler.tracing.SpanAttributes.PARENT_BUILD;
import static io.buildledger.scheduler.tracing.SpanAttributes.PIPELINE_RESULT;
import static io.buildledger.scheduler.tracing.SpanAttributes.REASON;
import static io.buildledger.scheduler.tracing.SpanAttributes.REPOSITORY;
import static io.buildledger.scheduler.tracing.SpanAttributes.REVISION;
import static io.buildledger.scheduler.tracing.SpanAttributes.SCHEDULER;

import io.buildledger.claiming.Builds;
import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildsetEvent;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower.NotYetException;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The spans of a buildset that is complete, as the log tells it: the whole, what happened until it
 * was submitted, and its requests. It belongs to the trace of the build that asked for it, if one
 * did, and is linked to the buildset that it followed from otherwise.
 */
final class BuildsetSpans {

    /** From a command to the scheduler's decision, or from another buildset's end. */
    private static final int CAUSES = 4;

    /** Of more changes the last ones are told of by themselves. */
    static final int TOLD_CHANGES = 100;

    /** By then the views show which request a build was for, if they ever do. */
    private static final Duration SETTLED = Duration.ofMinutes(1);

    /** The trace that a buildset belongs to, and the span there that it is within, if any. */
    private record Place(Trace trace, SpanContext parent) {}

    private final EventLog log;
    private final Builds builds;

    BuildsetSpans(EventLog log, Builds builds) {
        this.log = log.toTell();
        this.builds = builds;
    }

    /**
     * Reads the log request by request, as the spans are asked for.
     *
     * @param recorded the end of a buildset
     * @param now on the database's clock
     * @throws IllegalStateException if the log lacks the buildset's beginning
     * @throws NotYetException if it can't be told yet which trace the buildset belongs to
     */
    Iterator<SpanData> of(Recorded recorded, Instant now) {
        BuildsetCompleted completed = (BuildsetCompleted) recorded.event();
        Recorded first = log.find(Streams.buildset(completed.buildsetId()), 0).orElse(null);
        if (first != null && first.event() instanceof NewerEvent newer) {
            throw newer.refused();
        }
        if (first == null || !(first.event() instanceof BuildsetSubmitted submitted)) {
            throw new IllegalStateException(
                    "the log lacks the beginning of buildset " + completed.buildsetId());
        }
        boolean isSettled = Duration.between(recorded.at(), now).compareTo(SETTLED) > 0;
        Place place = place(submitted, isSettled);
        return Stream.concat(
                        whole(first, submitted, recorded, completed, place).stream(),
                        new TreeMap<>(submitted.requestIds())
                                .values().stream()
                                        .flatMap(request ->
                                                request(request, submitted, place).stream()))
                .iterator();
    }

    private List<SpanData> request(long requestId, BuildsetSubmitted buildset, Place place) {
        return RequestSpans.of(
                log.read(Streams.buildRequest(requestId)),
                build ->
                        log.readOfTypes(
                                Streams.build(build.builder(), build.buildNumber()),
                                Set.of(StepStarted.class, StepFinished.class)),
                place.trace(),
                place.trace().buildset(buildset.buildsetId()));
    }

    private Place place(BuildsetSubmitted buildset, boolean isSettled) {
        BuildsetSubmitted first = buildset;
        Optional<BuildsetSubmitted> asking = asking(first, isSettled);
        while (asking.isPresent()) {
            first = asking.get();
            asking = asking(first, isSettled);
        }
        Trace trace = Trace.of(first);
        ParentBuild parent = buildset.parent();
        return parent == null || first.buildsetId() == buildset.buildsetId()
                ? new Place(trace, SpanContext.getInvalid())
                : new Place(trace, trace.build(parent.builder(), parent.buildNumber()));
    }

    /** The buildset of the build that asked for one. */
    private Optional<BuildsetSubmitted> asking(BuildsetSubmitted buildset, boolean isSettled) {
        ParentBuild parent = buildset.parent();
        if (parent == null) {
            return Optional.empty();
        }
        Optional<Long> request = builds.requestOf(parent.builder(), parent.buildNumber());
        if (request.isEmpty() && !isSettled) {
            throw new NotYetException(
                    "the views don't show build %s/%d, which asked for buildset %d"
                            .formatted(
                                    parent.builder(), parent.buildNumber(), buildset.buildsetId()));
        }
        return request.flatMap(it -> first(Streams.buildRequest(it), BuildRequested.class))
                .flatMap(it -> first(Streams.buildset(it.buildsetId()), BuildsetSubmitted.class))
                // It came before what it asked for, whatever a damaged log says.
                .filter(it -> it.buildsetId() < buildset.buildsetId());
    }

    private <T> Optional<T> first(String stream, Class<T> type) {
        return log.find(stream, 0).map(Recorded::event).filter(type::isInstance).map(type::cast);
    }

    private List<SpanData> whole(
            Recorded first,
            BuildsetSubmitted submitted,
            Recorded last,
            BuildsetCompleted completed,
            Place place) {
        List<Recorded> causes = causes(first);
        List<Recorded> changes = changes(submitted);
        Instant from =
                Stream.concat(
                                Stream.concat(Stream.of(first), changes.stream()),
                                causes.stream()
                                        .filter(it -> it.event() instanceof SchedulerCommandEvent))
                        .map(Recorded::at)
                        .min(Comparator.naturalOrder())
                        .orElseThrow();
        List<SpanData> spans = new ArrayList<>();
        spans.add(
                new RecordedSpan(
                        "buildset " + submitted.scheduler(),
                        SpanKind.INTERNAL,
                        place.trace().buildset(submitted.buildsetId()),
                        place.parent(),
                        from,
                        last.at(),
                        attributes(submitted, completed),
                        changes.stream()
                                .skip(Math.max(0, changes.size() - TOLD_CHANGES))
                                .map(BuildsetSpans::told)
                                .toList(),
                        changes.size(),
                        links(causes),
                        SpanAttributes.status(completed.results(), completed.results().name())));
        if (from.isBefore(first.at())) {
            spans.add(
                    RecordedSpan.of(
                            "scheduling",
                            SpanKind.INTERNAL,
                            place.trace().scheduling(submitted.buildsetId()),
                            place.trace().buildset(submitted.buildsetId()),
                            from,
                            first.at(),
                            Attributes.of(SCHEDULER, submitted.scheduler()),
                            StatusData.unset()));
        }
        return spans;
    }

    /** What a buildset followed from: the nearest first, and another buildset as the last. */
    private List<Recorded> causes(Recorded first) {
        List<Recorded> causes = new ArrayList<>();
        Optional<Recorded> cause = cause(first);
        while (cause.isPresent() && causes.size() < CAUSES) {
            Recorded found = cause.get();
            causes.add(found);
            cause = found.event() instanceof BuildsetEvent ? Optional.empty() : cause(found);
        }
        return causes;
    }

    private Optional<Recorded> cause(Recorded recorded) {
        return recorded.metadata().get("cause") instanceof String id
                ? log.find(id)
                : Optional.empty();
    }

    /**
     * Those that have led to a buildset. Those of one that a build asked for, or that is built once
     * more, have led to something before it.
     */
    private List<Recorded> changes(BuildsetSubmitted submitted) {
        return submitted.parent() != null || submitted.rebuiltFrom() != null
                ? List.of()
                : log
                        .findAll(submitted.changeIds().stream().map(Streams::change).toList(), 0)
                        .stream()
                        .filter(it -> it.event() instanceof ChangeReceived)
                        .sorted(Comparator.comparing(Recorded::at).thenComparing(Recorded::stream))
                        .toList();
    }

    private List<LinkData> links(List<Recorded> causes) {
        return causes.stream()
                .map(Recorded::event)
                .filter(BuildsetEvent.class::isInstance)
                .map(it -> ((BuildsetEvent) it).buildsetId())
                .flatMap(it -> first(Streams.buildset(it), BuildsetSubmitted.class).stream())
                .map(it -> place(it, true).trace().buildset(it.buildsetId()))
                .map(LinkData::create)
                .toList();
    }

    private static Attributes attributes(BuildsetSubmitted submitted, BuildsetCompleted completed) {
        AttributesBuilder attributes =
                Attributes.builder()
                        .put(BUILDSET, submitted.buildsetId())
                        .put(SCHEDULER, submitted.scheduler())
                        .put(REASON, SpanAttributes.cut(submitted.reason()))
                        .put(CHANGES, submitted.changeIds());
        ParentBuild parent = submitted.parent();
        if (parent != null) {
            attributes.put(PARENT_BUILD, parent.builder() + "/" + parent.buildNumber());
        }
        if (submitted.sourceStamps().size() == 1) {
            SourceStamp stamp = submitted.sourceStamps().getFirst();
            source(attributes, stamp.repository(), stamp.branch(), stamp.revision());
        }
        SpanAttributes.results(attributes, PIPELINE_RESULT, completed.results());
        return attributes.build();
    }

    private static EventData told(Recorded recorded) {
        ChangeReceived change = (ChangeReceived) recorded.event();
        AttributesBuilder attributes = Attributes.builder().put(CHANGE, change.changeId());
        source(attributes, change.repository(), change.branch(), change.revision());
        return EventData.create(
                RecordedSpan.nanos(recorded.at()), "change received", attributes.build());
    }

    private static void source(
            AttributesBuilder attributes,
            String repository,
            @Nullable String branch,
            @Nullable String revision) {
        if (!repository.isEmpty()) {
            attributes.put(REPOSITORY, RepositoryAddress.withoutCredentials(repository));
        }
        if (branch != null) {
            attributes.put(BRANCH, branch);
        }
        if (revision != null) {
            attributes.put(REVISION, revision);
        }
    }
}
