package io.buildledger.domain.choosing;

import java.util.Comparator;

/**
 * Which of the requests of one builder goes first. The priority goes before all else, for it is
 * what people can change; then those that are preferred, if any are.
 */
public enum NextBuild {
    /** The first submitted, then the lowest number: the order of claims of the whole cluster. */
    IN_ORDER,
    /** The last submitted, then the highest number. */
    NEWEST_FIRST;

    /** What is next comes first. */
    public Comparator<WaitingBuild> order() {
        Comparator<WaitingBuild> oldestFirst =
                Comparator.comparing(WaitingBuild::submittedAt)
                        .thenComparingLong(WaitingBuild::requestId);
        return Comparator.comparingInt(WaitingBuild::priority)
                .reversed()
                .thenComparing(WaitingBuild::preferred, Comparator.reverseOrder())
                .thenComparing(
                        switch (this) {
                            case IN_ORDER -> oldestFirst;
                            case NEWEST_FIRST -> oldestFirst.reversed();
                        });
    }
}
