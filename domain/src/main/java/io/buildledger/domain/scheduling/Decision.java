package io.buildledger.domain.scheduling;

import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import java.util.List;

/**
 * What follows from an input: transitions of the scheduler, and for each {@link SchedulerFired}
 * among them what it asks for, in the same order.
 */
public record Decision(List<SchedulerEvent> events, List<BuildsetOrder> orders) {

    public Decision {
        events = List.copyOf(events);
        orders = List.copyOf(orders);
    }

    /** The order of a firing. */
    public BuildsetOrder orderOf(SchedulerFired fired) {
        return orders.stream()
                .filter(it -> it.firing() == fired.firing())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(fired + " asks for nothing"));
    }
}
