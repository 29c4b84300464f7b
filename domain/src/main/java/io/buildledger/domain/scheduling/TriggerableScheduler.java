package io.buildledger.domain.scheduling;

import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;

/**
 * Builds when another build asks for it. What that gives counts before what is configured here:
 * source stamps, properties, priority.
 */
public final class TriggerableScheduler extends Scheduler {

    public static final String TYPE = "triggerable";

    public TriggerableScheduler(SchedulerSettings settings) {
        super(TYPE, settings);
    }

    @Override
    void triggered(Deliberation deliberation, BuildTriggered triggered) {
        deliberation.fire(triggered);
    }
}
