package io.buildledger.domain.mastering;

import java.time.Instant;

/**
 * What a living master says that it builds for a builder.
 *
 * @param fingerprint of the builder's factory
 * @param since when the master first said so, by the database's clock, without having said anything
 *     else of the builder in between; a restart with the same file does not change it
 * @param claims whether the master claims at all, and is not drained
 */
public record PublishedFingerprint(
        String master, String fingerprint, Instant since, boolean claims) {}
