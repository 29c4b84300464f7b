package io.buildledger.scheduler.scheduling;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.scheduling.Decision;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerConfigured;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRetired;
import io.buildledger.domain.scheduling.SchedulerInput;
import io.buildledger.domain.scheduling.SchedulerInput.BuildsetEnded;
import io.buildledger.domain.scheduling.SchedulerInput.ChangeArrived;
import io.buildledger.domain.scheduling.SchedulerInput.Commanded;
import io.buildledger.domain.scheduling.SchedulerInput.Configured;
import io.buildledger.domain.scheduling.SchedulerInput.TimerElapsed;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides once more what a scheduler has decided, upon nothing but the log: what came in, in the
 * log's order, and the configurations that it has recorded.
 */
final class RecordedScheduler {

    /**
     * A transition and what it followed from.
     *
     * @param cause id of the event; null where nothing in the log led to it
     */
    record Caused(@Nullable String cause, SchedulerEvent event) {}

    private record Ordered(BuildsetOrder order, Instant at) {}

    private final List<Recorded> log;
    private final String name;
    private final Map<String, SchedulerConfigured> configurations = new HashMap<>();
    private final Map<Long, BuildsetSubmitted> buildsets = new HashMap<>();
    private final List<Caused> decided = new ArrayList<>();
    private final List<Ordered> orders = new ArrayList<>();
    private SchedulerState state = SchedulerState.INITIAL;
    private @Nullable BoundScheduler bound;

    /**
     * @param log all of it
     */
    RecordedScheduler(List<Recorded> log, String name) {
        this.log = log;
        this.name = name;
        for (Caused transition : recorded()) {
            if (transition.event() instanceof SchedulerConfigured configured) {
                configurations.put(Objects.requireNonNull(transition.cause()), configured);
            }
        }
    }

    /** What it has decided, as the log has it. */
    List<Caused> recorded() {
        return log.stream()
                .filter(it -> it.stream().equals(Streams.scheduler(name)))
                .map(it ->
                        new Caused(
                                (String) it.metadata().get("cause"), (SchedulerEvent) it.event()))
                .toList();
    }

    /** The buildsets of its firings and their requests, as the log has them. */
    List<Object> recordedBuildsets() {
        List<Object> recorded = new ArrayList<>();
        for (Recorded event : log) {
            if (Streams.scheduler(name).equals(streamOf((String) event.metadata().get("cause")))
                    && (event.event() instanceof BuildsetSubmitted
                            || event.event() instanceof BuildRequested)) {
                recorded.add(event.event());
            }
        }
        return recorded;
    }

    private static String streamOf(@Nullable String cause) {
        return cause == null ? "" : cause.substring(0, cause.indexOf('@'));
    }

    /**
     * The buildsets and requests that its firings ask for, in the order of the log; their numbers
     * are those that the log has.
     */
    List<Object> submitted() {
        List<Object> submitted = new ArrayList<>();
        Iterator<BuildsetSubmitted> numbers =
                recordedBuildsets().stream()
                        .filter(BuildsetSubmitted.class::isInstance)
                        .map(BuildsetSubmitted.class::cast)
                        .iterator();
        for (Ordered ordered : orders) {
            BuildsetOrder order = ordered.order();
            BuildsetSubmitted recorded = numbers.next();
            submitted.add(
                    new BuildsetSubmitted(
                            recorded.buildsetId(),
                            order.scheduler(),
                            order.firing(),
                            order.reason(),
                            order.sourceStamps(),
                            order.changeIds(),
                            order.properties(),
                            recorded.requestIds(),
                            ordered.at(),
                            order.waitedFor(),
                            order.parent(),
                            order.externalId(),
                            order.rebuiltFrom()));
            for (String builder : order.builderNames()) {
                submitted.add(
                        new BuildRequested(
                                Objects.requireNonNull(recorded.requestIds().get(builder)),
                                recorded.buildsetId(),
                                builder,
                                order.priority(),
                                ordered.at(),
                                order.queueTimeoutMillis()));
            }
        }
        return submitted;
    }

    RecordedScheduler replay() {
        goOnFromFormerName();
        for (Recorded event : log.subList(0, end())) {
            if (event.event() instanceof BuildsetSubmitted submitted) {
                buildsets.put(submitted.buildsetId(), submitted);
            }
            if (isRead(event.event())) {
                read(event);
            }
        }
        retire();
        return this;
    }

    List<Caused> decided() {
        return decided;
    }

    SchedulerState state() {
        return state;
    }

    private static boolean isRead(Object event) {
        return !(event instanceof SchedulerEvent
                || event instanceof BuildsetSubmitted
                || event instanceof BuildRequestEvent
                || event instanceof BuildEvent);
    }

    private void read(Recorded event) {
        SchedulerConfigured configured = configurations.get(event.id());
        if (configured != null) {
            bound =
                    BoundScheduler.recorded(
                                    List.of(Objects.requireNonNull(configured.configuration())))
                            .getFirst();
        }
        BoundScheduler now = bound;
        if (now == null) {
            return;
        }
        decide(now, event, new Configured(now.digest(), now.configuration(), event.at()));
        input(event).ifPresent(input -> decide(now, event, input));
    }

    private Optional<SchedulerInput> input(Recorded event) {
        return switch (event.event()) {
            case ChangeReceived change -> Optional.of(new ChangeArrived(change, event.at()));
            case TimerFired it when it.scheduler().equals(name) ->
                    Optional.of(new TimerElapsed(it.timer(), event.at()));
            case SchedulerCommandEvent it when it.scheduler().equals(name) ->
                    Optional.of(new Commanded(it, event.at()));
            case BuildsetCompleted it ->
                    Optional.of(
                            new BuildsetEnded(
                                    Objects.requireNonNull(buildsets.get(it.buildsetId())),
                                    it.results(),
                                    event.at()));
            default -> Optional.empty();
        };
    }

    private void decide(BoundScheduler now, Recorded cause, SchedulerInput input) {
        Decision decision = now.scheduler().decide(state, input);
        for (SchedulerEvent event : decision.events()) {
            if (event instanceof SchedulerEvent.SchedulerFired fired) {
                orders.add(new Ordered(decision.orderOf(fired), cause.at()));
            }
            evolve(new Caused(cause.id(), event));
        }
    }

    private void evolve(Caused transition) {
        decided.add(transition);
        state = state.evolve(transition.event());
    }

    /** The state is that of the former name, up to where this one began to read. */
    private void goOnFromFormerName() {
        if (recorded().getFirst().event() instanceof SchedulerRenamed renamed) {
            SchedulerState old = new RecordedScheduler(log, renamed.from()).replay().state();
            state = old;
            Scheduler.takeOver(name, SchedulerState.INITIAL, old, renamed.from(), renamed.upTo())
                    .forEach(it -> evolve(new Caused(null, it)));
        }
    }

    /** The place of the first event that the name reads under which it goes on. */
    private int end() {
        Set<String> firstRead =
                successor()
                        .map(it -> new RecordedScheduler(log, it).configurations.keySet())
                        .orElse(Set.of());
        int end = 0;
        while (end < log.size() && !firstRead.contains(log.get(end).id())) {
            end++;
        }
        return end;
    }

    private Optional<String> successor() {
        return recorded().getLast().event() instanceof SchedulerRetired retired
                ? Optional.of(retired.renamedTo())
                : Optional.empty();
    }

    private void retire() {
        successor().ifPresent(it -> evolve(new Caused(null, new SchedulerRetired(name, it))));
    }
}
