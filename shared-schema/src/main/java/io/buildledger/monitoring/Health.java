package io.buildledger.monitoring;

import io.buildledger.mastering.MasterLife;
import io.buildledger.mastering.MasterRegistry.Drain;
import io.buildledger.metering.Meters;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a master is well, by what it knows of itself: no question of it goes to the database, so
 * that it is answered at once whatever the database does.
 */
final class Health {

    /** How far the process is. */
    enum Phase {
        STARTING,
        RUNNING,
        STOPPING
    }

    private final MasterLife life;
    private final Meters meters;
    private volatile Phase phase = Phase.STARTING;

    Health(MasterLife life, Meters meters) {
        this.life = life;
        this.meters = meters;
    }

    void enter(Phase next) {
        phase = next;
    }

    /**
     * Why the process should be started again, a line each; empty if it is well. An outage of the
     * database is no such reason: builds go on meanwhile.
     */
    List<String> whyNotLive() {
        List<String> reasons = new ArrayList<>();
        if (life.isLost()) {
            reasons.add("the others have taken this master for dead");
        }
        meters.stuck()
                .forEach(loop ->
                        reasons.add(
                                "the loop '%s' has not turned for more than %d minutes"
                                        .formatted(loop, Meters.LONGEST_TURN.toMinutes())));
        return reasons;
    }

    /** Why the master does not take its full part in the cluster, a line each; empty if it does. */
    List<String> whyNotReady() {
        List<String> reasons = new ArrayList<>();
        switch (phase) {
            case STARTING -> reasons.add("starting");
            case RUNNING -> {}
            case STOPPING -> reasons.add("stopping");
        }
        reasons.addAll(whyNotLive());
        if (!life.isConnected()) {
            reasons.add("the database does not answer");
        }
        if (!life.isLost() && !life.hasLease()) {
            reasons.add("the lease has run out");
        }
        if (phase == Phase.RUNNING && life.drain() != Drain.NONE) {
            reasons.add("draining: claims nothing more");
        }
        return reasons;
    }
}
