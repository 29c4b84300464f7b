package io.buildledger.auditing;

import io.buildledger.auditing.Audit.AuditEntry;
import io.buildledger.commanding.SchedulerCommands.Outcome;
import io.buildledger.domain.acting.Actor;
import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.attaching.WorkerEvent.WorkerAttached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerContested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerDetached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerEnding;
import io.buildledger.domain.attaching.WorkerEvent.WorkerMissing;
import io.buildledger.domain.attaching.WorkerEvent.WorkerOff;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.attaching.WorkerEvent.WorkerQuarantined;
import io.buildledger.domain.attaching.WorkerEvent.WorkerRecovered;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStartFailed;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStarting;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopRequested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopped;
import io.buildledger.domain.attaching.WorkerEvent.WorkerUnpaused;
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
import io.buildledger.domain.changing.ChangeSourceEvent;
import io.buildledger.domain.changing.ChangeSourceEvent.RepositoryPolled;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.locking.LockEvent;
import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockEvent.LockReleased;
import io.buildledger.domain.locking.LockEvent.LockRequested;
import io.buildledger.domain.mastering.MasterEvent;
import io.buildledger.domain.mastering.MasterEvent.BuildersDescribed;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRequested;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;
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
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
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
import io.buildledger.domain.scheduling.TimerEvent;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.log.EventNames;
import io.buildledger.log.Recorded;
import io.buildledger.log.Unreadable;
import io.buildledger.showing.ShortRevision;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Puts events into words; of those of a claim it knows which claim that is. */
final class AuditNarrator {

    private static final String KEPT = "kept until the scheduler's next moment";

    private record Claim(long requestId, int attempt) {}

    private record BuildOf(String builder, long number) {}

    private record StepOf(String builder, long number, int step) {}

    /** What an event is about. */
    private record About(
            @Nullable Long requestId,
            @Nullable String builder,
            @Nullable Long buildNumber,
            @Nullable Integer attempt,
            @Nullable String worker) {

        static final About NOTHING = new About(null, null, null, null, null);

        static About worker(String worker) {
            return new About(null, null, null, null, worker);
        }

        static About of(BuildRequestClaimed claim) {
            return new About(
                    claim.requestId(),
                    claim.builder(),
                    claim.buildNumber(),
                    claim.attempt(),
                    claim.worker());
        }
    }

    private final Function<String, Optional<Outcome>> outcomes;
    private final Map<Claim, BuildRequestClaimed> claims = new HashMap<>();
    private final Map<BuildOf, BuildRequestClaimed> claimOfBuild = new HashMap<>();
    private final Map<Long, String> builderOfRequest = new HashMap<>();
    private final Map<Long, BuildRequestClaimed> cancelledClaims = new HashMap<>();
    private final Map<StepOf, String> nameOfStep = new HashMap<>();

    /**
     * @param events all that there is to know; not all of them need be told
     * @param outcomes what came of the command of an id; empty while no master has come to it
     */
    AuditNarrator(Collection<Recorded> events, Function<String, Optional<Outcome>> outcomes) {
        this.outcomes = outcomes;
        Map<Long, BuildRequestClaimed> live = new HashMap<>();
        events.stream()
                .sorted(Comparator.comparingLong(Recorded::sequence))
                .forEach(recorded -> learn(recorded, live));
    }

    /**
     * @param live the claim that each request is under so far
     */
    private void learn(Recorded recorded, Map<Long, BuildRequestClaimed> live) {
        switch (recorded.event()) {
            case BuildRequested it -> builderOfRequest.put(it.requestId(), it.builder());
            case BuildRequestClaimed it -> {
                claims.put(new Claim(it.requestId(), it.attempt()), it);
                claimOfBuild.put(new BuildOf(it.builder(), it.buildNumber()), it);
                live.put(it.requestId(), it);
            }
            case BuildRequestReleased it -> live.remove(it.requestId());
            case BuildRequestCancelled it -> {
                BuildRequestClaimed claim = live.remove(it.requestId());
                if (claim != null) {
                    cancelledClaims.put(it.requestId(), claim);
                }
            }
            default -> {}
        }
    }

    AuditEntry tell(Recorded recorded) {
        return switch (recorded.event()) {
            case ChangeEvent event -> tell(recorded, event);
            case ChangeSourceEvent event -> tell(recorded, event);
            case SchedulerCommandEvent event -> tell(recorded, event);
            case SchedulerEvent event -> tell(recorded, event);
            case TimerEvent event -> tell(recorded, event);
            case BuildsetEvent event -> tell(recorded, event);
            case BuildRequestEvent event -> tell(recorded, event);
            case BuildEvent event -> tell(recorded, event);
            case WorkerEvent event -> tell(recorded, event);
            case LockEvent event -> tell(recorded, event);
            case MasterEvent event -> tell(recorded, event);
            case Unreadable unreadable -> entry(recorded, "unreadable", unreadable.reason());
            default -> entry(recorded, "unknown", "an event of a newer program");
        };
    }

    private static AuditEntry tell(Recorded recorded, ChangeEvent event) {
        return switch (event) {
            case ChangeReceived change ->
                    entry(
                            recorded,
                            "change " + change.changeId(),
                            "%s, author %s%s: %s"
                                    .formatted(
                                            source(change.branch(), change.revision()),
                                            change.author(),
                                            change.repository().isEmpty()
                                                    ? ""
                                                    : ", " + change.repository(),
                                            firstLine(change.comments())));
        };
    }

    private static AuditEntry tell(Recorded recorded, ChangeSourceEvent event) {
        return switch (event) {
            case RepositoryPolled polled -> entry(recorded, "polled", polled.repository());
        };
    }

    private AuditEntry tell(Recorded recorded, SchedulerCommandEvent event) {
        return switch (event) {
            case SchedulerSwitched it ->
                    entry(
                            recorded,
                            it.enabled() ? "asked to enable" : "asked to disable",
                            "scheduler %s%s; %s"
                                    .formatted(
                                            it.scheduler(), because(it.reason()), came(recorded)));
            case BuildForced it ->
                    entry(
                            recorded,
                            "forced",
                            "scheduler %s, %s%s; %s"
                                    .formatted(
                                            it.scheduler(),
                                            sources(it.sourceStamps()),
                                            because(it.reason()),
                                            came(recorded)));
            case BuildTriggered it ->
                    entry(
                            recorded,
                            "triggered",
                            "scheduler %s, %s%s; %s"
                                    .formatted(
                                            it.scheduler(),
                                            sources(it.sourceStamps()),
                                            it.waitedFor() ? ", which is waited for" : "",
                                            came(recorded)));
            case PatchSubmitted it ->
                    entry(
                            recorded,
                            "patch to try",
                            "scheduler %s, on %s%s; %s"
                                    .formatted(
                                            it.scheduler(),
                                            sources(List.of(it.sourceStamp())),
                                            because(it.comment()),
                                            came(recorded)));
        };
    }

    private static AuditEntry tell(Recorded recorded, SchedulerEvent event) {
        String scheduler = "scheduler " + event.scheduler();
        return switch (event) {
            case SchedulerFired fired ->
                    entry(
                            recorded,
                            "scheduled",
                            "%s, firing %d%s"
                                    .formatted(
                                            scheduler,
                                            fired.firing(),
                                            ofChanges(fired.changeIds())));
            case SchedulerConfigured it ->
                    entry(
                            recorded,
                            "scheduler configured",
                            "%s, %s for %s, configuration %s"
                                    .formatted(
                                            scheduler,
                                            it.type(),
                                            String.join(", ", it.builderNames()),
                                            ShortRevision.of(it.digest())));
            case SchedulerRenamed it ->
                    entry(
                            recorded,
                            "scheduler renamed",
                            "%s, which was %s".formatted(scheduler, it.from()));
            case SchedulerRetired it ->
                    entry(
                            recorded,
                            "scheduler retired",
                            "%s goes on as %s".formatted(scheduler, it.renamedTo()));
            case SchedulerEnabled it ->
                    entry(recorded, "scheduler enabled", scheduler + by(it.by(), it.reason()));
            case SchedulerDisabled it ->
                    entry(recorded, "scheduler disabled", scheduler + by(it.by(), it.reason()));
            case ChangeTaken it ->
                    entry(
                            recorded,
                            "change taken",
                            "change %d by %s%s"
                                    .formatted(
                                            it.changeId(),
                                            scheduler,
                                            it.worthABuild() ? "" : ", not important"));
            case TimerArmed it ->
                    entry(
                            recorded,
                            "timer armed",
                            "timer %d of %s, until %s"
                                    .formatted(it.timer(), scheduler, it.fireAt()));
            case TimerDropped it ->
                    entry(
                            recorded,
                            "timer dropped",
                            "timer %d of %s: %s".formatted(it.timer(), scheduler, it.reason()));
            case FiringSkipped it ->
                    entry(
                            recorded,
                            "firing skipped",
                            "timer %d of %s: %s".formatted(it.timer(), scheduler, it.reason()));
            case TriggerKept it ->
                    entry(
                            recorded,
                            "trigger kept",
                            "%s, %s".formatted(scheduler, sources(it.sourceStamps())));
            case UpstreamKept it ->
                    entry(
                            recorded,
                            "upstream kept",
                            "%s, buildset %d of scheduler %s"
                                    .formatted(scheduler, it.buildsetId(), it.upstream()));
            case CommandRefused it ->
                    entry(
                            recorded,
                            "refused",
                            "%s, %s: %s".formatted(scheduler, it.command(), it.reason()));
        };
    }

    private static AuditEntry tell(Recorded recorded, TimerEvent event) {
        return switch (event) {
            case TimerFired it ->
                    entry(
                            recorded,
                            "timer fired",
                            "timer %d of scheduler %s".formatted(it.timer(), it.scheduler()));
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
                                            sources(submitted.sourceStamps())));
            case BuildsetCompleted completed ->
                    entry(
                            recorded,
                            "buildset completed",
                            About.NOTHING,
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
                            request(request.requestId()),
                            null,
                            "builder %s, priority %d"
                                    .formatted(request.builder(), request.priority()));
            case BuildRequestClaimed claimed ->
                    entry(
                            recorded,
                            "claimed",
                            About.of(claimed),
                            null,
                            "build %s/%d, worker %s, factory %s%s%s"
                                    .formatted(
                                            claimed.builder(),
                                            claimed.buildNumber(),
                                            claimed.worker(),
                                            claimed.fingerprint(),
                                            otherThanBefore(claimed),
                                            choice(claimed.choice())));
            case BuildStarted started ->
                    entry(
                            recorded,
                            "started",
                            claim(started.requestId(), started.attempt()),
                            null,
                            "");
            case BuildRequestReleased released ->
                    entry(
                            recorded,
                            "released",
                            claim(released.requestId(), released.attempt()),
                            Results.RETRY,
                            "by %s: %s".formatted(released.releasedBy(), released.why()));
            case BuildRequestCompleted completed ->
                    entry(
                            recorded,
                            "completed",
                            claim(completed.requestId(), completed.attempt()),
                            completed.results(),
                            completed.summary());
            case BuildRequestPriorityChanged changed ->
                    entry(
                            recorded,
                            "priority changed",
                            request(changed.requestId()),
                            null,
                            "to %d by %s".formatted(changed.priority(), changed.changedBy()));
            case BuildRequestCancelled cancelled ->
                    entry(
                            recorded,
                            "cancelled",
                            cancelled(cancelled.requestId()),
                            Results.CANCELLED,
                            "by %s: %s".formatted(cancelled.cancelledBy(), cancelled.reason()));
            case BuildRequestCollapsed collapsed ->
                    entry(
                            recorded,
                            "collapsed",
                            request(collapsed.requestId()),
                            Results.SKIPPED,
                            "into request %d: %s".formatted(collapsed.into(), collapsed.reason()));
            case BuildRequestExpired expired ->
                    entry(
                            recorded,
                            "expired",
                            request(expired.requestId()),
                            Results.EXCEPTION,
                            "nobody claimed it within %s s"
                                    .formatted(expired.queueTimeoutMillis() / 1000.0));
            case BuildRequestGivenUp givenUp ->
                    entry(
                            recorded,
                            "given up",
                            request(givenUp.requestId()),
                            Results.EXCEPTION,
                            "after %d attempts: %s"
                                    .formatted(givenUp.attempts(), givenUp.reason()));
        };
    }

    private About request(long requestId) {
        return new About(requestId, builderOfRequest.get(requestId), null, null, null);
    }

    /** The claim that ended with the request, if it was under one. */
    private About cancelled(long requestId) {
        BuildRequestClaimed claim = cancelledClaims.get(requestId);
        return claim == null ? request(requestId) : About.of(claim);
    }

    private About claim(long requestId, int attempt) {
        BuildRequestClaimed claim = claims.get(new Claim(requestId, attempt));
        return claim == null
                ? new About(requestId, builderOfRequest.get(requestId), null, attempt, null)
                : About.of(claim);
    }

    /** Whether the attempt before would have built something else. */
    private String otherThanBefore(BuildRequestClaimed claimed) {
        BuildRequestClaimed before =
                claims.get(new Claim(claimed.requestId(), claimed.attempt() - 1));
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
        About build = build(event.builder(), event.buildNumber());
        return switch (event) {
            case StepStarted started -> {
                nameOfStep.put(step(started, started.step()), started.name());
                yield entry(
                        recorded,
                        "step %d started".formatted(started.step()),
                        build,
                        null,
                        started.name());
            }
            case CommandStarted started ->
                    entry(
                            recorded,
                            "command of step %d".formatted(started.step()),
                            build,
                            started.commandId(),
                            null,
                            "command %s on worker %s"
                                    .formatted(started.commandId(), started.worker()));
            case PropertySet set ->
                    entry(
                            recorded,
                            "property set by step %d".formatted(set.step()),
                            build,
                            null,
                            "%s = %s".formatted(set.name(), set.value()));
            case ArtifactStored stored ->
                    entry(
                            recorded,
                            "artifact stored by step %d".formatted(stored.step()),
                            build,
                            null,
                            "%s, %d bytes, sha256 %s"
                                    .formatted(stored.path(), stored.size(), stored.sha256()));
            case SchedulerAsked asked ->
                    entry(
                            recorded,
                            "scheduler asked by step %d".formatted(asked.step()),
                            build,
                            null,
                            "%s, for builds that the step %s: %s"
                                    .formatted(
                                            asked.scheduler(),
                                            asked.waitedFor() ? "waits for" : "does not wait for",
                                            came(asked.command(), KEPT)));
            case StepFinished finished ->
                    entry(
                            recorded,
                            "step %d finished".formatted(finished.step()),
                            build,
                            finished.results(),
                            "%s: %s"
                                    .formatted(
                                            nameOfStep.getOrDefault(
                                                    step(finished, finished.step()),
                                                    "step " + finished.step()),
                                            finished.summary()));
            case BuildDropped dropped ->
                    entry(
                            recorded,
                            "build dropped",
                            build,
                            dropped.results(),
                            "%s: %s"
                                    .formatted(
                                            dropped.results() == null
                                                    ? "stopped, and thrown away"
                                                    : "its result is thrown away",
                                            dropped.reason()));
        };
    }

    private static StepOf step(BuildEvent event, int step) {
        return new StepOf(event.builder(), event.buildNumber(), step);
    }

    private About build(String builder, long number) {
        BuildRequestClaimed claim = claimOfBuild.get(new BuildOf(builder, number));
        return claim == null ? new About(null, builder, number, null, null) : About.of(claim);
    }

    private String came(Recorded command) {
        return came(command.id(), command.event() instanceof SchedulerSwitched ? "done" : KEPT);
    }

    /**
     * @param done what it means that nothing more came of it
     */
    private String came(String command, String done) {
        return switch (outcomes.apply(command).orElse(null)) {
            case Outcome.Submitted submitted ->
                    "buildset %d, %s"
                            .formatted(
                                    submitted.buildset().buildsetId(),
                                    submitted.buildset().requestIds().values().stream()
                                            .sorted()
                                            .map(it -> "request " + it)
                                            .collect(Collectors.joining(", ")));
            case Outcome.Done _ -> done;
            case Outcome.Refused refused -> "refused: " + refused.reason();
            case null -> "no master has come to it yet";
        };
    }

    private static AuditEntry tell(Recorded recorded, WorkerEvent event) {
        About about = About.worker(event.worker());
        return switch (event) {
            case WorkerAttached it ->
                    entry(
                            recorded,
                            "worker attached",
                            about,
                            null,
                            "to %s#%d, version %s, %s%s"
                                    .formatted(
                                            it.master(),
                                            it.epoch(),
                                            it.version(),
                                            it.system(),
                                            it.orphans().isEmpty()
                                                    ? ""
                                                    : ", commands to end "
                                                            + String.join(", ", it.orphans())));
            case WorkerDetached it ->
                    entry(
                            recorded,
                            "worker detached",
                            about,
                            null,
                            "from %s#%d: %s".formatted(it.master(), it.epoch(), it.reason()));
            case WorkerContested it ->
                    entry(
                            recorded,
                            "worker contested",
                            about,
                            null,
                            "by %s, while %s#%d has it"
                                    .formatted(it.contestedBy(), it.master(), it.epoch()));
            case WorkerPaused it ->
                    entry(
                            recorded,
                            "worker paused",
                            about,
                            null,
                            asked(it.requestedBy(), it.reason()));
            case WorkerUnpaused it ->
                    entry(
                            recorded,
                            "worker unpaused",
                            about,
                            null,
                            asked(it.requestedBy(), it.reason()));
            case WorkerStopRequested it ->
                    entry(
                            recorded,
                            "worker asked to stop",
                            about,
                            null,
                            asked(it.requestedBy(), it.reason()));
            case WorkerStopped it ->
                    entry(
                            recorded,
                            "worker stopped",
                            about,
                            null,
                            "by %s#%d".formatted(it.master(), it.epoch()));
            case WorkerQuarantined it ->
                    entry(
                            recorded,
                            "worker quarantined",
                            about,
                            null,
                            "until %s, after %d failures: %s"
                                    .formatted(it.until(), it.failures(), it.reason()));
            case WorkerRecovered it ->
                    entry(
                            recorded,
                            "worker recovered",
                            about,
                            null,
                            "on %s#%d".formatted(it.master(), it.epoch()));
            case WorkerMissing it ->
                    entry(
                            recorded,
                            "worker missing",
                            about,
                            null,
                            "for more than %s s".formatted(it.missingTimeoutMillis() / 1000.0));
            case WorkerStarting it ->
                    entry(
                            recorded,
                            "worker starting",
                            about,
                            null,
                            "by %s#%d".formatted(it.master(), it.epoch()));
            case WorkerStartFailed it ->
                    entry(recorded, "worker not started", about, null, it.reason());
            case WorkerEnding it -> entry(recorded, "worker ending", about, null, it.reason());
            case WorkerOff it ->
                    entry(
                            recorded,
                            "worker off",
                            about,
                            null,
                            "by %s#%d".formatted(it.master(), it.epoch()));
        };
    }

    private AuditEntry tell(Recorded recorded, LockEvent event) {
        return switch (event) {
            case LockRequested it ->
                    entry(
                            recorded,
                            "lock requested",
                            build(it.builder(), it.buildNumber()),
                            null,
                            "%s, %s, %d of %d"
                                    .formatted(it.lock(), it.mode(), it.count(), it.maxCount()));
            case LockGranted it ->
                    entry(
                            recorded,
                            "lock granted",
                            build(it.builder(), it.buildNumber()),
                            null,
                            it.lock());
            case LockReleased it ->
                    entry(
                            recorded,
                            "lock released",
                            build(it.builder(), it.buildNumber()),
                            null,
                            "%s: %s".formatted(it.lock(), it.reason()));
        };
    }

    private static AuditEntry tell(Recorded recorded, MasterEvent event) {
        String master = "%s#%d".formatted(event.master(), event.epoch());
        return switch (event) {
            case MasterStarted it ->
                    entry(
                            recorded,
                            "master started",
                            "%s, %s master on %s, process %d%s"
                                    .formatted(
                                            master,
                                            it.role(),
                                            it.host(),
                                            it.pid(),
                                            fingerprints(it.fingerprints())));
            case MasterDrained it ->
                    entry(
                            recorded,
                            it.now() ? "master drained at once" : "master drained",
                            master + by(it.requestedBy(), ""));
            case MasterUndrained it ->
                    entry(recorded, "master undrained", master + by(it.requestedBy(), ""));
            case ConfigurationReloadRequested it ->
                    entry(recorded, "asked to reload", master + by(it.requestedBy(), ""));
            case ConfigurationReloaded it ->
                    entry(
                            recorded,
                            "reloaded",
                            "%s%s%s"
                                    .formatted(
                                            master,
                                            by(
                                                    it.requestedBy(),
                                                    String.join("; ", it.differences())),
                                            fingerprints(it.fingerprints())));
            case ConfigurationReloadRefused it ->
                    entry(
                            recorded,
                            "reload refused",
                            master + by(it.requestedBy(), String.join("; ", it.problems())));
            case BuildersDescribed it ->
                    entry(
                            recorded,
                            "builders described",
                            "%s, %s"
                                    .formatted(
                                            master,
                                            it.builders().keySet().stream()
                                                    .sorted()
                                                    .collect(Collectors.joining(", "))));
            case MasterStopped _ -> entry(recorded, "master stopped", master);
            case MasterLost it ->
                    entry(
                            recorded,
                            "master lost",
                            "%s, declared by %s: %s"
                                    .formatted(master, it.declaredBy(), it.reason()));
        };
    }

    private static String fingerprints(Map<String, String> ofBuilders) {
        return ofBuilders.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(it -> ", %s %s".formatted(it.getKey(), ShortRevision.of(it.getValue())))
                .collect(Collectors.joining());
    }

    private static String because(String reason) {
        return reason.isEmpty() ? "" : ": " + firstLine(reason);
    }

    private static String by(String actor, String reason) {
        return ", " + asked(actor, reason);
    }

    private static String asked(String actor, String reason) {
        return "by " + actor + because(reason);
    }

    private static AuditEntry entry(Recorded recorded, String what, String details) {
        return entry(recorded, what, About.NOTHING, null, details);
    }

    private static AuditEntry entry(
            Recorded recorded,
            String what,
            About about,
            @Nullable Results results,
            String details) {
        return entry(recorded, what, about, null, results, details);
    }

    private static AuditEntry entry(
            Recorded recorded,
            String what,
            About about,
            @Nullable String commandId,
            @Nullable Results results,
            String details) {
        Object event = recorded.event();
        return new AuditEntry(
                recorded.at(),
                recorded.id(),
                EventNames.nameOf(event.getClass()).orElse(""),
                what,
                actor(event),
                recorded.metadata().get("master") instanceof String master ? master : null,
                recorded.metadata().get("epoch") instanceof Number epoch ? epoch.longValue() : null,
                recorded.metadata().get("cause") instanceof String cause ? cause : null,
                about.requestId(),
                about.builder(),
                about.buildNumber(),
                about.attempt(),
                about.worker(),
                event instanceof BuildRequestClaimed claimed ? claimed.fingerprint() : null,
                commandId,
                results == null ? null : results.name(),
                details);
    }

    /** An author is whoever the sender of a change names, and need not know of it. */
    private static @Nullable String actor(Object event) {
        return event instanceof ChangeReceived ? null : Actor.of(event).orElse(null);
    }

    private static String ofChanges(List<Long> ids) {
        return ids.isEmpty()
                ? ""
                : (ids.size() == 1 ? ", of change " : ", of changes ")
                        + ids.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String sources(List<SourceStamp> stamps) {
        return stamps.isEmpty()
                ? "no sources"
                : stamps.stream()
                        .map(it -> source(it.branch(), it.revision()))
                        .collect(Collectors.joining(", "));
    }

    private static String source(@Nullable String branch, @Nullable String revision) {
        String shown = revision == null ? "the newest revision" : ShortRevision.of(revision);
        return branch == null ? shown : "%s of %s".formatted(shown, branch);
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
