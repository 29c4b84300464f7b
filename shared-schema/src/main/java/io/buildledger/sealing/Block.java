package io.buildledger.sealing;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;

/**
 * A block of the chain, as its row says.
 *
 * @param number from 0
 * @param firstIndex of its events in the log
 * @param lastIndex of its events in the log; the block reaches to there from the last of the block
 *     before it, whatever is between the two
 * @param sealedAt on the database's clock
 * @param previous hash of the block before it
 * @param marks of its events
 */
record Block(
        long number,
        long firstIndex,
        long lastIndex,
        long events,
        Instant sealedAt,
        Hash previous,
        Hash hash,
        Marks marks) {

    /** So that what is hashed of a block is never what is hashed of an event. */
    private static final byte OF_A_BLOCK = 1;

    /** Indexes begin at 1. */
    static final long BEFORE_THE_FIRST_EVENT = 0;

    /** The block that has no events, and whose hash names the log. */
    static Block beginning(Instant at) {
        return new Block(
                0,
                BEFORE_THE_FIRST_EVENT,
                BEFORE_THE_FIRST_EVENT,
                0,
                at,
                Hash.NONE,
                Hash.random(),
                Marks.NONE);
    }

    /** The block of such contents, sealed. */
    static Block sealed(long number, Contents contents, Instant at, Hash previous) {
        Block unsealed =
                new Block(
                        number,
                        contents.firstIndex(),
                        contents.lastIndex(),
                        contents.events(),
                        at,
                        previous,
                        Hash.NONE,
                        Marks.of(contents.marks()));
        return new Block(
                number,
                unsealed.firstIndex,
                unsealed.lastIndex,
                unsealed.events,
                at,
                previous,
                unsealed.hashOf(contents.hash(), previous),
                unsealed.marks);
    }

    boolean isBeginning() {
        return number == 0;
    }

    /** Whether it is as the beginning is made, but for its hash and its time. */
    boolean isUnchangedBeginning() {
        return firstIndex == BEFORE_THE_FIRST_EVENT
                && lastIndex == BEFORE_THE_FIRST_EVENT
                && events == 0
                && previous.equals(Hash.NONE)
                && marks.bytes().length == 0;
    }

    /**
     * What the hash of this block must be.
     *
     * @param contents hash of its events
     * @param previous hash of the block before it
     */
    Hash hashOf(Hash contents, Hash previous) {
        MessageDigest digest = Hash.sha256();
        digest.update(OF_A_BLOCK);
        digest.update(previous.bytes());
        digest.update(
                ByteBuffer.allocate(5 * Long.BYTES)
                        .putLong(number)
                        .putLong(EventHash.micros(sealedAt))
                        .putLong(firstIndex)
                        .putLong(lastIndex)
                        .putLong(events)
                        .array());
        digest.update(contents.bytes());
        return Hash.of(digest.digest());
    }
}
