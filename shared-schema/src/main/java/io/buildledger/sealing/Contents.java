package io.buildledger.sealing;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The events of a block, as they come. */
final class Contents {

    private final MessageDigest digest = Hash.sha256();
    private final List<Mark> marks = new ArrayList<>();
    private @Nullable Hash hash;

    /**
     * @param index in the log, higher than the one before
     * @param eventHash as {@link EventHash} has it
     */
    void add(long index, byte[] eventHash) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(index).array());
        digest.update(eventHash);
        marks.add(Mark.of(index, eventHash));
    }

    /** Of the indexes and hashes of all events; none may be added any more. */
    Hash hash() {
        if (hash == null) {
            hash = Hash.of(digest.digest());
        }
        return hash;
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
