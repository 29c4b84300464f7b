package io.buildledger.claiming;

import io.buildledger.domain.choosing.NextBuild;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;

/** Which of a builder's offers a master claims, and which first. */
public interface OfferPolicy {

    /** All of them, in the order of claims. */
    OfferPolicy IN_ORDER =
            new OfferPolicy() {
                @Override
                public NextBuild next() {
                    return NextBuild.IN_ORDER;
                }

                @Override
                public boolean hasPreference() {
                    return false;
                }

                @Override
                public boolean prefers(BuildsetSubmitted buildset) {
                    return false;
                }

                @Override
                public boolean hasCondition() {
                    return false;
                }

                @Override
                public boolean mayStart(BuildsetSubmitted buildset, String worker) {
                    return true;
                }
            };

    NextBuild next();

    /** Whether there are requests that it {@link #prefers} to others. */
    boolean hasPreference();

    /** Whether requests of a buildset go before others with the same priority. */
    boolean prefers(BuildsetSubmitted buildset);

    /** Whether there may be requests that some worker may not build. */
    boolean hasCondition();

    /** Whether a worker of the builder may build the buildset's request. */
    boolean mayStart(BuildsetSubmitted buildset, String worker);

    /** Whether it depends on what a request is for, and not on its place alone. */
    default boolean asksForBuildset() {
        return hasPreference() || hasCondition();
    }

    /** Whether the builder's offers are claimed as they stand in the order of claims. */
    default boolean isInOrder() {
        return next() == NextBuild.IN_ORDER && !asksForBuildset();
    }
}
