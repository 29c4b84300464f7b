package io.buildledger.sealing;

import io.buildledger.log.EventImport.Row;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The hash of an event wherever it stands: its index in the log is not part of it, so that one that
 * was moved is known again. Texts are preceded by their length, so that no two rows are hashed as
 * the same bytes. For one thread.
 */
final class EventHash {

    /** So that what is hashed of an event is never what is hashed of a block. */
    private static final byte OF_AN_EVENT = 0;

    private final MessageDigest digest = Hash.sha256();

    byte[] of(Row row) {
        byte[] stream = utf8(row.stream());
        byte[] type = utf8(row.type());
        byte[] revision = utf8(row.revision());
        byte[] payload = utf8(row.payload());
        byte[] metadata = utf8(row.metadata());
        ByteBuffer bytes =
                ByteBuffer.allocate(
                        Byte.BYTES
                                + 2 * Long.BYTES
                                + 5 * Integer.BYTES
                                + stream.length
                                + type.length
                                + revision.length
                                + payload.length
                                + metadata.length);
        bytes.put(OF_AN_EVENT);
        bytes.putInt(stream.length).put(stream);
        bytes.putLong(row.sequence());
        bytes.putInt(type.length).put(type);
        bytes.putInt(revision.length).put(revision);
        bytes.putInt(payload.length).put(payload);
        bytes.putInt(metadata.length).put(metadata);
        bytes.putLong(micros(row.at()));
        return digest.digest(bytes.array());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The schema keeps no finer time. */
    static long micros(Instant at) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    }
}
