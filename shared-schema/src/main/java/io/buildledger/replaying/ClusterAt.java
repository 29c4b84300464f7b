package io.buildledger.replaying;

import io.buildledger.domain.attaching.WorkerState;
import io.buildledger.domain.attaching.WorkerState.Attached;
import io.buildledger.domain.attaching.WorkerState.Gone;
import io.buildledger.domain.attaching.WorkerState.Unseen;
import io.buildledger.domain.requesting.BuildRequest;
import io.buildledger.domain.requesting.BuildRequest.Running;
import io.buildledger.domain.requesting.BuildRequest.Unclaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.replaying.ClusterState.Drain;
import io.buildledger.replaying.ClusterState.Master;
import io.buildledger.replaying.ClusterState.Request;
import io.buildledger.replaying.ClusterState.Scheduler;
import io.buildledger.replaying.ClusterState.Step;
import io.buildledger.replaying.ClusterState.Worker;
import io.buildledger.replaying.PastStates.PastState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A cluster at a moment that is past, for people.
 *
 * @param event the last event that counts, by its number in the whole log; -1 before the first
 * @param at when that was recorded; null before the first
 * @param builders that had something to do or had ended a build
 * @param notUnderstood how many streams have events that could not be counted
 */
public record ClusterAt(
        long event,
        @Nullable Instant at,
        List<SchedulerThen> schedulers,
        List<BuilderThen> builders,
        List<WaitingThen> queue,
        List<ClaimThen> claims,
        List<MasterThen> masters,
        List<WorkerThen> workers,
        int notUnderstood) {

    /**
     * @param pending the changes that waited, by their numbers
     * @param timers when those that ran were to end
     * @param renamedTo the name under which it went on, or null
     * @param lastDidAt when it had last done something
     * @param master that ran it then
     */
    public record SchedulerThen(
            String name,
            @Nullable String type,
            boolean enabled,
            List<Long> pending,
            List<Instant> timers,
            long firings,
            @Nullable String renamedTo,
            Instant lastDidAt,
            @Nullable String master) {}

    /**
     * @param waiting how many requests were on offer
     * @param oldest when the first of them was submitted, or null
     * @param building how many were claimed
     * @param lastBuild the number of the build that had ended last, or null
     */
    public record BuilderThen(
            String name,
            int waiting,
            @Nullable Instant oldest,
            int building,
            @Nullable Long lastBuild,
            @Nullable String lastResults,
            @Nullable Instant lastEndedAt) {}

    /** A request on offer, in the order in which its builder's were to be claimed. */
    public record WaitingThen(
            String builder,
            long request,
            long buildset,
            int priority,
            Instant submittedAt,
            Instant waitingSince,
            int attempts) {}

    /**
     * A request that a master held.
     *
     * @param state claimed or running
     * @param step that the build was in, or null
     */
    public record ClaimThen(
            String builder,
            long buildNumber,
            long request,
            int attempt,
            String master,
            long epoch,
            String worker,
            String state,
            Instant since,
            @Nullable String step) {}

    /**
     * @param state live, draining, stopping, stopped or lost
     */
    public record MasterThen(
            String name, long epoch, String role, String host, String state, Instant since) {}

    /**
     * @param state attached, away or unseen
     * @param master that had it, or had it last
     * @param note that it was paused, was to stop or was in quarantine
     * @param builds that ran on it, as {@code BUILDER/NUMBER}
     */
    public record WorkerThen(
            String name,
            String state,
            @Nullable String master,
            @Nullable Instant since,
            String note,
            List<String> builds) {}

    /** What a state says. */
    public static ClusterAt of(PastState past) {
        ClusterState state = past.state();
        List<ClaimThen> claims = claims(state);
        List<WaitingThen> queue = queue(state);
        return new ClusterAt(
                past.index(),
                past.at(),
                state.schedulers().entrySet().stream()
                        .map(it -> scheduler(it.getKey(), it.getValue()))
                        .toList(),
                builders(state, queue, claims),
                queue,
                claims,
                state.masters().entrySet().stream()
                        .map(it -> master(it.getKey(), it.getValue()))
                        .toList(),
                state.workers().entrySet().stream()
                        .map(it -> worker(it.getKey(), it.getValue(), claims, past.at()))
                        .toList(),
                state.notUnderstood().size());
    }

    /** A scheduler alone; empty if it had done nothing. */
    public Optional<ClusterAt> ofScheduler(String name) {
        List<SchedulerThen> only =
                schedulers.stream().filter(scheduler -> scheduler.name().equals(name)).toList();
        return only.isEmpty()
                ? Optional.empty()
                : Optional.of(with(only, List.of(), List.of(), List.of(), List.of(), List.of()));
    }

    /** A builder alone; empty if nothing had been asked of it. */
    public Optional<ClusterAt> ofBuilder(String name) {
        List<BuilderThen> only =
                builders.stream().filter(builder -> builder.name().equals(name)).toList();
        return only.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        with(
                                List.of(),
                                only,
                                queue.stream()
                                        .filter(waiting -> waiting.builder().equals(name))
                                        .toList(),
                                claims.stream()
                                        .filter(claim -> claim.builder().equals(name))
                                        .toList(),
                                List.of(),
                                List.of()));
    }

    /** What was queued, alone. */
    public ClusterAt ofQueue() {
        return with(List.of(), builders, queue, List.of(), List.of(), List.of());
    }

    /** The masters alone, and what they held. */
    public ClusterAt ofMasters() {
        return with(List.of(), List.of(), List.of(), claims, masters, List.of());
    }

    /** The workers alone. */
    public ClusterAt ofWorkers() {
        return with(List.of(), List.of(), List.of(), List.of(), List.of(), workers);
    }

    private ClusterAt with(
            List<SchedulerThen> someSchedulers,
            List<BuilderThen> someBuilders,
            List<WaitingThen> someQueued,
            List<ClaimThen> someClaims,
            List<MasterThen> someMasters,
            List<WorkerThen> someWorkers) {
        return new ClusterAt(
                event,
                at,
                someSchedulers,
                someBuilders,
                someQueued,
                someClaims,
                someMasters,
                someWorkers,
                notUnderstood);
    }

    private static SchedulerThen scheduler(String name, Scheduler scheduler) {
        SchedulerState state = scheduler.state();
        return new SchedulerThen(
                name,
                scheduler.type(),
                state.enabled(),
                state.pending().values().stream().map(ChangeTaken::changeId).toList(),
                state.timers().values().stream().map(TimerArmed::fireAt).sorted().toList(),
                state.firings(),
                state.renamedTo(),
                scheduler.at(),
                scheduler.master());
    }

    private static List<WaitingThen> queue(ClusterState state) {
        List<WaitingThen> queue = new ArrayList<>();
        state.requests()
                .forEach((id, request) -> {
                    if (request.state()
                            instanceof Unclaimed(BuildRequested requested, int attempts)) {
                        queue.add(
                                new WaitingThen(
                                        requested.builder(),
                                        id,
                                        requested.buildsetId(),
                                        requested.priority(),
                                        requested.submittedAt(),
                                        request.since(),
                                        attempts));
                    }
                });
        queue.sort(
                Comparator.comparing(WaitingThen::builder)
                        .thenComparing(Comparator.comparingInt(WaitingThen::priority).reversed())
                        .thenComparing(WaitingThen::submittedAt)
                        .thenComparingLong(WaitingThen::request));
        return queue;
    }

    private static List<ClaimThen> claims(ClusterState state) {
        return state.requests().values().stream()
                .flatMap(request ->
                        BuildRequest.liveClaim(request.state()).stream()
                                .map(claim -> claim(state, request, claim)))
                .sorted(
                        Comparator.comparing(ClaimThen::builder)
                                .thenComparingLong(ClaimThen::buildNumber))
                .toList();
    }

    private static ClaimThen claim(ClusterState state, Request request, BuildRequestClaimed claim) {
        Step step = state.step(claim.builder(), claim.buildNumber());
        return new ClaimThen(
                claim.builder(),
                claim.buildNumber(),
                claim.requestId(),
                claim.attempt(),
                claim.master(),
                claim.epoch(),
                claim.worker(),
                request.state() instanceof Running ? "running" : "claimed",
                request.since(),
                step == null ? null : step.name());
    }

    private static List<BuilderThen> builders(
            ClusterState state, List<WaitingThen> queue, List<ClaimThen> claims) {
        Map<String, List<WaitingThen>> waiting =
                queue.stream().collect(Collectors.groupingBy(WaitingThen::builder));
        Map<String, Long> building =
                claims.stream()
                        .collect(Collectors.groupingBy(ClaimThen::builder, Collectors.counting()));
        TreeMap<String, BuilderThen> builders = new TreeMap<>();
        for (var names :
                List.of(waiting.keySet(), building.keySet(), state.lastBuilds().keySet())) {
            for (String name : names) {
                ClusterState.LastBuild last = state.lastBuilds().get(name);
                List<WaitingThen> requests = waiting.getOrDefault(name, List.of());
                builders.put(
                        name,
                        new BuilderThen(
                                name,
                                requests.size(),
                                requests.stream()
                                        .map(WaitingThen::submittedAt)
                                        .min(Comparator.naturalOrder())
                                        .orElse(null),
                                building.getOrDefault(name, 0L).intValue(),
                                last == null ? null : last.number(),
                                last == null ? null : last.results().name(),
                                last == null ? null : last.at()));
            }
        }
        return List.copyOf(builders.values());
    }

    private static MasterThen master(String name, Master master) {
        return new MasterThen(
                name,
                master.epoch(),
                master.role(),
                master.host(),
                stateOf(master),
                master.end() == null ? master.since() : master.end().at());
    }

    private static String stateOf(Master master) {
        if (master.end() != null) {
            return master.end().reason().equals("stopped") ? "stopped" : "lost";
        }
        Drain drain = master.drain();
        return drain == null ? "live" : drain.now() ? "stopping" : "draining";
    }

    private static WorkerThen worker(
            String name, Worker worker, List<ClaimThen> claims, @Nullable Instant at) {
        WorkerState state = worker.state();
        List<String> builds =
                claims.stream()
                        .filter(claim -> claim.worker().equals(name))
                        .map(claim -> claim.builder() + "/" + claim.buildNumber())
                        .toList();
        return switch (state.presence()) {
            case Unseen _ -> new WorkerThen(name, "unseen", null, null, note(state, at), builds);
            case Attached attached ->
                    new WorkerThen(
                            name,
                            "attached",
                            attached.master(),
                            attached.since(),
                            note(state, at),
                            builds);
            case Gone gone ->
                    new WorkerThen(
                            name,
                            "away",
                            gone.last().master(),
                            gone.since(),
                            note(state, at),
                            builds);
        };
    }

    private static String note(WorkerState state, @Nullable Instant at) {
        List<String> notes = new ArrayList<>();
        if (state.pause() != null) {
            notes.add("paused by " + state.pause().requestedBy());
        }
        if (state.stop() != null) {
            notes.add("to stop, by " + state.stop().requestedBy());
        }
        if (state.quarantine() != null && at != null && at.isBefore(state.quarantine().until())) {
            notes.add("in quarantine until " + state.quarantine().until());
        }
        return String.join(", ", notes);
    }
}
