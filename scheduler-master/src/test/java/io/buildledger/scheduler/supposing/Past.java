package io.buildledger.scheduler.supposing;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.RebuiltFrom;
import io.buildledger.domain.scheduling.Decision;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerInput;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.replaying.ClusterState;
import io.buildledger.scheduler.scheduling.SchedulerInputs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The log of a cluster without a database, whose timers may be late. Times are in seconds. */
final class Past {

    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final ConfigurationFile file;
    private final Duration lag;
    private final List<Recorded> log = new ArrayList<>();
    private final Map<String, Long> next = new HashMap<>();
    private final Map<String, SchedulerState> states = new LinkedHashMap<>();
    private final Map<Long, BuildsetSubmitted> buildsets = new LinkedHashMap<>();
    private final Map<Long, Long> buildsetOf = new HashMap<>();
    private final Map<Long, Integer> open = new HashMap<>();
    private final Map<Long, Results> worst = new HashMap<>();
    private Instant now = START;
    private long requests;
    private boolean isUp = true;
    private @Nullable String cause;

    Past(ConfigurationFile file, Duration lag) {
        this.file = file;
        this.lag = lag;
        file.schedulers().forEach(it -> states.put(it.name(), SchedulerState.INITIAL));
        up(0);
    }

    static Instant second(double second) {
        return START.plusMillis(Math.round(second * 1_000));
    }

    private Recorded append(String stream, Object event) {
        long sequence = next.merge(stream, 1L, Long::sum) - 1;
        Recorded recorded =
                new Recorded(
                        stream,
                        sequence,
                        event,
                        now,
                        cause == null ? Map.of() : Map.of("cause", cause));
        log.add(recorded);
        return recorded;
    }

    Past change(double second, long id, String... files) {
        return branchChange(second, id, "main", files);
    }

    Past branchChange(double second, long id, String branch, String... files) {
        pass(second);
        read(
                append(
                        Streams.change(id),
                        new ChangeReceived(
                                id,
                                "app.git",
                                branch,
                                "r" + id,
                                "",
                                "",
                                null,
                                "me",
                                "why",
                                List.of(files),
                                null,
                                Instant.EPOCH,
                                Map.of(),
                                "base")));
        return this;
    }

    Past ask(double second, SchedulerCommandEvent command) {
        pass(second);
        read(append(Streams.schedulerCommand(command.scheduler()), command));
        return this;
    }

    /** The scheduler master stops. */
    Past down(double second) {
        pass(second);
        read(append(Streams.master("s1"), new MasterStopped("s1", 1)));
        isUp = false;
        return this;
    }

    Past up(double second) {
        pass(second);
        isUp = true;
        read(
                append(
                        Streams.master("s1"),
                        new MasterStarted("s1", 1, "scheduler", "here", 1, Map.of())));
        return this;
    }

    /** Worker w of b1 builds a request, for so many seconds. */
    Past build(double second, long request, double seconds, Results results) {
        claim(second, request);
        return complete(second + seconds, request, results);
    }

    Past claim(double second, long request) {
        pass(second);
        String builder = builderOf(request);
        append(
                Streams.buildRequest(request),
                new BuildRequestClaimed(
                        request, builder, request, "b1", 1, 1, "w", "f", null, null));
        append(Streams.buildRequest(request), new BuildStarted(request, 1));
        return this;
    }

    Past complete(double second, long request, Results results) {
        pass(second);
        append(Streams.buildRequest(request), new BuildRequestCompleted(request, 1, results, "so"));
        return ended(request, results);
    }

    Past cancel(double second, long request, String by) {
        pass(second);
        append(Streams.buildRequest(request), new BuildRequestCancelled(request, by, ""));
        return ended(request, Results.CANCELLED);
    }

    private Past ended(long request, Results results) {
        long buildset = Objects.requireNonNull(buildsetOf.get(request));
        worst.merge(buildset, results, Results::worse);
        if (open.merge(buildset, -1, Integer::sum) == 0) {
            read(
                    append(
                            Streams.buildset(buildset),
                            new BuildsetCompleted(
                                    buildset, Objects.requireNonNull(worst.get(buildset)))));
        }
        return this;
    }

    /** Somebody has a buildset built once more. */
    Past rebuild(double second, long buildset) {
        pass(second);
        BuildsetSubmitted former = Objects.requireNonNull(buildsets.get(buildset));
        submit(
                new BuildsetOrder(
                        former.scheduler(),
                        former.firing(),
                        "again",
                        former.sourceStamps(),
                        former.changeIds(),
                        former.properties(),
                        List.copyOf(former.requestIds().keySet()),
                        0,
                        null,
                        false,
                        null,
                        null,
                        new RebuiltFrom(buildset, null, null, "me")));
        return this;
    }

    /** Timers elapse that are due before, each as much too late as they are here. */
    Past pass(double second) {
        Instant moment = second(second);
        for (Optional<TimerArmed> due = due(moment); due.isPresent(); due = due(moment)) {
            TimerArmed timer = due.get();
            Instant at = timer.fireAt().plus(lag);
            now = at.isAfter(now) ? at : now;
            cause = null;
            read(
                    append(
                            Streams.timer(timer.scheduler(), timer.timer()),
                            new TimerFired(timer.scheduler(), timer.timer(), now)));
        }
        now = moment;
        cause = null;
        return this;
    }

    private Optional<TimerArmed> due(Instant before) {
        return states.values().stream()
                .filter(_ -> isUp)
                .flatMap(it -> it.timers().values().stream())
                .filter(it -> it.fireAt().plus(lag).isBefore(before))
                .min(Comparator.comparing(TimerArmed::fireAt));
    }

    private void read(Recorded event) {
        for (BoundScheduler scheduler : file.schedulers()) {
            decide(scheduler, event, SchedulerInputs.configuration(scheduler, event.at()));
            SchedulerInputs.of(
                            scheduler,
                            event.event(),
                            event.at(),
                            id -> Optional.ofNullable(buildsets.get(id)))
                    .ifPresent(input -> decide(scheduler, event, input));
        }
    }

    private void decide(BoundScheduler scheduler, Recorded event, SchedulerInput input) {
        String name = scheduler.name();
        SchedulerState state = states.getOrDefault(name, SchedulerState.INITIAL);
        Decision decision = scheduler.scheduler().decide(state, input);
        for (SchedulerEvent transition : decision.events()) {
            cause = event.id();
            Recorded appended = append(Streams.scheduler(name), transition);
            state = state.evolve(transition);
            states.put(name, state);
            if (transition instanceof SchedulerFired fired) {
                cause = appended.id();
                submit(decision.orderOf(fired));
            }
        }
    }

    private void submit(BuildsetOrder order) {
        long id = buildsets.size() + 1L;
        Map<String, Long> requestIds = new LinkedHashMap<>();
        order.builderNames().forEach(it -> requestIds.put(it, ++requests));
        BuildsetSubmitted submitted = SchedulersAtWork.submitted(order, id, requestIds, now);
        buildsets.put(id, submitted);
        open.put(id, requestIds.size());
        append(Streams.buildset(id), submitted);
        requestIds.forEach((builder, request) -> {
            buildsetOf.put(request, id);
            append(
                    Streams.buildRequest(request),
                    new BuildRequested(request, id, builder, order.priority(), now, null));
        });
    }

    private String builderOf(long request) {
        return buildsets.values().stream()
                .flatMap(it -> it.requestIds().entrySet().stream())
                .filter(it -> it.getValue() == request)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    /** What a file would have made of all of it, or of what came after a second. */
    Answer suppose(ConfigurationFile candidate, double since) {
        ClusterState before = new ClusterState();
        List<Recorded> after = new ArrayList<>();
        for (Recorded recorded : log) {
            if (recorded.at().isAfter(second(since))) {
                after.add(recorded);
            } else {
                before.next(recorded);
            }
        }
        RecordedTime time = new RecordedTime(before);
        after.forEach(time::next);
        time.place(
                id -> log.stream().filter(it -> it.id().equals(id)).map(Recorded::at).findFirst());
        Instant begin = after.size() == log.size() ? START : second(since);
        return WhatIf.answer(candidate, time, begin, now, Map.of(), log.size(), Allowance.all());
    }

    Answer suppose(ConfigurationFile candidate) {
        return suppose(candidate, -1);
    }

    /**
     * What a shadow with a file tells, that begins at a second and hears of each event when it is
     * recorded, up to now.
     */
    Comparisons shadow(
            ConfigurationFile candidate,
            double since,
            Duration grace,
            Consumer<Difference> differences) {
        ClusterState before = new ClusterState();
        List<Recorded> after = new ArrayList<>();
        for (Recorded recorded : log) {
            if (recorded.at().isAfter(second(since))) {
                after.add(recorded);
            } else {
                before.next(recorded);
            }
        }
        Shadowing shadowing =
                new Shadowing(
                        candidate.schedulers(),
                        before,
                        after.size() == log.size() ? null : second(since),
                        grace,
                        id ->
                                log.stream()
                                        .filter(it -> it.id().equals(id))
                                        .map(Recorded::at)
                                        .findFirst(),
                        differences);
        for (Recorded recorded : after) {
            shadowing.knownUntil(recorded.at());
            shadowing.next(recorded);
        }
        shadowing.knownUntil(now);
        return shadowing.comparisons();
    }
}
