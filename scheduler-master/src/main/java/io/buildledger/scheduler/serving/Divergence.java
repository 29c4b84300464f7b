package io.buildledger.scheduler.serving;

import io.buildledger.domain.mastering.Fingerprints;
import io.buildledger.domain.mastering.PublishedFingerprint;
import java.util.List;
import java.util.Map;

/**
 * A builder for which living masters build different things.
 *
 * @param told as in {@code b1 0123456789ab, b2 cafe00112233}
 */
record Divergence(String builder, List<PublishedFingerprint> masters, String told) {

    static List<Divergence> of(Map<String, Fingerprints> diverging) {
        return diverging.entrySet().stream().map(it -> of(it.getKey(), it.getValue())).toList();
    }

    private static Divergence of(String builder, Fingerprints fingerprints) {
        return new Divergence(builder, fingerprints.published(), fingerprints.told());
    }

    /** None, or the one of this builder. */
    static List<Divergence> ofOne(String builder, Fingerprints fingerprints) {
        return fingerprints.diverge() ? List.of(of(builder, fingerprints)) : List.of();
    }
}
