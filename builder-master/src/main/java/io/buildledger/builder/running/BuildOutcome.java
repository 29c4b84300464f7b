package io.buildledger.builder.running;

import io.buildledger.domain.building.Results;

/**
 * How a build ended.
 *
 * @param summary one line for people
 */
public record BuildOutcome(Results results, String summary) {}
