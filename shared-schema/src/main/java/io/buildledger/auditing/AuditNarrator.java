package io.buildledger.auditing;

import io.buildledger.auditing.Audit.AuditEntry;
import io.buildledger.commanding.SchedulerCommands.Outcome;
import io.buildledger.commanding.TriggeredBuilds.Triggered;
import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.building.BuildEvent.ArtifactStored;
import io.buildledger.domain.building.BuildEvent.BuildDropped;
import io.buildledger.domain.building.BuildEvent.CommandStarted;
import io.buildledger.domain.building.BuildEvent.PropertySet;
import io.buildledger.domain.building.BuildEvent.SchedulerAsked;
import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
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
import io.buildledger.domain.requesting.BuildRequestEvent.Choice;
import io.buildledger.domain.requesting.BuildsetEvent;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.RebuiltFrom;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.CommandRefused;
import io.buildledger.domain.scheduling.SchedulerEvent.FiringSkipped;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerConfigured;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerDisabled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerEnabled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRetired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerDropped;
import io.buildledger.domain.scheduling.SchedulerEvent.TriggerKept;
import io.buildledger.domain.scheduling.SchedulerEvent.UpstreamKept;
import io.buildledger.log.Recorded;
import io.buildledger.showing.ShortRevision;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Puts the events of one request into words. */
final class AuditNarrator {

    private final BuildRequested requested;
    private final Function<SchedulerAsked, Triggered> triggered;
    private final Map<Integer, BuildRequestClaimed> claimOfAttempt = new HashMap<>();
    private final Map<Long, BuildRequestClaimed> claimOfBuild = new HashMap<>();
    private final Map<Integer, String> nameOfStep = new HashMap<>();
    private String state = "unclaimed";
    private @Nullable Results results;

    /**
     * @param triggered what became of what a build asked for
     */
    AuditNarrator(
            BuildRequested requested,
            List<Recorded> request,
            Function<SchedulerAsked, Triggered> triggered) {
        this.requested = requested;
        this.triggered = triggered;
        for (Recorded recorded : request) {
            if (recorded.event() instanceof BuildRequestClaimed claimed) {
                claimOfAttempt.put(claimed.attempt(), claimed);
                claimOfBuild.put(claimed.buildNumber(), claimed);
            }
        }
    }

    /** Nothing, where the event says nothing about the request or is of a newer program. */
    Optional<AuditEntry> tell(Recorded recorded) {
        return switch (recorded.event()) {
            case ChangeEvent event -> Optional.of(tell(recorded, event));
            case SchedulerEvent event -> tell(recorded, event);
            case BuildsetEvent event -> Optional.of(tell(recorded, event));
            case BuildRequestEvent event -> Optional.of(tell(recorded, event));
            case BuildEvent event -> Optional.of(tell(recorded, event));
            default -> Optional.empty();
        };
    }

    Audit conclude(List<AuditEntry> entries) {
        return new Audit(
                requested.requestId(),
                requested.buildsetId(),
                requested.builder(),
                state,
                claimOfAttempt.size(),
                results == null ? null : results.name(),
                entries);
    }

    private static AuditEntry tell(Recorded recorded, ChangeEvent event) {
        return switch (event) {
            case ChangeReceived change ->
                    entry(
                            recorded,
                            "change " + change.changeId(),
                            "%s, %s%s: %s"
                                    .formatted(
                                            source(change.branch(), change.revision()),
                                            change.author(),
                                            change.repository().isEmpty()
                                                    ? ""
                                                    : ", " + change.repository(),
                                            firstLine(change.comments())));
        };
    }

    private static Optional<AuditEntry> tell(Recorded recorded, SchedulerEvent event) {
        return switch (event) {
            case SchedulerFired fired ->
                    Optional.of(
                            entry(
                                    recorded,
                                    "scheduled",
                                    "scheduler %s, firing %d%s"
                                            .formatted(
                                                    fired.scheduler(),
                                                    fired.firing(),
                                                    ofChanges(fired.changeIds()))));
            case SchedulerConfigured _,
                    SchedulerRenamed _,
                    SchedulerRetired _,
                    SchedulerEnabled _,
                    SchedulerDisabled _,
                    ChangeTaken _,
                    TimerArmed _,
                    TimerDropped _,
                    FiringSkipped _,
                    TriggerKept _,
                    UpstreamKept _,
                    CommandRefused _ ->
                    Optional.empty();
        };
    }

    private static AuditEntry tell(Recorded recorded, BuildsetEvent event) {
        return switch (event) {
            case BuildsetSubmitted submitted ->
                    entry(
                            recorded,
                            "buildset submitted",
                            "buildset %d by %s%s, %s"
                                    .formatted(
                                            submitted.buildsetId(),
                                            origin(submitted),
                                            ofChanges(submitted.changeIds()),
                                            submitted.sourceStamps().stream()
                                                    .map(it -> source(it.branch(), it.revision()))
                                                    .collect(Collectors.joining(", "))));
            case BuildsetCompleted completed ->
                    entry(
                            recorded,
                            "buildset completed",
                            null,
                            completed.results(),
                            "buildset " + completed.buildsetId());
        };
    }

    private static String origin(BuildsetSubmitted submitted) {
        RebuiltFrom from = submitted.rebuiltFrom();
        if (from == null) {
            return "scheduler %s, firing %d%s"
                    .formatted(submitted.scheduler(), submitted.firing(), parent(submitted));
        }
        return "%s, who had %sbuildset %d built once more"
                .formatted(
                        from.requestedBy(),
                        from.builder() == null
                                ? ""
                                : "build %s/%d of ".formatted(from.builder(), from.buildNumber()),
                        from.buildsetId());
    }

    private static String parent(BuildsetSubmitted submitted) {
        ParentBuild parent = submitted.parent();
        return parent == null
                ? ""
                : " (%s build %s/%d%s)"
                        .formatted(
                                parent.relationship(),
                                parent.builder(),
                                parent.buildNumber(),
                                submitted.waitedFor() ? ", which waits for it" : "");
    }

    private AuditEntry tell(Recorded recorded, BuildRequestEvent event) {
        return switch (event) {
            case BuildRequested request ->
                    entry(
                            recorded,
                            "requested",
                            "builder %s, priority %d"
                                    .formatted(request.builder(), request.priority()));
            case BuildRequestClaimed claimed -> {
                state = "claimed";
                yield entry(
                        recorded,
                        "claimed",
                        claimed,
                        null,
                        "build %s/%d, worker %s, factory %s%s%s"
                                .formatted(
                                        claimed.builder(),
                                        claimed.buildNumber(),
                                        claimed.worker(),
                                        claimed.fingerprint(),
                                        otherThanBefore(claimed),
                                        choice(claimed.choice())));
            }
            case BuildStarted started -> {
                state = "running";
                yield entry(recorded, "started", claimOfAttempt.get(started.attempt()), null, "");
            }
            case BuildRequestReleased released -> {
                state = "unclaimed";
                yield entry(
                        recorded,
                        "released",
                        claimOfAttempt.get(released.attempt()),
                        Results.RETRY,
                        "by %s: %s".formatted(released.releasedBy(), released.why()));
            }
            case BuildRequestCompleted completed -> {
                state = "completed";
                results = completed.results();
                yield entry(
                        recorded,
                        "completed",
                        claimOfAttempt.get(completed.attempt()),
                        completed.results(),
                        completed.summary());
            }
            case BuildRequestPriorityChanged changed ->
                    entry(
                            recorded,
                            "priority changed",
                            "to %d by %s".formatted(changed.priority(), changed.changedBy()));
            case BuildRequestCancelled cancelled ->
                    over(
                            recorded,
                            "cancelled",
                            Results.CANCELLED,
                            "by %s: %s".formatted(cancelled.cancelledBy(), cancelled.reason()));
            case BuildRequestCollapsed collapsed ->
                    over(
                            recorded,
                            "collapsed",
                            Results.SKIPPED,
                            "into request %d: %s".formatted(collapsed.into(), collapsed.reason()));
            case BuildRequestExpired expired ->
                    over(
                            recorded,
                            "expired",
                            Results.EXCEPTION,
                            "nobody claimed it within %s s"
                                    .formatted(expired.queueTimeoutMillis() / 1000.0));
            case BuildRequestGivenUp givenUp ->
                    over(
                            recorded,
                            "given up",
                            Results.EXCEPTION,
                            "after %d attempts: %s"
                                    .formatted(givenUp.attempts(), givenUp.reason()));
        };
    }

    /** The end of the request, without a build's result. */
    private AuditEntry over(Recorded recorded, String what, Results end, String details) {
        state = "completed";
        results = end;
        return entry(recorded, what, null, end, details);
    }

    /** Whether the attempt before would have built something else. */
    private String otherThanBefore(BuildRequestClaimed claimed) {
        BuildRequestClaimed before = claimOfAttempt.get(claimed.attempt() - 1);
        return before == null || before.fingerprint().equals(claimed.fingerprint())
                ? ""
                : " (attempt %d had %s)".formatted(before.attempt(), before.fingerprint());
    }

    private static String choice(@Nullable Choice choice) {
        if (choice == null) {
            return "";
        }
        return ", no. %d of %d on offer%s"
                .formatted(
                        choice.place(),
                        choice.seen(),
                        choice.next() == null ? "" : ", before request " + choice.next());
    }

    private AuditEntry tell(Recorded recorded, BuildEvent event) {
        BuildRequestClaimed claim = claimOfBuild.get(event.buildNumber());
        return switch (event) {
            case StepStarted started -> {
                nameOfStep.put(started.step(), started.name());
                yield entry(
                        recorded,
                        "step %d started".formatted(started.step()),
                        claim,
                        null,
                        started.name());
            }
            case CommandStarted started ->
                    entry(
                            recorded,
                            "command of step %d".formatted(started.step()),
                            claim,
                            null,
                            "command %s on worker %s"
                                    .formatted(started.commandId(), started.worker()));
            case PropertySet set ->
                    entry(
                            recorded,
                            "property set by step %d".formatted(set.step()),
                            claim,
                            null,
                            "%s = %s".formatted(set.name(), set.value()));
            case ArtifactStored stored ->
                    entry(
                            recorded,
                            "artifact stored by step %d".formatted(stored.step()),
                            claim,
                            null,
                            "%s, %d bytes, sha256 %s"
                                    .formatted(stored.path(), stored.size(), stored.sha256()));
            case SchedulerAsked asked ->
                    entry(
                            recorded,
                            "scheduler asked by step %d".formatted(asked.step()),
                            claim,
                            null,
                            told(triggered.apply(asked)));
            case StepFinished finished ->
                    entry(
                            recorded,
                            "step %d finished".formatted(finished.step()),
                            claim,
                            finished.results(),
                            "%s: %s"
                                    .formatted(
                                            nameOfStep.getOrDefault(
                                                    finished.step(), "step " + finished.step()),
                                            finished.summary()));
            case BuildDropped dropped ->
                    entry(
                            recorded,
                            "build dropped",
                            claim,
                            dropped.results(),
                            "%s: %s"
                                    .formatted(
                                            dropped.results() == null
                                                    ? "stopped, and thrown away"
                                                    : "its result is thrown away",
                                            dropped.reason()));
        };
    }

    private static String told(Triggered asked) {
        return "%s, for builds that the step %s: %s"
                .formatted(
                        asked.asked().scheduler(),
                        asked.asked().waitedFor() ? "waits for" : "does not wait for",
                        switch (asked.outcome().orElse(null)) {
                            case Outcome.Submitted submitted ->
                                    "buildset %d, %s"
                                            .formatted(
                                                    submitted.buildset().buildsetId(),
                                                    submitted
                                                            .buildset()
                                                            .requestIds()
                                                            .values()
                                                            .stream()
                                                            .sorted()
                                                            .map(it -> "request " + it)
                                                            .collect(Collectors.joining(", ")));
                            case Outcome.Done _ -> "kept until the scheduler's next moment";
                            case Outcome.Refused refused -> "refused: " + refused.reason();
                            case null -> "no master has come to it yet";
                        });
    }

    private static AuditEntry entry(Recorded recorded, String what, String details) {
        return entry(recorded, what, null, null, details);
    }

    private static AuditEntry entry(
            Recorded recorded,
            String what,
            @Nullable BuildRequestClaimed claim,
            @Nullable Results results,
            String details) {
        return new AuditEntry(
                recorded.at(),
                what,
                recorded.metadata().get("master") instanceof String master ? master : null,
                recorded.metadata().get("epoch") instanceof Number epoch ? epoch.longValue() : null,
                claim == null ? null : claim.attempt(),
                claim == null ? null : claim.worker(),
                claim == null ? null : claim.buildNumber(),
                results == null ? null : results.name(),
                details,
                recorded.id());
    }

    private static String ofChanges(List<Long> ids) {
        return ids.isEmpty()
                ? ""
                : (ids.size() == 1 ? ", of change " : ", of changes ")
                        + ids.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String source(@Nullable String branch, @Nullable String revision) {
        String shown = revision == null ? "the newest revision" : ShortRevision.of(revision);
        return branch == null ? shown : "%s of %s".formatted(shown, branch);
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
