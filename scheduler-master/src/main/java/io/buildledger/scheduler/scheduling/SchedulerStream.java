package io.buildledger.scheduler.scheduling;

import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerState;

/**
 * What a scheduler's stream says.
 *
 * @param state after its last event
 * @param nextSequence the place after that
 */
record SchedulerStream(SchedulerState state, long nextSequence) {

    static final SchedulerStream EMPTY = new SchedulerStream(SchedulerState.INITIAL, 0);

    SchedulerStream next(SchedulerEvent event) {
        return new SchedulerStream(state.evolve(event), nextSequence + 1);
    }
}
