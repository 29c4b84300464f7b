package io.buildledger.builder.claiming;

import io.buildledger.builder.running.BuildOutcome;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Local workers that are always ready, and workers that attach which are so while they are here.
 */
record PlainAvailability(Set<String> attached) implements Availability {

    static final Availability LOCAL = new PlainAvailability(Set.of());

    @Override
    public boolean isReady(String worker, boolean attaches) {
        return !attaches || attached.contains(worker);
    }

    @Override
    public void stopIdle(Predicate<String> isIdle) {}

    @Override
    public void ended(String worker, ConfiguredBuilders configured, BuildOutcome outcome) {}
}
