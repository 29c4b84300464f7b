package io.buildledger.scheduler.supposing;

import io.buildledger.domain.attaching.WorkerName;
import io.buildledger.domain.cancelling.FailingBuildsetCanceller;
import io.buildledger.domain.cancelling.OldBuildCanceller;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.mastering.MasterEvent;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.requesting.BuildRequest;
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
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerConfigured;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.log.Unreadable;
import io.buildledger.replaying.ClusterState;
import io.buildledger.replaying.ClusterState.Request;
import io.buildledger.replaying.ClusterState.Scheduler;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a part of the log tells of: what came in, what was made of it, and how long it took. It is
 * read once, event by event, from {@link ClusterState what was so before}. Of a log that grows,
 * what has been dealt with can be {@linkplain #forgetUpTo forgotten}.
 */
final class RecordedTime {

    /** Those that it has to be told of; others change nothing. */
    static final Set<Class<?>> TYPES =
            Set.of(
                    ChangeReceived.class,
                    SchedulerSwitched.class,
                    BuildForced.class,
                    BuildTriggered.class,
                    PatchSubmitted.class,
                    SchedulerConfigured.class,
                    SchedulerRenamed.class,
                    SchedulerEvent.SchedulerRetired.class,
                    SchedulerEvent.SchedulerEnabled.class,
                    SchedulerEvent.SchedulerDisabled.class,
                    TimerArmed.class,
                    SchedulerEvent.TimerDropped.class,
                    SchedulerEvent.FiringSkipped.class,
                    SchedulerFired.class,
                    TimerFired.class,
                    BuildsetSubmitted.class,
                    BuildsetCompleted.class,
                    BuildRequestClaimed.class,
                    BuildRequestCompleted.class,
                    BuildRequestReleased.class,
                    BuildRequestCancelled.class,
                    BuildRequestCollapsed.class,
                    BuildRequestExpired.class,
                    BuildRequestGivenUp.class,
                    MasterStarted.class,
                    MasterStopped.class,
                    MasterLost.class);

    private static final String SCHEDULER_ROLE = "scheduler";
    private static final String COMMANDS = Streams.schedulerCommand("");

    private record Numbered(String scheduler, long number) {}

    /**
     * A request that was open before, for those who build it.
     *
     * @param claim who had it then; null if nobody
     */
    record Backlog(
            RecordedRequest request,
            int priority,
            Instant submittedAt,
            RecordedRequest.@Nullable Claim claim) {}

    /**
     * Where a scheduler was configured for the first time.
     *
     * @param cause id of the event that it read first; null if that is not known
     * @param at when that was recorded, or when its configuration was
     */
    record Beginning(String scheduler, @Nullable String cause, Instant at) {}

    private final SortedMap<String, Scheduler> before;
    private final Map<Long, BuildsetSubmitted> openBefore = new HashMap<>();
    private final List<Backlog> backlog = new ArrayList<>();
    private final ClusterState schedulers;
    private final int remembered;
    private final List<Happening> happenings = new ArrayList<>();
    private final List<RecordedBuildset> buildsets = new ArrayList<>();
    private final Map<Long, RecordedBuildset> openBuildsets = new HashMap<>();
    private final Map<Long, RecordedRequest> openRequests = new HashMap<>();
    private final Map<Numbered, TimerArmed> timers = new HashMap<>();
    private final Map<Numbered, String> causesOfFirings = new HashMap<>();
    private final Map<String, TimerArmed> elapsed;
    private final Map<String, Integer> places;
    private final Map<Timer, Integer> elapses;
    private final Map<Timer, Integer> late;
    private final Map<String, Key> endedBuildsets;
    private final Map<String, String> firstAsked;

    /** The one text of each patch that was submitted: its buildset has the same once more. */
    private final Map<String, String> patches;

    private final Map<String, Beginning> beginnings = new LinkedHashMap<>();
    private final Map<String, String> renamedFrom = new TreeMap<>();
    private final SortedSet<String> workers = new TreeSet<>();
    private final SortedSet<String> builderMasters = new TreeSet<>();
    private final Map<String, SortedSet<String>> workersOfBuilders = new TreeMap<>();
    private final UpTimes upTimes;
    private int forgotten;
    private long largestBuildset;
    private long events;
    private long notUnderstood;
    private @Nullable String firstNotUnderstood;
    private @Nullable Instant first;
    private @Nullable Instant last;

    /** By what a buildset is found. */
    private record Key(String scheduler, Occasion occasion) {}

    /**
     * All that is told is remembered.
     *
     * @param before is not changed, but for its schedulers
     */
    RecordedTime(ClusterState before) {
        this(before, Integer.MAX_VALUE);
    }

    /**
     * @param before is not changed, but for its schedulers
     * @param remembered how many events of each kind are still known when others refer to them
     */
    RecordedTime(ClusterState before, int remembered) {
        this.remembered = remembered;
        this.elapsed = new Remembered<>(remembered);
        this.places = new Remembered<>(remembered);
        this.elapses = new Remembered<>(remembered);
        this.late = new Remembered<>(remembered);
        this.endedBuildsets = new Remembered<>(remembered);
        this.firstAsked = new Remembered<>(remembered);
        this.patches = new Remembered<>(remembered);
        this.before = new TreeMap<>(before.schedulers());
        this.schedulers = before;
        this.upTimes = new UpTimes();
        before.masters()
                .forEach((name, master) -> {
                    if (master.role().equals(SCHEDULER_ROLE)) {
                        upTimes.started(name, master.epoch(), Instant.MIN);
                        if (master.end() != null) {
                            upTimes.ended(name, master.epoch(), Instant.MIN);
                        }
                    }
                });
        before.schedulers().values().stream()
                .flatMap(it -> it.state().timers().values().stream())
                .forEach(it -> timers.put(new Numbered(it.scheduler(), it.timer()), it));
        before.buildsets()
                .forEach((id, open) -> {
                    openBefore.put(id, open.submitted());
                    largestBuildset = Math.max(largestBuildset, id);
                });
        before.requests().forEach(this::openBefore);
    }

    private void openBefore(long id, Request request) {
        BuildRequested requested =
                switch (request.state()) {
                    case BuildRequest.Unclaimed it -> it.request();
                    case BuildRequest.Claimed it -> it.request();
                    case BuildRequest.Running it -> it.request();
                    case BuildRequest.Unknown _, BuildRequest.Completed _ -> null;
                };
        if (requested == null) {
            return;
        }
        RecordedRequest open = new RecordedRequest(id, requested.builder());
        BuildRequest.liveClaim(request.state())
                .ifPresent(it -> open.claimed(claimOf(it, request.since())));
        openRequests.put(id, open);
        backlog.add(new Backlog(open, requested.priority(), requested.submittedAt(), open.claim()));
    }

    private static RecordedRequest.Claim claimOf(BuildRequestClaimed claimed, Instant since) {
        return new RecordedRequest.Claim(claimed.master(), claimed.worker(), since);
    }

    /** Goes on with the next event. */
    void next(Recorded recorded) {
        events++;
        Instant at = recorded.at();
        if (first == null) {
            first = at;
        }
        if (last == null || at.isAfter(last)) {
            last = at;
        }
        switch (recorded.event()) {
            case ChangeReceived change ->
                    add(new Happening.Changed(at, recorded.id(), withoutText(change)));
            case SchedulerCommandEvent command -> next(command, recorded);
            case SchedulerEvent event -> next(event, recorded);
            case TimerFired fired -> next(fired, recorded);
            case BuildsetSubmitted submitted -> next(submitted, recorded);
            case BuildsetCompleted completed -> next(completed, recorded);
            case BuildRequestEvent event -> next(event, recorded);
            case MasterEvent event -> next(event, at);
            case NewerEvent _, Unreadable _ -> {
                notUnderstood++;
                if (firstNotUnderstood == null) {
                    firstNotUnderstood = recorded.id();
                }
            }
            default -> {
                // Nothing that anything is decided upon.
            }
        }
    }

    private void add(Happening happening) {
        places.put(happening.id(), end());
        happenings.add(happening);
    }

    /** The place of the happening that comes next. */
    int end() {
        return forgotten + happenings.size();
    }

    /** Nobody wants the happenings before a place any more. */
    void forgetUpTo(int place) {
        happenings.subList(0, place - forgotten).clear();
        forgotten = place;
        if (timers.size() > remembered) {
            timers.values().removeIf(it -> !state(it.scheduler()).timers().containsKey(it.timer()));
        }
    }

    /** The buildsets that have not been taken before, in the order of the log. */
    List<RecordedBuildset> takeBuildsets() {
        List<RecordedBuildset> taken = List.copyOf(buildsets);
        buildsets.clear();
        return taken;
    }

    /** What is long and decides nothing is not kept. */
    private static ChangeReceived withoutText(ChangeReceived change) {
        return new ChangeReceived(
                change.changeId(),
                change.repository(),
                change.branch(),
                change.revision(),
                change.project(),
                change.codebase(),
                change.category(),
                change.author(),
                "",
                change.files(),
                null,
                change.when(),
                change.properties(),
                change.source());
    }

    private void next(SchedulerCommandEvent command, Recorded recorded) {
        String cause = causeOf(recorded);
        String asked =
                cause != null && cause.startsWith(COMMANDS)
                        ? firstAsked.getOrDefault(cause, cause)
                        : recorded.id();
        firstAsked.put(recorded.id(), asked);
        if (command instanceof PatchSubmitted submitted) {
            SourceStamp.Patch patch = submitted.sourceStamp().patch();
            if (patch != null) {
                patches.put(patch.body(), patch.body());
            }
        }
        add(new Happening.Asked(recorded.at(), recorded.id(), asked, command));
    }

    private static @Nullable String causeOf(Recorded recorded) {
        return recorded.metadata().get("cause") instanceof String cause ? cause : null;
    }

    private void next(SchedulerEvent event, Recorded recorded) {
        SchedulerState former = state(event.scheduler());
        schedulers.next(recorded);
        seeWhichEnded(former, event, recorded);
        switch (event) {
            case SchedulerConfigured configured ->
                    beginnings.putIfAbsent(
                            configured.scheduler(),
                            new Beginning(
                                    configured.scheduler(), causeOf(recorded), recorded.at()));
            case SchedulerRenamed renamed -> renamedFrom.put(renamed.scheduler(), renamed.from());
            case TimerArmed armed ->
                    timers.put(new Numbered(armed.scheduler(), armed.timer()), armed);
            case SchedulerFired fired -> {
                String cause = causeOf(recorded);
                if (cause != null) {
                    causesOfFirings.put(new Numbered(fired.scheduler(), fired.firing()), cause);
                }
            }
            default -> {
                // It is in the state of the schedulers.
            }
        }
    }

    private SchedulerState state(String scheduler) {
        Scheduler known = schedulers.schedulers().get(scheduler);
        return known == null ? SchedulerState.INITIAL : known.state();
    }

    /** A timer that is late may end otherwise than by elapsing: it is set anew by a change. */
    private void seeWhichEnded(SchedulerState former, SchedulerEvent event, Recorded recorded) {
        switch (event) {
            case TimerArmed _,
                    SchedulerEvent.TimerDropped _,
                    SchedulerEvent.FiringSkipped _,
                    SchedulerFired _ -> {
                String cause = causeOf(recorded);
                if (cause == null || elapsed.containsKey(cause)) {
                    return;
                }
                int happening = places.getOrDefault(cause, end() - 1);
                Instant at =
                        happening < forgotten
                                ? recorded.at()
                                : happenings.get(happening - forgotten).at();
                SchedulerState now = state(event.scheduler());
                former.timers().values().stream()
                        .filter(it -> it.fireAt().isBefore(at))
                        .filter(it -> !now.timers().containsKey(it.timer()))
                        .forEach(it -> late.put(Timer.of(event.scheduler(), it), happening));
            }
            default -> {
                // No timer ends by it.
            }
        }
    }

    private void next(TimerFired fired, Recorded recorded) {
        TimerArmed armed = timers.remove(new Numbered(fired.scheduler(), fired.timer()));
        if (armed != null) {
            elapsed.put(recorded.id(), armed);
            Timer timer = Timer.of(fired.scheduler(), armed);
            elapses.put(timer, end());
            add(new Happening.Elapsed(recorded.at(), recorded.id(), timer));
        }
    }

    private void next(BuildsetSubmitted submitted, Recorded recorded) {
        boolean isRebuild = submitted.rebuiltFrom() != null;
        String cause =
                causesOfFirings.remove(new Numbered(submitted.scheduler(), submitted.firing()));
        Occasion occasion =
                isRebuild
                        ? new Occasion.Because(recorded.id())
                        : occasion(submitted.changeIds(), cause == null ? recorded.id() : cause);
        RecordedBuildset buildset =
                new RecordedBuildset(
                        submitted.buildsetId(),
                        submitted.scheduler(),
                        occasion,
                        submitted.submittedAt(),
                        recorded.at(),
                        submitted.sourceStamps().stream().map(this::withOnePatch).toList(),
                        submitted.changeIds(),
                        submitted.properties(),
                        submitted.requestIds());
        buildset.isRebuild(isRebuild);
        buildsets.add(buildset);
        openBuildsets.put(buildset.id(), buildset);
        buildset.requests().forEach(it -> openRequests.put(it.id(), it));
        largestBuildset = Math.max(largestBuildset, buildset.id());
        if (isRebuild) {
            add(new Happening.Rebuilt(recorded.at(), recorded.id(), buildset));
        }
    }

    private SourceStamp withOnePatch(SourceStamp stamp) {
        SourceStamp.Patch patch = stamp.patch();
        String body = patch == null ? null : patches.get(patch.body());
        return patch == null || body == null
                ? stamp
                : new SourceStamp(
                        stamp.repository(),
                        stamp.branch(),
                        stamp.revision(),
                        stamp.project(),
                        stamp.codebase(),
                        new SourceStamp.Patch(
                                body,
                                patch.level(),
                                patch.author(),
                                patch.comment(),
                                patch.subdir()));
    }

    private Occasion occasion(List<Long> changeIds, String cause) {
        if (!changeIds.isEmpty()) {
            return new Occasion.OfChanges(changeIds);
        }
        TimerArmed timer = elapsed.get(cause);
        if (timer != null) {
            return new Occasion.AtMoment(timer.fireAt());
        }
        Key upstream = endedBuildsets.get(cause);
        if (upstream != null) {
            return new Occasion.After(upstream.scheduler(), upstream.occasion());
        }
        return new Occasion.Because(firstAsked.getOrDefault(cause, cause));
    }

    private void next(BuildsetCompleted completed, Recorded recorded) {
        RecordedBuildset buildset = openBuildsets.remove(completed.buildsetId());
        if (buildset != null) {
            buildset.ended(end(), completed.results());
            if (buildset.changeIds().isEmpty()) {
                endedBuildsets.put(
                        recorded.id(), new Key(buildset.scheduler(), buildset.occasion()));
            }
        }
        add(
                new Happening.Ended(
                        recorded.at(), recorded.id(), completed.buildsetId(), completed.results()));
    }

    private void next(BuildRequestEvent event, Recorded recorded) {
        RecordedRequest request = openRequests.get(event.requestId());
        if (request == null) {
            return;
        }
        Instant at = recorded.at();
        switch (event) {
            case BuildRequestClaimed claimed -> {
                request.claimed(claimOf(claimed, at));
                workers.add(claimed.worker());
                builderMasters.add(claimed.master());
                workersOfBuilders
                        .computeIfAbsent(claimed.builder(), _ -> new TreeSet<>())
                        .add(claimed.worker());
            }
            case BuildRequestReleased _ -> request.released(at);
            case BuildRequestCompleted completed -> {
                request.built(completed.results(), at);
                openRequests.remove(event.requestId());
            }
            case BuildRequestCancelled cancelled -> {
                if (!isOfCanceller(cancelled)) {
                    add(new Happening.Cancelled(at, recorded.id(), request));
                }
                end(request, at);
            }
            case BuildRequestCollapsed _, BuildRequestExpired _, BuildRequestGivenUp _ ->
                    end(request, at);
            case BuildRequested _, BuildStarted _, BuildRequestPriorityChanged _ -> {
                // It goes on as it was.
            }
        }
    }

    /** The configuration has its own. */
    private static boolean isOfCanceller(BuildRequestCancelled cancelled) {
        return cancelled.cancelledBy().startsWith(OldBuildCanceller.TYPE + " ")
                || cancelled.cancelledBy().startsWith(FailingBuildsetCanceller.TYPE + " ");
    }

    private void end(RecordedRequest request, Instant at) {
        request.ended(at);
        openRequests.remove(request.id());
    }

    private void next(MasterEvent event, Instant at) {
        switch (event) {
            case MasterStarted started when started.role().equals(SCHEDULER_ROLE) ->
                    upTimes.started(started.master(), started.epoch(), at);
            case MasterStopped _, MasterLost _ -> upTimes.ended(event.master(), event.epoch(), at);
            default -> {
                // It goes on, or decides nothing.
            }
        }
    }

    /** What the schedulers knew before, by name. */
    SortedMap<String, Scheduler> schedulersBefore() {
        return before;
    }

    /** What the schedulers know in the end, by name. */
    SortedMap<String, Scheduler> schedulersAfter() {
        return schedulers.schedulers();
    }

    /** How a buildset began that was open before. */
    @Nullable BuildsetSubmitted openBefore(long buildsetId) {
        return openBefore.get(buildsetId);
    }

    List<Backlog> backlog() {
        return backlog;
    }

    /** In the order of the log, but for those that are forgotten. */
    List<Happening> happenings() {
        return happenings;
    }

    /** The place at which a timer elapsed, of several of the same the last; -1 if none did. */
    int elapses(Timer timer) {
        return elapses.getOrDefault(timer, -1);
    }

    /**
     * The place of the happening by which a timer ended otherwise, that was due and had not
     * elapsed; -1 if it did not, or if there is none before.
     */
    int lateUntil(Timer timer) {
        return late.getOrDefault(timer, -1);
    }

    /** Whether a timer runs in the end. */
    boolean runs(Timer timer) {
        return state(timer.scheduler()).timers().values().stream().anyMatch(timer::is);
    }

    /** In the order of the log, but for those that were taken. */
    List<RecordedBuildset> buildsets() {
        return buildsets;
    }

    /**
     * Finds out when the events were recorded that new schedulers read first.
     *
     * @param recordedAt of an event, by its id
     */
    void place(Function<String, Optional<Instant>> recordedAt) {
        beginnings.replaceAll((_, it) -> {
            String cause = it.cause();
            return cause == null
                    ? it
                    : recordedAt
                            .apply(cause)
                            .map(at -> new Beginning(it.scheduler(), cause, at))
                            .orElse(it);
        });
    }

    /** Where each scheduler was first configured in this time, in the order of the log. */
    List<Beginning> beginnings() {
        return List.copyOf(beginnings.values());
    }

    /** The former names of those that were renamed in this time. */
    Map<String, String> renamedFrom() {
        return renamedFrom;
    }

    /** Those that had a claim, as the configuration called them. */
    SortedSet<String> workers() {
        return workers;
    }

    /** Those that claimed for a builder. */
    SortedSet<String> workersOf(String builder) {
        return workersOfBuilders.getOrDefault(builder, new TreeSet<>());
    }

    /** Those that claimed. */
    SortedSet<String> builderMasters() {
        return builderMasters;
    }

    UpTimes upTimes() {
        return upTimes;
    }

    /** No buildset of the log has a larger number, as far as is known. */
    long largestBuildset() {
        return largestBuildset;
    }

    long events() {
        return events;
    }

    /** What is not known of that time, in words: what the program did not understand of it. */
    List<String> remarks() {
        return firstNotUnderstood == null
                ? List.of()
                : List.of(
                        "%,d events of that time can't be read, or are of a newer program, and are left out: the first is %s"
                                .formatted(notUnderstood, firstNotUnderstood));
    }

    long changes() {
        return happenings.stream().filter(Happening.Changed.class::isInstance).count();
    }

    /** When the first event was recorded; null without any. */
    @Nullable Instant first() {
        return first;
    }

    /** When the last event was recorded; null without any. */
    @Nullable Instant last() {
        return last;
    }

    /** What a worker was called in the whole cluster, if it was one of a master's own. */
    static String localName(RecordedRequest.Claim claim) {
        return WorkerName.of(false, claim.master(), claim.worker());
    }
}
