package io.buildledger.builder.attaching;

import java.time.Duration;

/**
 * What holds until a worker is attached.
 *
 * @param deadline from the first packet to the WebSocket's opening, with TLS and authentication
 * @param decision for {@link Credentials}; afterwards the worker is sent away. Stock workers wait 5
 *     s for the whole handshake.
 * @param refusalDelay how long the answer to a wrong password, or a refusal by {@link Attachments},
 *     is held back, because stock workers come back after a second
 * @param answer for each of the requests that a worker is introduced by
 * @param unauthenticated so many connections may be short of having authenticated; when one more
 *     comes, the oldest of them is closed
 * @param headerBytes of the HTTP request
 */
public record HandshakeLimits(
        Duration deadline,
        Duration decision,
        Duration refusalDelay,
        Duration answer,
        int unauthenticated,
        int headerBytes) {

    public static final HandshakeLimits DEFAULT =
            new HandshakeLimits(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(4),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(30),
                    1024,
                    16 * 1024);
}
