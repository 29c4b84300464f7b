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
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);

    byte[] of(Row row) {
        digest.update(OF_AN_EVENT);
        text(row.stream());
        number(row.sequence());
        text(row.type());
        text(row.revision());
        text(row.payload());
        text(row.metadata());
        number(micros(row.at()));
        return digest.digest();
    }

    /** The schema keeps no finer time. */
    static long micros(Instant at) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(number.putInt(0, bytes.length).array(), 0, Integer.BYTES);
        digest.update(bytes);
    }

    private void number(long value) {
        digest.update(number.putLong(0, value).array());
    }
}
