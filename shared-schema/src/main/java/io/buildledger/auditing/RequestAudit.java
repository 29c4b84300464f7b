package io.buildledger.auditing;

import io.buildledger.auditing.Audit.AuditEntry;
import io.buildledger.auditing.Subject.Kind;
import io.buildledger.commanding.Question;
import io.buildledger.domain.building.BuildEvent;
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
import io.buildledger.domain.requesting.BuildsetEvent;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells from the events alone, and from no view, who did what to a build request. It reads the
 * request's own streams, so that it costs the same however long the log is. An event that can't be
 * read is told as such.
 */
public final class RequestAudit {

    /** From a buildset over a firing to the command that was given, and what that followed from. */
    private static final int CAUSES = 4;

    /** How a request stands. */
    private record Standing(String state, @Nullable Results results) {}

    private final EventLog log;

    public RequestAudit(EventLog log) {
        this.log = log.toTell();
    }

    /** The story of a request, in the order of its events; empty if there is no such request. */
    public Optional<Audit> of(long requestId) {
        List<Recorded> request = log.read(Streams.buildRequest(requestId));
        return requested(request)
                .map(requested -> tell(requested, request))
                .or(() ->
                        request.isEmpty()
                                ? Optional.empty()
                                : Optional.of(tellOfDamaged(requestId, request)));
    }

    /** What it is for, and what led to it, said the event that can't be read. */
    private Audit tellOfDamaged(long requestId, List<Recorded> request) {
        Standing standing = standing(request);
        return new Audit(
                Kind.REQUEST.word(),
                String.valueOf(requestId),
                "request %d, of which the event %s can't be read"
                        .formatted(requestId, request.getFirst().id()),
                requestId,
                null,
                null,
                standing.state(),
                (int) all(request, BuildRequestClaimed.class).count(),
                standing.results() == null ? null : standing.results().name(),
                null,
                told(request, _ -> true));
    }

    private static Optional<BuildRequested> requested(List<Recorded> request) {
        return all(request, BuildRequested.class).findFirst();
    }

    private Audit tell(BuildRequested requested, List<Recorded> request) {
        Standing standing = standing(request);
        long attempts = all(request, BuildRequestClaimed.class).count();
        return audit(
                Kind.REQUEST.word(),
                String.valueOf(requested.requestId()),
                "request %d for builder %s: %s, %d %s"
                        .formatted(
                                requested.requestId(),
                                requested.builder(),
                                standing.results() == null ? standing.state() : standing.results(),
                                attempts,
                                attempts == 1 ? "attempt" : "attempts"),
                requested,
                standing,
                attempts,
                entries(requested, request, _ -> true));
    }

    /**
     * The story of one build, with what led to it, and without the other attempts of its request;
     * empty if the request has no such build.
     */
    Optional<Audit> of(long requestId, String builder, long buildNumber) {
        List<Recorded> request = log.read(Streams.buildRequest(requestId));
        return requested(request)
                .flatMap(requested ->
                        all(request, BuildRequestClaimed.class)
                                .filter(it -> it.builder().equals(builder))
                                .filter(it -> it.buildNumber() == buildNumber)
                                .findFirst()
                                .map(claim -> tell(requested, request, claim)));
    }

    private Audit tell(
            BuildRequested requested, List<Recorded> request, BuildRequestClaimed claim) {
        OptionalLong end = endOf(request, claim);
        Standing standing = standing(request);
        return audit(
                Kind.BUILD.word(),
                "%s/%d".formatted(claim.builder(), claim.buildNumber()),
                "build %s/%d of request %d, attempt %d, by %s#%d on worker %s: %s"
                        .formatted(
                                claim.builder(),
                                claim.buildNumber(),
                                claim.requestId(),
                                claim.attempt(),
                                claim.master(),
                                claim.epoch(),
                                claim.worker(),
                                end.isPresent() ? "ended" : standing.state()),
                requested,
                standing,
                all(request, BuildRequestClaimed.class).count(),
                entries(requested, request, recorded -> isOf(recorded, claim, end)));
    }

    /** Whether it is not about another attempt. */
    private static boolean isOf(Recorded recorded, BuildRequestClaimed claim, OptionalLong end) {
        return switch (recorded.event()) {
            case BuildEvent it ->
                    it.builder().equals(claim.builder()) && it.buildNumber() == claim.buildNumber();
            case BuildRequested _ -> true;
            case BuildRequestEvent it -> isOf(recorded.sequence(), it, claim, end);
            default -> true;
        };
    }

    /** Whether it is about a claim, or is its end. */
    static boolean isOf(
            long sequence, BuildRequestEvent event, BuildRequestClaimed claim, OptionalLong end) {
        return switch (event) {
            case BuildRequestClaimed it -> it.attempt() == claim.attempt();
            case BuildStarted it -> it.attempt() == claim.attempt();
            case BuildRequestCompleted it -> it.attempt() == claim.attempt();
            case BuildRequestReleased it -> it.attempt() == claim.attempt();
            case BuildRequestCancelled _ -> end.isPresent() && end.getAsLong() == sequence;
            case BuildRequestGivenUp it -> it.attempts() == claim.attempt();
            case BuildRequested _,
                    BuildRequestPriorityChanged _,
                    BuildRequestCollapsed _,
                    BuildRequestExpired _ ->
                    false;
        };
    }

    /** The place on its request's stream of the event that ended a claim. */
    static OptionalLong endOf(List<Recorded> request, BuildRequestClaimed claim) {
        boolean isUnderClaim = false;
        for (Recorded recorded : request) {
            switch (recorded.event()) {
                case BuildRequestClaimed it -> isUnderClaim = it.attempt() == claim.attempt();
                case BuildRequestReleased _, BuildRequestCompleted _, BuildRequestCancelled _ -> {
                    if (isUnderClaim) {
                        return OptionalLong.of(recorded.sequence());
                    }
                }
                default -> {}
            }
        }
        return OptionalLong.empty();
    }

    private static Audit audit(
            String kind,
            String name,
            String summary,
            BuildRequested requested,
            Standing standing,
            long attempts,
            List<AuditEntry> entries) {
        return new Audit(
                kind,
                name,
                summary,
                requested.requestId(),
                requested.buildsetId(),
                requested.builder(),
                standing.state(),
                (int) attempts,
                standing.results() == null ? null : standing.results().name(),
                null,
                entries);
    }

    private List<AuditEntry> entries(
            BuildRequested requested, List<Recorded> request, Predicate<Recorded> isTold) {
        List<Recorded> buildset = log.read(Streams.buildset(requested.buildsetId()));
        Set<String> others = new LinkedHashSet<>();
        all(buildset, BuildsetSubmitted.class)
                .flatMap(submitted -> submitted.changeIds().stream())
                .map(Streams::change)
                .forEach(others::add);
        request.stream()
                .filter(isTold)
                .map(Recorded::event)
                .filter(BuildRequestClaimed.class::isInstance)
                .map(BuildRequestClaimed.class::cast)
                .map(claimed -> Streams.build(claimed.builder(), claimed.buildNumber()))
                .forEach(others::add);
        List<Recorded> events = new ArrayList<>(log.read(others));
        events.addAll(causes(buildset));
        events.addAll(buildset);
        events.addAll(request);
        return told(events, isTold);
    }

    /** The events in their order, in words. */
    List<AuditEntry> told(List<Recorded> events, Predicate<Recorded> isTold) {
        AuditNarrator narrator =
                new AuditNarrator(events, command -> Question.about(log, command).look());
        return InOrder.of(events).stream().filter(isTold).map(narrator::tell).toList();
    }

    /**
     * What a buildset followed from: the scheduler's decision and the command that this was about,
     * or the buildset that it repeats.
     */
    private List<Recorded> causes(List<Recorded> buildset) {
        List<Recorded> causes = new ArrayList<>();
        Optional<Recorded> cause =
                buildset.stream()
                        .filter(recorded -> recorded.event() instanceof BuildsetSubmitted)
                        .findFirst()
                        .flatMap(submitted -> find(submitted.metadata().get("cause")));
        while (cause.isPresent() && causes.size() < CAUSES) {
            causes.add(cause.get());
            cause =
                    cause.get().event() instanceof BuildsetEvent
                            ? Optional.empty()
                            : find(cause.get().metadata().get("cause"));
        }
        return causes;
    }

    private Optional<Recorded> find(@Nullable Object event) {
        return event instanceof String id ? log.find(id) : Optional.empty();
    }

    private static Standing standing(List<Recorded> request) {
        Standing standing = new Standing("unclaimed", null);
        for (Recorded recorded : request) {
            if (recorded.event() instanceof BuildRequestEvent event) {
                standing = after(standing, event);
            }
        }
        return standing;
    }

    private static Standing after(Standing standing, BuildRequestEvent event) {
        return switch (event) {
            case BuildRequested _, BuildRequestReleased _ -> new Standing("unclaimed", null);
            case BuildRequestClaimed _ -> new Standing("claimed", null);
            case BuildStarted _ -> new Standing("running", null);
            case BuildRequestPriorityChanged _ -> standing;
            case BuildRequestCompleted it -> completed(it.results());
            case BuildRequestCancelled _ -> completed(Results.CANCELLED);
            case BuildRequestCollapsed _ -> completed(Results.SKIPPED);
            case BuildRequestExpired _, BuildRequestGivenUp _ -> completed(Results.EXCEPTION);
        };
    }

    private static Standing completed(Results results) {
        return new Standing("completed", results);
    }

    private static <T> Stream<T> all(List<Recorded> events, Class<T> type) {
        return events.stream().map(Recorded::event).filter(type::isInstance).map(type::cast);
    }
}
