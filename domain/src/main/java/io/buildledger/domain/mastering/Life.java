package io.buildledger.domain.mastering;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.mastering.MasterEvent.BuildersDescribed;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRequested;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;

/**
 * The lives of the masters of one name, for those who check a history: numbered by their epochs
 * from 1, one at a time, each ended once at most.
 */
public sealed interface Life {

    /** The present or last epoch; 0 before the first. */
    long epoch();

    record Before() implements Life {
        @Override
        public long epoch() {
            return 0;
        }
    }

    record Living(long epoch) implements Life {}

    record Over(long epoch) implements Life {}

    Life BEFORE_THE_FIRST = new Before();

    /**
     * The state after the event.
     *
     * @throws IllegalTransition if the event can't follow on this state
     */
    static Life evolve(Life state, MasterEvent event) {
        return switch (event) {
            case MasterStarted started
                    when !(state instanceof Living) && started.epoch() == state.epoch() + 1 ->
                    new Living(started.epoch());
            case MasterDrained _,
                    MasterUndrained _,
                    ConfigurationReloadRequested _,
                    ConfigurationReloaded _,
                    ConfigurationReloadRefused _,
                    BuildersDescribed _
                    when state.equals(new Living(event.epoch())) ->
                    state;
            case MasterStopped stopped when state.equals(new Living(stopped.epoch())) ->
                    new Over(stopped.epoch());
            case MasterLost lost when state.equals(new Living(lost.epoch())) ->
                    new Over(lost.epoch());
            case MasterStarted _,
                    MasterDrained _,
                    MasterUndrained _,
                    ConfigurationReloadRequested _,
                    ConfigurationReloaded _,
                    ConfigurationReloadRefused _,
                    BuildersDescribed _,
                    MasterStopped _,
                    MasterLost _ ->
                    throw new IllegalTransition(state, event);
        };
    }
}
