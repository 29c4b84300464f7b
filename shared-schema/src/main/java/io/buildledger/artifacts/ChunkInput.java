package io.buildledger.artifacts;

import java.io.InputStream;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads a content chunk by chunk, with one in memory and no result set open. */
final class ChunkInput extends InputStream {

    private static final String READ =
            "SELECT content FROM artifact_chunk WHERE content_id = :id AND chunk_number = :chunk";

    private static final byte[] END = {};

    private final JdbcClient jdbc;
    private final long id;
    private byte[] chunk = END;
    private int next;
    private int position;
    private boolean ended;

    ChunkInput(JdbcClient jdbc, long id) {
        this.jdbc = jdbc;
        this.id = id;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (position == chunk.length && !readNext()) {
            return -1;
        }
        int some = Math.min(length, chunk.length - position);
        System.arraycopy(chunk, position, bytes, offset, some);
        position += some;
        return some;
    }

    private boolean readNext() {
        if (ended) {
            return false;
        }
        chunk =
                jdbc.sql(READ)
                        .param("id", id)
                        .param("chunk", next++)
                        .query(byte[].class)
                        .optional()
                        .orElse(END);
        position = 0;
        ended = chunk.length == 0;
        return !ended;
    }
}
