package io.buildledger.domain.choosing;

import java.time.Instant;

/**
 * A request on offer, as far as it matters for which is next.
 *
 * @param preferred whether the builder's {@code prefer} holds for it
 */
public record WaitingBuild(long requestId, int priority, Instant submittedAt, boolean preferred) {}
