package io.buildledger.artifacts;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.Author;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;

/**
 * Artifacts as chunks in the database. Each chunk is a transaction of its own, and one is in memory
 * at a time. A database that is away is waited for.
 */
public final class DatabaseArtifacts implements ArtifactStore {

    /** Well within what a server takes in one packet, whatever its settings. */
    static final int CHUNK = 512 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseArtifacts.class);

    private static final String BEGIN =
            """
            INSERT INTO artifact_content (master, epoch, kept) VALUES (:master, :epoch, FALSE)
            """;

    // Once more where no answer came to the first.
    private static final String WRITE =
            """
            REPLACE INTO artifact_chunk (content_id, chunk_number, content)
            VALUES (:id, :chunk, :content)
            """;

    private static final String KEEP =
            "UPDATE artifact_content SET kept = TRUE WHERE content_id = :id";

    // By the index artifact_content_kept.
    private static final String LEFTOVERS =
            """
            SELECT content_id FROM artifact_content c
             WHERE kept = FALSE
               AND NOT EXISTS (SELECT 1 FROM master m
                                WHERE m.name = c.master AND m.epoch = c.epoch AND m.state = 'live')
             ORDER BY content_id
            """;

    private static final String LAST_CHUNK =
            "SELECT COALESCE(MAX(chunk_number), -1) FROM artifact_chunk WHERE content_id = :id";

    private static final String REMOVE_CHUNK =
            "DELETE FROM artifact_chunk WHERE content_id = :id AND chunk_number = :chunk";

    private static final String REMOVE = "DELETE FROM artifact_content WHERE content_id = :id";

    private final JdbcClient jdbc;
    private final Author author;

    /**
     * @param author the master that writes
     */
    public DatabaseArtifacts(JdbcClient jdbc, Author author) {
        this.jdbc = jdbc;
        this.author = author;
    }

    @Override
    public Incoming receive(String builder, long build) {
        return new IncomingContents();
    }

    @Override
    public void removeLeftovers() throws IOException {
        for (long id : outlast(() -> jdbc.sql(LEFTOVERS).query(Long.class).list())) {
            remove(id);
        }
    }

    /** The chunks first: what is left of it when that is cut short is found again. */
    private void remove(long id) throws IOException {
        int last =
                outlast(() -> jdbc.sql(LAST_CHUNK).param("id", id).query(Integer.class).single());
        for (int chunk = last; chunk >= 0; chunk--) {
            update(REMOVE_CHUNK, Map.of("id", id, "chunk", chunk));
        }
        update(REMOVE, Map.of("id", id));
    }

    private void update(String sql, Map<String, ?> parameters) throws IOException {
        int _ = outlast(() -> jdbc.sql(sql).params(parameters).update());
    }

    private static <T> T outlast(Supplier<T> attempt) throws IOException {
        try {
            return DatabaseTrouble.outlast(
                    attempt, reason -> LOG.warn("the store of artifacts waits: {}", reason));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the database was away");
        }
    }

    final class IncomingContents extends Incoming {

        private final Map<ArtifactPath, Long> written = new LinkedHashMap<>();
        private boolean kept;

        IncomingContents() {
            super(DATABASE);
        }

        @Override
        OutputStream open(ArtifactPath path) throws IOException {
            long id = outlast(this::begin);
            written.put(path, id);
            return new Chunks(id);
        }

        private long begin() {
            GeneratedKeyHolder key = new GeneratedKeyHolder();
            jdbc.sql(BEGIN)
                    .param("master", author.master())
                    .param("epoch", author.epoch())
                    .update(key);
            Number id = key.getKey();
            if (id == null) {
                throw new IllegalStateException("the database gave the content no id");
            }
            return id.longValue();
        }

        @Override
        public InputStream read(ArtifactPath path) {
            Long id = written.get(path);
            if (id == null) {
                throw new IllegalArgumentException(path + " was not written");
            }
            return new ChunkInput(jdbc, id);
        }

        @Override
        Map<ArtifactPath, String> keepAll() throws IOException {
            Map<ArtifactPath, String> locations = new HashMap<>();
            for (Map.Entry<ArtifactPath, Long> content : written.entrySet()) {
                update(KEEP, Map.of("id", content.getValue()));
                locations.put(content.getKey(), Long.toString(content.getValue()));
            }
            kept = true;
            return locations;
        }

        @Override
        public void close() throws IOException {
            if (!kept) {
                for (long id : List.copyOf(written.values())) {
                    remove(id);
                }
            }
        }
    }

    private final class Chunks extends OutputStream {

        private final long id;
        private final byte[] buffer = new byte[CHUNK];
        private int filled;
        private int chunk;

        Chunks(long id) {
            this.id = id;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int written = 0;
            while (written < length) {
                int some = Math.min(length - written, CHUNK - filled);
                System.arraycopy(bytes, offset + written, buffer, filled, some);
                filled += some;
                written += some;
                if (filled == CHUNK) {
                    store();
                }
            }
        }

        private void store() throws IOException {
            byte[] content = Arrays.copyOf(buffer, filled);
            update(WRITE, Map.of("id", id, "chunk", chunk, "content", content));
            chunk++;
            filled = 0;
        }

        @Override
        public void close() throws IOException {
            if (filled > 0) {
                store();
            }
        }
    }
}
