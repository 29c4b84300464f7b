package io.buildledger.claiming;

import io.buildledger.domain.locking.LockDemand;
import java.util.List;

/**
 * What a master will do with the requests of a builder.
 *
 * @param fingerprint of the factory that it will run
 * @param maxAttempts how often a request may be claimed, from 1
 * @param policy which of them it claims, and which first
 * @param locks that a build holds from its claim to its end
 */
public record ClaimTerms(
        String fingerprint, int maxAttempts, OfferPolicy policy, List<LockDemand> locks) {

    /** Of a builder whose requests are claimed in the order of claims, and that needs no lock. */
    public ClaimTerms(String fingerprint, int maxAttempts) {
        this(fingerprint, maxAttempts, OfferPolicy.IN_ORDER, List.of());
    }
}
