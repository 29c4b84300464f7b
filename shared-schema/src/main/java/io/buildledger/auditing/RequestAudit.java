package io.buildledger.auditing;

import io.buildledger.auditing.Audit.AuditEntry;
import io.buildledger.commanding.TriggeredBuilds;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells from the events alone, and from no view, who did what to a build request. It reads the
 * request's own streams, so that it costs the same however long the log is.
 */
public final class RequestAudit {

    private final EventLog log;
    private final TriggeredBuilds triggered;

    public RequestAudit(EventLog log) {
        this.log = log;
        this.triggered = new TriggeredBuilds(log);
    }

    /** The story of a request, in the order of its events; empty if there is no such request. */
    public Optional<Audit> of(long requestId) {
        List<Recorded> request = log.read(Streams.buildRequest(requestId));
        return all(request, BuildRequested.class)
                .findFirst()
                .map(requested -> tell(requested, request));
    }

    private Audit tell(BuildRequested requested, List<Recorded> request) {
        List<Recorded> buildset = log.read(Streams.buildset(requested.buildsetId()));
        Set<String> others = new LinkedHashSet<>();
        all(buildset, BuildsetSubmitted.class)
                .flatMap(submitted -> submitted.changeIds().stream())
                .map(Streams::change)
                .forEach(others::add);
        all(request, BuildRequestClaimed.class)
                .map(claimed -> Streams.build(claimed.builder(), claimed.buildNumber()))
                .forEach(others::add);
        List<Recorded> events = new ArrayList<>(log.read(others));
        origin(buildset).ifPresent(events::add);
        events.addAll(buildset);
        events.addAll(request);
        AuditNarrator narrator = new AuditNarrator(requested, request, triggered::of);
        List<AuditEntry> entries =
                InOrder.of(events).stream().map(narrator::tell).flatMap(Optional::stream).toList();
        return narrator.conclude(entries);
    }

    /** The scheduler's decision, or the buildset, that it followed from, as the buildset says. */
    private Optional<Recorded> origin(List<Recorded> buildset) {
        return buildset.stream()
                .filter(recorded -> recorded.event() instanceof BuildsetSubmitted)
                .findFirst()
                .flatMap(submitted -> find(submitted.metadata().get("cause")));
    }

    private Optional<Recorded> find(@Nullable Object event) {
        return event instanceof String id ? log.find(id) : Optional.empty();
    }

    private static <T> Stream<T> all(List<Recorded> events, Class<T> type) {
        return events.stream().map(Recorded::event).filter(type::isInstance).map(type::cast);
    }
}
