package io.buildledger.domain.attaching;

import io.buildledger.domain.attaching.WorkerState.Gone;
import io.buildledger.domain.attaching.WorkerState.Machine;
import io.buildledger.domain.attaching.WorkerState.Machine.Phase;
import java.time.Duration;
import java.time.Instant;

/**
 * What a master does about a latent worker that was started: one that is stopped when there is
 * nothing for it to build.
 */
public enum Substantiation {
    NOTHING,
    /** Have it end. */
    STOP,
    /** It does not come, or is not to: take down what was started of it. */
    GIVE_UP,
    /** Take down what may still run of one that has gone. */
    TAKE_DOWN;

    /** Within this it must get its first build; otherwise the offer was somebody else's. */
    static final Duration FIRST_BUILD_WITHIN = Duration.ofMinutes(1);

    /** Who has a worker that is not here, or has it in hand. */
    public enum Holder {
        /** This master has it in hand, and no thread at it. */
        THIS,
        /** A living master has it, or another one has it in hand. */
        LIVING,
        NOBODY
    }

    /**
     * How long masters wait.
     *
     * @param buildWait for another build; zero if it ends after each
     * @param start for the worker to come, and to come back when it or its master was lost
     */
    public record Limits(Duration buildWait, Duration start) {}

    /**
     * Of one that is attached to this master.
     *
     * @param hasBuilt whether it has built since it was started
     * @param idle for how long it has not built
     */
    public static Substantiation here(
            WorkerState state, boolean isBusy, boolean hasBuilt, Duration idle, Limits limits) {
        Duration longest =
                hasBuilt || limits.buildWait().compareTo(FIRST_BUILD_WITHIN) > 0
                        ? limits.buildWait()
                        : FIRST_BUILD_WITHIN;
        return state.stop() == null && !isBusy && idle.compareTo(longest) >= 0 ? STOP : NOTHING;
    }

    /**
     * Of one that is not attached to this master.
     *
     * @param state as far as this master has heard
     * @param quiet for how long this master has heard of no master that came or went
     * @param now by the database's clock, as the times of the state
     */
    public static Substantiation away(
            WorkerState state, Holder holder, Duration quiet, Limits limits, Instant now) {
        Machine machine = state.machine();
        if (machine == null) {
            return NOTHING;
        }
        return switch (holder) {
            case LIVING -> NOTHING;
            case THIS -> ofThis(state, machine, limits, now);
            case NOBODY -> isLeftOver(state, machine, quiet, limits, now) ? TAKE_DOWN : NOTHING;
        };
    }

    private static Substantiation ofThis(
            WorkerState state, Machine machine, Limits limits, Instant now) {
        if (machine.phase() == Phase.ENDING) {
            return TAKE_DOWN;
        }
        return state.stop() != null || isOver(machine.since(), limits, now) ? GIVE_UP : NOTHING;
    }

    // A master that was killed has not said when it lost its workers.
    private static boolean isLeftOver(
            WorkerState state, Machine machine, Duration quiet, Limits limits, Instant now) {
        return (machine.phase() == Phase.UP && state.presence() instanceof Gone gone)
                ? isOver(gone.since(), limits, now)
                : quiet.compareTo(limits.start()) >= 0;
    }

    private static boolean isOver(Instant since, Limits limits, Instant now) {
        return !now.isBefore(since.plus(limits.start()));
    }
}
