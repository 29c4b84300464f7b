package io.buildledger.claiming;

/**
 * What a master will do with the requests of a builder.
 *
 * @param fingerprint of the factory that it will run
 * @param maxAttempts how often a request may be claimed, from 1
 * @param policy which of them it claims, and which first
 */
public record ClaimTerms(String fingerprint, int maxAttempts, OfferPolicy policy) {

    /** Of a builder whose requests are claimed in the order of claims. */
    public ClaimTerms(String fingerprint, int maxAttempts) {
        this(fingerprint, maxAttempts, OfferPolicy.IN_ORDER);
    }
}
