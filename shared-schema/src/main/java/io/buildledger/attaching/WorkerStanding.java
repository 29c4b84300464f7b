package io.buildledger.attaching;

import io.buildledger.domain.attaching.WorkerState;

/**
 * How a worker stands after an event of its stream.
 *
 * @param sequence the event's place; -1 where the stream is empty
 */
public record WorkerStanding(WorkerState state, long sequence) {

    /** Where nothing is known. */
    public static final WorkerStanding NEW = new WorkerStanding(WorkerState.NEW, -1);
}
