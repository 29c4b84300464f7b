package io.buildledger.artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads what any master has stored. */
public final class ArtifactContents {

    // Their number alone: to tell their sizes, the database would read them all.
    private static final String CHUNKS =
            "SELECT COUNT(*) FROM artifact_chunk WHERE content_id = :id";

    private final JdbcClient jdbc;
    private final Path directory;

    /**
     * @param directory where this master sees the files of the store {@code disk}
     */
    public ArtifactContents(JdbcClient jdbc, Path directory) {
        this.jdbc = jdbc;
        this.directory = directory;
    }

    /**
     * Opens a content, of which no more than a chunk is in memory at a time.
     *
     * @param store by which it was stored
     * @param location that the store told
     * @param size in bytes, which it has
     * @throws AbsentArtifactException if it is not where this master looks
     */
    public InputStream open(String store, String location, long size)
            throws IOException, AbsentArtifactException {
        return switch (store) {
            case ArtifactStore.DISK -> openFile(location, size);
            case ArtifactStore.DATABASE -> openChunks(location, size);
            default ->
                    throw new AbsentArtifactException(
                            "it is in the store '%s', which this version does not know"
                                    .formatted(store));
        };
    }

    private InputStream openFile(String location, long size)
            throws IOException, AbsentArtifactException {
        Path file = directory.resolve(location).normalize();
        if (!file.startsWith(directory) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new AbsentArtifactException(
                    ("there is no file %s on this master's machine: let 'artifacts: {directory: ...}' of every master name one"
                                    + " directory that all of them see, or use 'artifacts: {store: database}'")
                            .formatted(file));
        }
        if (Files.size(file) != size) {
            throw new AbsentArtifactException(
                    "%s has %d bytes, and %d were stored: something has changed it"
                            .formatted(file, Files.size(file), size));
        }
        return Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
    }

    private InputStream openChunks(String location, long size) throws AbsentArtifactException {
        long id = Long.parseLong(location);
        long there = jdbc.sql(CHUNKS).param("id", id).query(Long.class).single();
        long stored = Math.ceilDiv(size, DatabaseArtifacts.CHUNK);
        if (there != stored) {
            throw new AbsentArtifactException(
                    "the database has %d of its %d chunks".formatted(there, stored));
        }
        return new ChunkInput(jdbc, id);
    }
}
