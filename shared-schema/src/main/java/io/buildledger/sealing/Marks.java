package io.buildledger.sealing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The marks of a block as they are stored: of each how far its index is from the one before it,
 * seven bits a byte and the lowest first, then four bytes of its hash.
 */
final class Marks {

    static final Marks NONE = new Marks(new byte[0]);

    private static final int SEVEN_BITS = 0x7F;
    private static final int MORE = 0x80;
    private static final int USUAL_BYTES = 1 + Integer.BYTES;

    private final byte[] bytes;

    private Marks(byte[] bytes) {
        this.bytes = bytes;
    }

    static Marks stored(byte[] bytes) {
        return new Marks(bytes.clone());
    }

    /**
     * @param marks by ascending indexes, from 1
     */
    static Marks of(List<Mark> marks) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(marks.size() * USUAL_BYTES);
        long before = 0;
        for (Mark mark : marks) {
            long distance = mark.index() - before;
            while ((distance & ~SEVEN_BITS) != 0) {
                bytes.write((int) (distance & SEVEN_BITS) | MORE);
                distance >>>= 7;
            }
            bytes.write((int) distance);
            bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(mark.start()).array());
            before = mark.index();
        }
        return new Marks(bytes.toByteArray());
    }

    byte[] bytes() {
        return bytes.clone();
    }

    /** By ascending indexes; empty if the bytes are not of that form. */
    Optional<List<Mark>> read() {
        List<Mark> marks = new ArrayList<>(bytes.length / USUAL_BYTES);
        ByteBuffer left = ByteBuffer.wrap(bytes);
        long index = 0;
        while (left.hasRemaining()) {
            long distance = 0;
            int shift = 0;
            byte next;
            do {
                if (!left.hasRemaining() || shift >= Long.SIZE) {
                    return Optional.empty();
                }
                next = left.get();
                distance |= (long) (next & SEVEN_BITS) << shift;
                shift += 7;
            } while ((next & MORE) != 0);
            if (distance <= 0 || left.remaining() < Integer.BYTES) {
                return Optional.empty();
            }
            index += distance;
            marks.add(new Mark(index, left.getInt()));
        }
        return Optional.of(marks);
    }
}
