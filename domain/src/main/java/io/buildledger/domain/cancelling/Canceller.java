package io.buildledger.domain.cancelling;

/** What ends requests that are not worth a build any more. */
public sealed interface Canceller permits OldBuildCanceller, FailingBuildsetCanceller {

    /** Unique in the cluster. */
    String name();

    /** What a configuration calls it. */
    default String type() {
        return switch (this) {
            case OldBuildCanceller _ -> OldBuildCanceller.TYPE;
            case FailingBuildsetCanceller _ -> FailingBuildsetCanceller.TYPE;
        };
    }

    /** By whom the requests are cancelled, as their events say. */
    default String signature() {
        return type() + " " + name();
    }
}
