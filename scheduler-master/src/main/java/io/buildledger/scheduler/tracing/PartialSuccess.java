package io.buildledger.scheduler.tracing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a collector says that takes spans, and not all of them, or has something against them:
 * {@code partial_success} of OTLP's {@code ExportTraceServiceResponse}, which is all that it has.
 *
 * @param rejected how many spans it has thrown away; 0 if it only warns
 */
record PartialSuccess(long rejected, String message) {

    private static final int LONGEST_MESSAGE = 500;

    // The kinds of values of protobuf, and the fields' numbers.
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;
    private static final int PARTIAL_SUCCESS = 1;
    private static final int REJECTED_SPANS = 1;
    private static final int ERROR_MESSAGE = 2;

    /**
     * @return nothing if all was taken, or if the answer is none that can be read
     */
    static Optional<PartialSuccess> in(byte @Nullable [] answer) {
        if (answer == null) {
            return Optional.empty();
        }
        try {
            ByteBuffer partial = field(ByteBuffer.wrap(answer), PARTIAL_SUCCESS);
            return partial == null ? Optional.empty() : read(partial);
        } catch (RuntimeException e) {
            // It ends too early, or is something else: it was taken all the same.
            return Optional.empty();
        }
    }

    private static Optional<PartialSuccess> read(ByteBuffer partial) {
        long rejected = 0;
        String message = "";
        while (partial.hasRemaining()) {
            long tag = varint(partial);
            if (tag == (REJECTED_SPANS << 3 | VARINT)) {
                rejected = varint(partial);
            } else if (tag == (ERROR_MESSAGE << 3 | BYTES)) {
                message = StandardCharsets.UTF_8.decode(bytes(partial)).toString();
            } else {
                pass(partial, tag);
            }
        }
        return rejected <= 0 && message.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new PartialSuccess(
                                Math.max(0, rejected),
                                message.substring(0, Math.min(message.length(), LONGEST_MESSAGE))));
    }

    private static @Nullable ByteBuffer field(ByteBuffer message, int number) {
        while (message.hasRemaining()) {
            long tag = varint(message);
            if (tag == (number << 3 | BYTES)) {
                return bytes(message);
            }
            pass(message, tag);
        }
        return null;
    }

    private static void pass(ByteBuffer message, long tag) {
        switch ((int) (tag & 7)) {
            case VARINT -> varint(message);
            case FIXED_64 -> message.position(message.position() + Long.BYTES);
            case BYTES -> bytes(message);
            case FIXED_32 -> message.position(message.position() + Integer.BYTES);
            default -> throw new IllegalArgumentException("no protobuf");
        }
    }

    private static ByteBuffer bytes(ByteBuffer message) {
        int length = Math.toIntExact(varint(message));
        ByteBuffer bytes = message.slice(message.position(), length);
        message.position(message.position() + length);
        return bytes;
    }

    private static long varint(ByteBuffer message) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = message.get();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("no protobuf");
    }
}
