package io.buildledger.scheduler.serving.buildbot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * The numbers of what has a name in the log, and of what has two numbers there. They follow from
 * what the log says, so that they are the same on every master, and after views were made anew. All
 * of them are below 2<sup>53</sup>, which is what a program in JavaScript can tell apart.
 */
final class Numbered {

    /** More attempts of a request, steps of a build or source stamps of a buildset have none. */
    private static final int PARTS = 1000;

    private static final int BITS = 48;

    /** What has a name alone. */
    enum Named {
        BUILDER,
        WORKER,
        MASTER,
        SCHEDULER
    }

    /** A thing that is one of several of another. */
    record Part(long whole, int number) {}

    private Numbered() {}

    /** The first 48 bits of the SHA-256 of kind and name, and never 0. */
    static long of(Named kind, String name) {
        byte[] hash =
                DigestUtils.sha256(
                        "%s/%s".formatted(kind.name(), name).getBytes(StandardCharsets.UTF_8));
        return Math.max(1, ByteBuffer.wrap(hash).getLong() >>> (Long.SIZE - BITS));
    }

    /** Empty for a part that has no number. */
    static OptionalLong ofPart(long whole, int number) {
        return number < PARTS ? OptionalLong.of(whole * PARTS + number) : OptionalLong.empty();
    }

    /** Empty for what can't be the number of a part. */
    static Optional<Part> part(long number) {
        return number < 0
                ? Optional.empty()
                : Optional.of(new Part(number / PARTS, (int) (number % PARTS)));
    }
}
