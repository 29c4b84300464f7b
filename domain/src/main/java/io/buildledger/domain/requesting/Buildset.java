package io.buildledger.domain.requesting;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import java.util.HashSet;
import java.util.Set;

/**
 * The life of a buildset, for those who check a history: it is completed once, when the last of its
 * requests has ended, with the worst of their results.
 */
public sealed interface Buildset {

    record Unknown() implements Buildset {}

    /**
     * @param remaining the requests that have not ended
     * @param worst the worst result of those that have
     */
    record Open(BuildsetSubmitted submitted, Set<Long> remaining, Results worst)
            implements Buildset {

        public Open {
            remaining = Set.copyOf(remaining);
        }

        /** The buildset after the end of one of its requests. */
        public Open ended(long requestId, Results results) {
            Set<Long> others = new HashSet<>(remaining);
            others.remove(requestId);
            return new Open(submitted, others, worst.worse(results));
        }
    }

    record Completed(Results results) implements Buildset {}

    Buildset UNKNOWN = new Unknown();

    /**
     * The state after the event.
     *
     * @throws IllegalTransition if the event can't follow on this state
     */
    static Buildset evolve(Buildset state, BuildsetEvent event) {
        return switch (event) {
            case BuildsetSubmitted submitted when state instanceof Unknown ->
                    new Open(
                            submitted,
                            Set.copyOf(submitted.requestIds().values()),
                            Results.SKIPPED);
            case BuildsetCompleted completed
                    when state instanceof Open open
                            && open.remaining().isEmpty()
                            && open.worst() == completed.results() ->
                    new Completed(completed.results());
            case BuildsetSubmitted _, BuildsetCompleted _ ->
                    throw new IllegalTransition(state, event);
        };
    }
}
