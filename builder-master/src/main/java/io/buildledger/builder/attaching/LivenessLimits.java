package io.buildledger.builder.attaching;

import java.time.Duration;

/**
 * When a worker that says nothing is lost. Only time in which the master itself reads and can write
 * counts.
 *
 * @param ping between two WebSocket pings
 * @param silence without a single byte from the worker
 * @param uploadSilence the same while it runs {@code upload_directory}: a stock worker answers
 *     nobody while it packs the archive
 * @param stall how long the worker may take to read what waits for it
 */
public record LivenessLimits(
        Duration ping, Duration silence, Duration uploadSilence, Duration stall) {

    public static final LivenessLimits DEFAULT =
            new LivenessLimits(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(15),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(2));
}
