package io.buildledger.claiming;

/**
 * What a master will do with the requests of a builder.
 *
 * @param fingerprint of the factory that it will run
 * @param maxAttempts how often a request may be claimed, from 1
 */
public record ClaimTerms(String fingerprint, int maxAttempts) {}
