package io.buildledger.claiming;

import io.buildledger.domain.locking.LockDemand;
import java.util.List;

/**
 * What a master will do with the requests of a builder.
 *
 * @param fingerprint of the factory that it will run
 * @param maxAttempts how often a request may be claimed, from 1
 * @param locks that a build holds from its claim to its end
 */
public record ClaimTerms(String fingerprint, int maxAttempts, List<LockDemand> locks) {

    /** Of a builder whose builds hold no lock. */
    public ClaimTerms(String fingerprint, int maxAttempts) {
        this(fingerprint, maxAttempts, List.of());
    }
}
