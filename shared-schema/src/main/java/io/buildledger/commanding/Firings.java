package io.buildledger.commanding;

import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import java.util.Optional;

/** What came of the firings of schedulers. */
public final class Firings {

    /**
     * A firing and its buildset are in one transaction, nearly always with few events between them.
     */
    private static final int[] NEAR = {30, 1_000, 20_000};

    private Firings() {}

    /** The buildset of a firing; empty if it is not near the firing in the log. */
    public static Optional<BuildsetSubmitted> buildsetOf(EventLog log, Recorded fired) {
        for (int near : NEAR) {
            Optional<BuildsetSubmitted> buildset =
                    log.readFrom(fired, near).stream()
                            .filter(it -> fired.id().equals(it.metadata().get("cause")))
                            .map(Recorded::event)
                            .filter(BuildsetSubmitted.class::isInstance)
                            .map(BuildsetSubmitted.class::cast)
                            .findFirst();
            if (buildset.isPresent()) {
                return buildset;
            }
        }
        return Optional.empty();
    }
}
