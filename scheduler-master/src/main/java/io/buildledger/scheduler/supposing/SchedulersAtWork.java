package io.buildledger.scheduler.supposing;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.scheduling.Decision;
import io.buildledger.domain.scheduling.DependentScheduler;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerInput;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.replaying.ClusterState;
import io.buildledger.scheduler.scheduling.SchedulerInputs;
import io.buildledger.scheduler.supposing.RecordedTime.Beginning;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets the schedulers of a configuration decide upon what came in in a recorded time, in the order
 * of the log. Between two events of the log, timers elapse. It is as if masters had read the
 * configuration when that time began.
 *
 * <p>A timer that ran in the recorded cluster as well, for the same scheduler, the same moment and
 * the same purpose, elapses where it did there, however late that was, and not at all if it is late
 * in what is known so far and still runs; if it was due there and set anew before it elapsed, it
 * elapses after that, unless it is set anew here as well. Any other elapses at its moment, or when
 * the next scheduler master started, if none was up then.
 *
 * <p>So more than a moment must be known of the time after what is decided upon.
 */
final class SchedulersAtWork {

    /** What comes of decisions. */
    interface Outcome {

        /**
         * A scheduler asks for a buildset.
         *
         * @param occasion what for
         * @param at when that was recorded because of which it does
         */
        void ordered(String scheduler, BuildsetOrder order, Occasion occasion, Instant at);

        /** Something was asked of a scheduler that the configuration does not have. */
        void leftOut(String scheduler);
    }

    /** A command is asked again within some tries of the one who asks, or never. */
    private static final int REMEMBERED_COMMANDS = 10_000;

    private static final class Running {
        private final BoundScheduler bound;
        private SchedulerState state;
        private boolean hasBegun;

        /** Commands that it has heard, by those that were asked first. */
        private final Set<String> heard =
                Collections.newSetFromMap(new Remembered<>(REMEMBERED_COMMANDS));

        private Running(BoundScheduler bound, SchedulerState state) {
            this.bound = bound;
            this.state = state;
        }

        private String name() {
            return bound.name();
        }
    }

    private record Followed(BuildsetSubmitted submitted, Occasion occasion) {}

    private final RecordedTime time;
    private final Names names;
    private final Agenda agenda;
    private final Duration late;
    private final Supplier<Instant> knownUntil;
    private final Outcome outcome;
    private final Map<String, Running> schedulers = new LinkedHashMap<>();
    private final Map<Running, Beginning> toBegin = new LinkedHashMap<>();

    /** Those that begin with the first happening, unless it turns out where they did. */
    private final Set<Running> toBeginAtAll = new LinkedHashSet<>();

    private final boolean isFollowed;

    /** What elapses after a happening, by the place of that. */
    private final Map<Integer, List<Runnable>> held = new HashMap<>();

    /** Those that end where recorded ones do, by the numbers of these. */
    private final Map<Long, Followed> endingAsRecorded = new HashMap<>();

    private final SortedSet<String> remarks = new TreeSet<>();

    /** Those that a new scheduler reads first. */
    private final Set<@Nullable String> happeningsOfBeginnings = new HashSet<>();

    private int position;
    private boolean isOver;

    /**
     * @param time whose happenings are those to come
     * @param since when the time began
     * @param newSince when those begin that are new in the configuration; null for with the first
     *     happening, as masters would who read the configuration then
     * @param late by so much a timer may have been late in the recorded cluster when what is known
     *     ends
     * @param knownUntil up to when it is known what was recorded
     */
    SchedulersAtWork(
            Collection<BoundScheduler> configured,
            RecordedTime time,
            Names names,
            Agenda agenda,
            Instant since,
            @Nullable Instant newSince,
            Duration late,
            Supplier<Instant> knownUntil,
            Outcome outcome) {
        this.time = time;
        this.names = names;
        this.agenda = agenda;
        this.late = late;
        this.knownUntil = knownUntil;
        this.outcome = outcome;
        this.position = time.end() - time.happenings().size() - 1;
        this.isFollowed =
                configured.stream().anyMatch(it -> it.scheduler() instanceof DependentScheduler);
        configured.forEach(it -> prepare(it, since, newSince));
    }

    /** Finds out what a scheduler begins with, and where. */
    private void prepare(BoundScheduler bound, Instant since, @Nullable Instant newSince) {
        agenda.goOn();
        String name = bound.name();
        String predecessor = names.predecessor(bound);
        ClusterState.Scheduler own = time.schedulersBefore().get(name);
        SchedulerState state = own == null ? SchedulerState.INITIAL : own.state();
        @Nullable Beginning beginning = new Beginning(name, null, since);
        if (predecessor != null) {
            ClusterState.Scheduler old =
                    Objects.requireNonNull(time.schedulersBefore().get(predecessor));
            SchedulerState goesOn = old.state();
            for (SchedulerEvent event :
                    Scheduler.takeOver(
                            name, state, old.state(), predecessor, old.lastSequence() + 1)) {
                goesOn = goesOn.evolve(event);
            }
            state = goesOn;
            remarks.add("scheduler %s goes on where %s was".formatted(name, predecessor));
        } else if (own == null) {
            beginning = beginningOf(bound, newSince);
        } else if (state.renamedTo() != null) {
            remarks.add(
                    "scheduler %s decides nothing: it goes on as %s, which is in the file, too"
                            .formatted(name, state.renamedTo()));
        }
        Running running = new Running(bound, state);
        schedulers.put(name, running);
        if (beginning == null) {
            toBeginAtAll.add(running);
        } else {
            begins(running, beginning);
        }
    }

    private void begins(Running running, Beginning beginning) {
        toBegin.put(running, beginning);
        if (time.happenings().stream().anyMatch(it -> it.id().equals(beginning.cause()))) {
            happeningsOfBeginnings.add(beginning.cause());
        }
    }

    /**
     * A new scheduler begins where it did in the recorded cluster, if it is new there, too; where
     * all of that cluster were new, with the first of them; else when the time begins.
     */
    private @Nullable Beginning beginningOf(BoundScheduler bound, @Nullable Instant newSince) {
        Long first = bound.startAtChange();
        if (first != null) {
            Beginning atChange = beginningAt(first);
            if (atChange != null) {
                return atChange;
            }
            remarks.add(
                    "scheduler %s would have begun with change %d, which did not come in that time: what came before is left out"
                            .formatted(bound.name(), first));
        }
        Beginning recorded = recordedBeginning(bound.name());
        return recorded != null || newSince == null
                ? recorded
                : new Beginning(bound.name(), null, newSince);
    }

    private @Nullable Beginning recordedBeginning(String name) {
        List<Beginning> all = time.beginnings();
        return all.stream()
                .filter(it -> name.equals(names.candidateOf(it.scheduler())))
                .findFirst()
                .orElse(
                        time.schedulersBefore().isEmpty() && !all.isEmpty()
                                ? all.getFirst()
                                : null);
    }

    private @Nullable Beginning beginningAt(long change) {
        for (Happening happening : time.happenings()) {
            if (happening instanceof Happening.Changed changed
                    && changed.change().changeId() == change) {
                return new Beginning("", changed.id(), changed.at());
            }
        }
        return null;
    }

    /** Lets time pass up to a happening, which is the next of its place. */
    void reach(Happening happening) {
        passUpTo(happening.at());
        beginWith(happening);
        position++;
    }

    /** Lets time pass up to a moment. */
    void passUpTo(Instant moment) {
        for (Running running : List.copyOf(toBeginAtAll)) {
            Beginning recorded = recordedBeginning(running.name());
            if (recorded != null) {
                toBeginAtAll.remove(running);
                begins(running, recorded);
            }
        }
        toBegin.entrySet().stream()
                .filter(it -> !it.getValue().at().isAfter(moment))
                .filter(it -> !happeningsOfBeginnings.contains(it.getValue().cause()))
                .sorted(Comparator.comparing(it -> it.getValue().at()))
                .toList()
                .forEach(it -> {
                    // Those that begin with what is no happening here.
                    toBegin.remove(it.getKey());
                    agenda.passUpTo(it.getValue().at());
                    begin(it.getKey(), it.getValue().at());
                });
        agenda.passUpTo(moment);
    }

    private void beginWith(Happening happening) {
        toBeginAtAll.forEach(it -> begin(it, happening.at()));
        toBeginAtAll.clear();
        if (happeningsOfBeginnings.contains(happening.id())) {
            List.copyOf(toBegin.entrySet()).stream()
                    .filter(it -> happening.id().equals(it.getValue().cause()))
                    .forEach(it -> {
                        toBegin.remove(it.getKey());
                        begin(it.getKey(), happening.at());
                    });
        }
    }

    private void begin(Running running, Instant at) {
        running.hasBegun = true;
        running.state.timers().values().forEach(it -> await(running, it));
        decide(
                running,
                SchedulerInputs.configuration(running.bound, at),
                new Occasion.Because("configuration"),
                at);
    }

    /** Has all hear of what was {@linkplain #reach reached}, and then elapse what waited for it. */
    void hear(Happening happening) {
        switch (happening) {
            case Happening.Changed it ->
                    schedulers
                            .values()
                            .forEach(scheduler ->
                                    hear(
                                            scheduler,
                                            it.change(),
                                            new Occasion.Because(it.id()),
                                            it.at()));
            case Happening.Asked it -> obey(it);
            case Happening.Elapsed it -> elapse(it);
            case Happening.Ended it -> end(it);
            case Happening.Rebuilt _, Happening.Cancelled _ -> {
                // No scheduler heeds it.
            }
        }
        List<Runnable> after = held.remove(position);
        if (after != null) {
            after.forEach(it -> agenda.put(agenda.now(), it));
        }
    }

    /**
     * @param at when it got into the log. That may be a little before what came before it there,
     *     where two were written at once
     */
    private void hear(Running scheduler, Object event, Occasion occasion, Instant at) {
        if (scheduler.hasBegun) {
            SchedulerInputs.of(scheduler.bound, event, at, this::buildset)
                    .ifPresent(input -> decide(scheduler, input, occasion, at));
        }
    }

    private Optional<BuildsetSubmitted> buildset(long buildsetId) {
        Followed supposed = endingAsRecorded.get(buildsetId);
        return Optional.ofNullable(
                supposed == null ? time.openBefore(buildsetId) : supposed.submitted());
    }

    private void decide(Running scheduler, SchedulerInput input, Occasion otherwise, Instant at) {
        Decision decision = scheduler.bound.scheduler().decide(scheduler.state, input);
        for (SchedulerEvent event : decision.events()) {
            scheduler.state = scheduler.state.evolve(event);
            switch (event) {
                case SchedulerFired fired -> {
                    BuildsetOrder order = decision.orderOf(fired);
                    Occasion occasion =
                            order.changeIds().isEmpty()
                                    ? otherwise
                                    : new Occasion.OfChanges(order.changeIds());
                    outcome.ordered(scheduler.name(), order, occasion, at);
                }
                case TimerArmed armed -> await(scheduler, armed);
                default -> {
                    // It is in the state.
                }
            }
        }
    }

    private void await(Running scheduler, TimerArmed armed) {
        Instant due = armed.fireAt().isBefore(agenda.now()) ? agenda.now() : armed.fireAt();
        agenda.put(time.upTimes().upAt(due), () -> fallDue(scheduler, armed));
    }

    private void fallDue(Running scheduler, TimerArmed armed) {
        if (isOver || !armed.equals(scheduler.state.timers().get(armed.timer()))) {
            return;
        }
        int end = -1;
        for (String name : names.recordedOf(scheduler.name())) {
            Timer recorded = Timer.of(name, armed);
            if (time.elapses(recorded) > position) {
                return;
            }
            if (armed.fireAt().isAfter(knownUntil.get().minus(late)) && time.runs(recorded)) {
                fallDueOnceMoreIsKnown(scheduler, armed);
                return;
            }
            end = Math.max(end, time.lateUntil(recorded));
        }
        if (end > position) {
            held.computeIfAbsent(end, _ -> new ArrayList<>())
                    .add(() -> elapse(scheduler, armed, agenda.now()));
            return;
        }
        Instant up = time.upTimes().upAt(agenda.now());
        if (up.isAfter(agenda.now())) {
            agenda.put(up, () -> fallDue(scheduler, armed));
        } else if (up.isBefore(time.upTimes().downForGood())) {
            elapse(scheduler, armed, agenda.now());
        } else {
            fallDueOnceMoreIsKnown(scheduler, armed);
        }
    }

    private void fallDueOnceMoreIsKnown(Running scheduler, TimerArmed armed) {
        if (knownUntil.get().isAfter(agenda.now())) {
            agenda.put(knownUntil.get(), () -> fallDue(scheduler, armed));
        }
    }

    private void elapse(Running scheduler, TimerArmed armed, Instant at) {
        if (!isOver) {
            hear(
                    scheduler,
                    new TimerFired(scheduler.name(), armed.timer(), at),
                    new Occasion.AtMoment(armed.fireAt()),
                    at);
        }
    }

    private void elapse(Happening.Elapsed elapsed) {
        Timer recorded = elapsed.timer();
        String name = names.candidateOf(recorded.scheduler());
        Running scheduler = name == null ? null : schedulers.get(name);
        if (name != null && scheduler != null) {
            Timer timer = new Timer(name, recorded.due(), recorded.key());
            scheduler.state.timers().values().stream()
                    .filter(timer::is)
                    .findFirst()
                    .ifPresent(it -> elapse(scheduler, it, elapsed.at()));
        }
    }

    private void obey(Happening.Asked asked) {
        String name = names.candidateOf(asked.command().scheduler());
        Running scheduler = name == null ? null : schedulers.get(name);
        if (scheduler == null) {
            outcome.leftOut(asked.command().scheduler());
        } else if (scheduler.heard.add(asked.first())) {
            SchedulerCommandEvent command = asked.command().askedOf(scheduler.name());
            hear(scheduler, command, new Occasion.Because(asked.first()), asked.at());
        }
    }

    private void end(Happening.Ended ended) {
        if (isFollowed && buildset(ended.buildsetId()).isPresent()) {
            Followed supposed = endingAsRecorded.get(ended.buildsetId());
            follow(
                    new BuildsetCompleted(ended.buildsetId(), ended.results()),
                    supposed == null
                            ? new Occasion.Because(ended.id())
                            : after(supposed.submitted(), supposed.occasion()),
                    ended.at());
        }
        endingAsRecorded.remove(ended.buildsetId());
    }

    private static Occasion after(BuildsetSubmitted submitted, Occasion upstream) {
        return new Occasion.After(submitted.scheduler(), upstream);
    }

    private void follow(BuildsetCompleted completed, Occasion occasion, Instant at) {
        schedulers.values().forEach(it -> hear(it, completed, occasion, at));
    }

    /** A buildset will have ended where the recorded one of its number does, and as it does. */
    void endsAsRecorded(BuildsetSubmitted submitted, Occasion occasion) {
        if (isFollowed) {
            endingAsRecorded.put(submitted.buildsetId(), new Followed(submitted, occasion));
        }
    }

    /** A buildset ends now. */
    void ended(BuildsetSubmitted submitted, Occasion occasion, Results results) {
        long id = submitted.buildsetId();
        endingAsRecorded.put(id, new Followed(submitted, occasion));
        follow(new BuildsetCompleted(id, results), after(submitted, occasion), agenda.now());
        endingAsRecorded.remove(id);
    }

    /** What an order makes, where it is as in a cluster. */
    static BuildsetSubmitted submitted(
            BuildsetOrder order, long id, Map<String, Long> requestIds, Instant at) {
        return new BuildsetSubmitted(
                id,
                order.scheduler(),
                order.firing(),
                order.reason(),
                order.sourceStamps(),
                order.changeIds(),
                order.properties(),
                requestIds,
                at,
                order.waitedFor(),
                order.parent(),
                order.externalId(),
                order.rebuiltFrom());
    }

    /** No timer elapses any more. */
    void stop() {
        isOver = true;
    }

    /** The place of the last happening that was reached; that before the first if none was. */
    int position() {
        return position;
    }

    /** Whether some scheduler follows on what others make. */
    boolean isFollowed() {
        return isFollowed;
    }

    /** What a scheduler of the configuration knows. */
    SchedulerState state(String scheduler) {
        Running running = schedulers.get(scheduler);
        return running == null ? SchedulerState.INITIAL : running.state;
    }

    /** What is to be known of how it came about, besides what is always so. */
    SortedSet<String> remarks() {
        return remarks;
    }
}
