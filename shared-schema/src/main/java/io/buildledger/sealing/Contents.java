package io.buildledger.sealing;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** The events of a block, as they come. */
final class Contents {

    private final MessageDigest digest;
    private final List<Mark> marks;

    Contents() {
        this(Hash.sha256(), List.of());
    }

    private Contents(MessageDigest digest, List<Mark> marks) {
        this.digest = digest;
        this.marks = new ArrayList<>(marks);
    }

    /** The same events, to which others can be added. */
    Contents copy() {
        return new Contents(cloned(digest), marks);
    }

    private static MessageDigest cloned(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("SHA-256 of every Java platform can be cloned", e);
        }
    }

    /**
     * @param index in the log, higher than the one before
     * @param eventHash as {@link EventHash} has it
     */
    void add(long index, byte[] eventHash) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(index).array());
        digest.update(eventHash);
        marks.add(Mark.of(index, eventHash));
    }

    /** Of the indexes and hashes of all events so far. */
    Hash hash() {
        return Hash.of(cloned(digest).digest());
    }

    List<Mark> marks() {
        return List.copyOf(marks);
    }

    boolean isEmpty() {
        return marks.isEmpty();
    }

    int events() {
        return marks.size();
    }

    long firstIndex() {
        return marks.getFirst().index();
    }

    long lastIndex() {
        return marks.getLast().index();
    }
}
