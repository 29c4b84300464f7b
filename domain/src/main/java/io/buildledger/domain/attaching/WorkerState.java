package io.buildledger.domain.attaching;

import io.buildledger.domain.attaching.WorkerCommand.End;
import io.buildledger.domain.attaching.WorkerCommand.Ended;
import io.buildledger.domain.attaching.WorkerCommand.Failed;
import io.buildledger.domain.attaching.WorkerCommand.Missed;
import io.buildledger.domain.attaching.WorkerCommand.Pause;
import io.buildledger.domain.attaching.WorkerCommand.Recovered;
import io.buildledger.domain.attaching.WorkerCommand.RequestStop;
import io.buildledger.domain.attaching.WorkerCommand.Start;
import io.buildledger.domain.attaching.WorkerCommand.StartFailed;
import io.buildledger.domain.attaching.WorkerCommand.Stopped;
import io.buildledger.domain.attaching.WorkerCommand.Unpause;
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
import io.buildledger.domain.attaching.WorkerState.Machine.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a worker stands: who has it, and whether it may build. These are independent: a worker that
 * is paused can come and go, and is paused wherever it attaches.
 *
 * @param presence where it is
 * @param missingSince when it was told of that it is away for too long, or null
 * @param pause who wants it to rest, or null
 * @param stop who wants it to end when its builds have, or null
 * @param failures how many builds in a row came to nothing because of it
 * @param quarantine the last one that nobody and no good build has ended, be it over or not, or
 *     null
 * @param machine what runs it, of a latent worker that was started, or null
 */
public record WorkerState(
        Presence presence,
        @Nullable Instant missingSince,
        @Nullable Wish pause,
        @Nullable Wish stop,
        int failures,
        @Nullable Quarantine quarantine,
        @Nullable Machine machine) {

    /** Where a worker is. */
    public sealed interface Presence {}

    /** Nobody has ever seen it. */
    public record Unseen() implements Presence {}

    /**
     * A life of a master has it, or had it when that life ended.
     *
     * @param isShutDown whether it was told to shut down, because somebody had asked for it
     */
    public record Attached(
            String master,
            long epoch,
            String version,
            String system,
            Instant since,
            boolean isShutDown)
            implements Presence {}

    /**
     * It has gone.
     *
     * @param last how it was attached before
     */
    public record Gone(Attached last, Instant since) implements Presence {}

    /** What somebody wants of it. */
    public record Wish(String requestedBy, String reason, Instant since) {}

    /** Until when it isn't used. */
    public record Quarantine(Instant until, String reason) {}

    /**
     * What runs a latent worker.
     *
     * @param master that has started it or takes it down
     */
    public record Machine(Phase phase, String master, long epoch, Instant since) {

        /** How far it is. */
        public enum Phase {
            /** The master starts it; it has not come yet. */
            STARTING,
            /** The worker has come. */
            UP,
            /** The master takes it down. */
            ENDING
        }

        /** Whether the master has it in hand, as long as that life of the master lasts. */
        public boolean isInHand() {
            return phase != Phase.UP;
        }

        private boolean isInHandOf(Phase of, String byMaster, long byEpoch) {
            return phase == of && master.equals(byMaster) && epoch == byEpoch;
        }
    }

    /** Stock workers try again after some seconds, and longer each time. */
    static final Duration COMES_BACK_WITHIN = Duration.ofSeconds(30);

    /** Of a worker whose stream is empty. */
    public static final WorkerState NEW =
            new WorkerState(new Unseen(), null, null, null, 0, null, null);

    /** Whether it may be given a build, if it is there. */
    public boolean mayBuild(Instant now) {
        return pause == null
                && stop == null
                && !isQuarantined(now)
                && (machine == null || machine.phase() != Phase.ENDING);
    }

    /**
     * Whether a latent worker may be started, if nobody has it. One that is to stop may: where it
     * is not there, it has stopped. One whose connection broke a moment ago may not: what runs it
     * would be taken down while it comes back.
     */
    public boolean mayStart(Instant now) {
        return pause == null && !isQuarantined(now) && !mayComeBack(now);
    }

    private boolean mayComeBack(Instant now) {
        return machine != null
                && machine.phase() == Phase.UP
                && presence instanceof Gone gone
                && now.isBefore(gone.since().plus(COMES_BACK_WITHIN));
    }

    /** Whether this life of this master starts it, or takes it down. */
    public boolean isInHandOf(Phase phase, String master, long epoch) {
        return machine != null && machine.isInHandOf(phase, master, epoch);
    }

    public boolean isQuarantined(Instant now) {
        return quarantine != null && now.isBefore(quarantine.until());
    }

    /** Whether this life of this master has it. */
    public boolean isAttachedTo(String master, long epoch) {
        return presence instanceof Attached attached
                && attached.master().equals(master)
                && attached.epoch() == epoch;
    }

    /** Whether it was shut down because somebody wanted that, and has not come back. */
    public boolean isStopped() {
        return switch (presence) {
            case Unseen _ -> false;
            case Attached attached -> attached.isShutDown();
            case Gone gone -> gone.last().isShutDown();
        };
    }

    /** What comes of a command. Nothing, if it is so already. */
    public static List<WorkerEvent> decide(WorkerState state, WorkerCommand command) {
        return switch (command) {
            case Pause it ->
                    only(
                            state.pause == null,
                            new WorkerPaused(it.worker(), it.reason(), it.requestedBy()));
            case Unpause it ->
                    only(
                            state.pause != null || state.stop != null || state.quarantine != null,
                            new WorkerUnpaused(it.worker(), it.reason(), it.requestedBy()));
            case RequestStop it ->
                    only(
                            state.stop == null,
                            new WorkerStopRequested(it.worker(), it.reason(), it.requestedBy()));
            case Stopped it ->
                    only(
                            state.isAttachedTo(it.master(), it.epoch()),
                            new WorkerStopped(it.worker(), it.master(), it.epoch()));
            case Failed it ->
                    // Builds that ran beside the one that had it put into quarantine count as one.
                    state.isQuarantined(it.now()) ? List.of() : state.quarantined(it);
            case Recovered it ->
                    only(
                            state.failures > 0,
                            new WorkerRecovered(it.worker(), it.master(), it.epoch()));
            case Missed it ->
                    only(
                            state.missingSince == null && !state.isStopped(),
                            new WorkerMissing(
                                    it.worker(),
                                    it.master(),
                                    it.epoch(),
                                    it.missingTimeout().toMillis()));
            case Start it ->
                    only(
                            !it.isHeld() && state.mayStart(it.now()),
                            new WorkerStarting(it.worker(), it.master(), it.epoch()));
            case StartFailed it -> {
                List<WorkerEvent> events = new ArrayList<>();
                if (state.isInHandOf(Phase.STARTING, it.master(), it.epoch())) {
                    events.add(
                            new WorkerStartFailed(
                                    it.worker(), it.master(), it.epoch(), it.reason()));
                    events.addAll(
                            state.quarantined(
                                    new Failed(
                                            it.worker(),
                                            it.master(),
                                            it.epoch(),
                                            it.reason(),
                                            it.backoff(),
                                            it.now())));
                }
                yield events;
            }
            case End it ->
                    only(
                            !it.isHeld()
                                    && (state.machine != null
                                            || state.isAttachedTo(it.master(), it.epoch())),
                            new WorkerEnding(it.worker(), it.master(), it.epoch(), it.reason()));
            case Ended it ->
                    only(
                            state.isInHandOf(Phase.ENDING, it.master(), it.epoch()),
                            new WorkerOff(it.worker(), it.master(), it.epoch()));
        };
    }

    private List<WorkerEvent> quarantined(Failed it) {
        return only(
                !it.backoff().isNone(),
                new WorkerQuarantined(
                        it.worker(),
                        it.master(),
                        it.epoch(),
                        failures + 1,
                        it.now().plus(it.backoff().after(failures + 1)),
                        it.reason()));
    }

    private static List<WorkerEvent> only(boolean wanted, WorkerEvent event) {
        return wanted ? List.of(event) : List.of();
    }

    /**
     * The state after an event.
     *
     * @param at when it was recorded
     */
    public static WorkerState evolve(WorkerState state, WorkerEvent event, Instant at) {
        return switch (event) {
            case WorkerAttached it ->
                    state.at(
                                    new Attached(
                                            it.master(),
                                            it.epoch(),
                                            it.version(),
                                            it.system(),
                                            at,
                                            false),
                                    null)
                            .up(it.master(), it.epoch(), at);
            case WorkerDetached _ ->
                    state.presence instanceof Attached last
                            ? state.at(new Gone(last, at), state.missingSince)
                            : state;
            case WorkerContested _ -> state;
            case WorkerPaused it ->
                    state.wanted(new Wish(it.requestedBy(), it.reason(), at), state.stop);
            case WorkerUnpaused _ -> state.wanted(null, null).failed(0, null);
            case WorkerStopRequested it ->
                    state.wanted(state.pause, new Wish(it.requestedBy(), it.reason(), at));
            case WorkerStopped _ -> state.shutDown().wanted(state.pause, null);
            case WorkerQuarantined it ->
                    state.failed(it.failures(), new Quarantine(it.until(), it.reason()));
            case WorkerRecovered _ -> state.failed(0, null);
            case WorkerMissing _ -> state.at(state.presence, at);
            case WorkerStarting it ->
                    state.wanted(state.pause, null)
                            .on(new Machine(Phase.STARTING, it.master(), it.epoch(), at));
            case WorkerEnding it ->
                    state.on(new Machine(Phase.ENDING, it.master(), it.epoch(), at));
            // What somebody wanted to stop is stopped, whether or not it has answered.
            case WorkerStartFailed _, WorkerOff _ -> state.wanted(state.pause, null).on(null);
        };
    }

    /** One that comes while it is taken down goes with what runs it. */
    private WorkerState up(String master, long epoch, Instant at) {
        return machine != null && machine.phase() == Phase.STARTING
                ? on(new Machine(Phase.UP, master, epoch, at))
                : this;
    }

    private WorkerState on(@Nullable Machine next) {
        return new WorkerState(presence, missingSince, pause, stop, failures, quarantine, next);
    }

    private WorkerState shutDown() {
        return presence instanceof Attached it
                ? at(
                        new Attached(
                                it.master(),
                                it.epoch(),
                                it.version(),
                                it.system(),
                                it.since(),
                                true),
                        missingSince)
                : this;
    }

    private WorkerState at(Presence next, @Nullable Instant missing) {
        return new WorkerState(next, missing, pause, stop, failures, quarantine, machine);
    }

    private WorkerState wanted(@Nullable Wish nextPause, @Nullable Wish nextStop) {
        return new WorkerState(
                presence, missingSince, nextPause, nextStop, failures, quarantine, machine);
    }

    private WorkerState failed(int inARow, @Nullable Quarantine next) {
        return new WorkerState(presence, missingSince, pause, stop, inARow, next, machine);
    }
}
