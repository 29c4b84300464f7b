package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerConfigured;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerDisabled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerEnabled;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerInput.BuildsetEnded;
import io.buildledger.domain.scheduling.SchedulerInput.ChangeArrived;
import io.buildledger.domain.scheduling.SchedulerInput.Commanded;
import io.buildledger.domain.scheduling.SchedulerInput.Configured;
import io.buildledger.domain.scheduling.SchedulerInput.TimerElapsed;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Decides on builds. The same configuration, the same state and the same input give the same
 * decision, whoever asks, whenever.
 *
 * <p>A scheduler that is disabled takes changes and does not fire; what was pending is scheduled
 * when it is enabled again, and what a dependent one would have followed is followed. Builds that
 * are forced, triggered or tried while it is disabled are refused, and moments that pass meanwhile
 * are skipped.
 */
public abstract sealed class Scheduler
        permits ChangeDrivenScheduler,
                DependentScheduler,
                ForceScheduler,
                NightlyTriggerableScheduler,
                TimedScheduler,
                TriggerableScheduler,
                TryScheduler {

    static final String DISABLED = "the scheduler is disabled";
    private static final String NO_TIMER = "the configuration has no such timer";

    private final String type;
    private final SchedulerSettings settings;

    /**
     * @param type what the configuration calls schedulers of this kind
     */
    Scheduler(String type, SchedulerSettings settings) {
        this.type = type;
        this.settings = settings;
    }

    public final String name() {
        return settings.name();
    }

    public final String type() {
        return type;
    }

    public final SchedulerSettings settings() {
        return settings;
    }

    /** What follows from the input; nothing where there is nothing to do. */
    public final Decision decide(SchedulerState state, SchedulerInput input) {
        Deliberation deliberation = new Deliberation(type, settings, state);
        if (state.renamedTo() == null) {
            decide(deliberation, input);
        }
        return deliberation.decision();
    }

    private void decide(Deliberation deliberation, SchedulerInput input) {
        SchedulerState state = deliberation.state();
        switch (input) {
            case Configured configured -> {
                if (!configured.digest().equals(state.digest())) {
                    deliberation.record(
                            new SchedulerConfigured(
                                    name(),
                                    type,
                                    configured.digest(),
                                    settings.builderNames(),
                                    configured.configuration()));
                    configured(deliberation, configured.at());
                }
            }
            case ChangeArrived arrived ->
                    changeArrived(deliberation, arrived.change(), arrived.at());
            case TimerElapsed elapsed ->
                    Optional.ofNullable(state.timers().get(elapsed.timer()))
                            .ifPresent(timer -> timerElapsed(deliberation, timer, elapsed.at()));
            case BuildsetEnded ended -> buildsetEnded(deliberation, ended);
            case Commanded commanded -> obey(deliberation, commanded);
        }
    }

    private void obey(Deliberation deliberation, Commanded commanded) {
        boolean enabled = deliberation.state().enabled();
        String name = name();
        switch (commanded.command()) {
            case SchedulerSwitched on when on.enabled() -> {
                if (!enabled) {
                    deliberation.record(new SchedulerEnabled(name, on.requestedBy(), on.reason()));
                    enabled(deliberation, commanded.at());
                }
            }
            case SchedulerSwitched off -> {
                if (enabled) {
                    deliberation.record(
                            new SchedulerDisabled(name, off.requestedBy(), off.reason()));
                }
            }
            case BuildForced _ when !enabled -> deliberation.refuse("force", DISABLED);
            case BuildTriggered _ when !enabled -> deliberation.refuse("trigger", DISABLED);
            case PatchSubmitted _ when !enabled -> deliberation.refuse("try", DISABLED);
            case BuildForced forced -> forced(deliberation, forced);
            case BuildTriggered triggered -> triggered(deliberation, triggered);
            case PatchSubmitted patch -> tried(deliberation, patch);
        }
    }

    /**
     * Why a change is nothing to the scheduler; empty if it takes it. What becomes of a change
     * depends on nothing else, so that it can be told long afterwards.
     */
    public Optional<String> refusal(ChangeReceived change) {
        return Optional.of("a scheduler of type " + type + " takes no changes");
    }

    /**
     * What a scheduler begins with that goes on where one of another name ended: the same changes
     * are pending, and the same timers run, with the same deadlines. Timers and firings are counted
     * on, so that no number is used twice when the scheduler comes back to a name that it had.
     *
     * @param own what it knew before, if it had its name once; else the initial state
     * @param old what the other knew
     * @param from the other's name
     * @param upTo the place on the other's stream of the event that ended it
     */
    public static List<SchedulerEvent> takeOver(
            String name, SchedulerState own, SchedulerState old, String from, long upTo) {
        long timersArmed = Math.max(own.timersArmed(), old.timersArmed());
        long firings = Math.max(own.firings(), old.firings());
        Stream.Builder<SchedulerEvent> events = Stream.builder();
        events.add(new SchedulerEvent.SchedulerRenamed(name, from, upTo, timersArmed, firings));
        for (TimerArmed timer : old.timers().values()) {
            events.add(new TimerArmed(name, ++timersArmed, timer.fireAt(), timer.key()));
        }
        return events.build().toList();
    }

    /** A new configuration is in force. */
    void configured(Deliberation deliberation, Instant at) {
        for (TimerArmed timer : List.copyOf(deliberation.state().timers().values())) {
            deliberation.drop(timer, NO_TIMER);
        }
    }

    void changeArrived(Deliberation deliberation, ChangeReceived change, Instant at) {}

    /** A timer that ran has elapsed; it has to be ended. */
    void timerElapsed(Deliberation deliberation, TimerArmed timer, Instant at) {
        deliberation.drop(timer, NO_TIMER);
    }

    void buildsetEnded(Deliberation deliberation, BuildsetEnded ended) {}

    void enabled(Deliberation deliberation, Instant at) {}

    void forced(Deliberation deliberation, BuildForced forced) {
        deliberation.refuse("force", "builds can't be forced here");
    }

    void triggered(Deliberation deliberation, BuildTriggered triggered) {
        deliberation.refuse("trigger", "builds can't be triggered here");
    }

    void tried(Deliberation deliberation, PatchSubmitted patch) {
        deliberation.refuse("try", "patches can't be tried here");
    }
}
