package io.buildledger.sealing;

import java.nio.ByteBuffer;

/**
 * What a block remembers of one of its events, to tell later which of them is not what it was.
 *
 * @param index in the log
 * @param start of the event's hash: its first four bytes
 */
record Mark(long index, int start) {

    static Mark of(long index, byte[] hash) {
        return new Mark(index, ByteBuffer.wrap(hash).getInt());
    }
}
