package io.buildledger.domain.scheduling;

import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;

/** Builds a patch that a developer has not committed yet, on the revision that it was made from. */
public final class TryScheduler extends Scheduler {

    public static final String TYPE = "try";

    public TryScheduler(SchedulerSettings settings) {
        super(TYPE, settings);
    }

    @Override
    void tried(Deliberation deliberation, PatchSubmitted patch) {
        deliberation.fire(patch);
    }
}
