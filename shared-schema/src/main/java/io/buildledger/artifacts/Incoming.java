package io.buildledger.artifacts;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Files on their way into a store. Nobody sees any of them before {@link #keep}; what was not kept
 * when it is closed leaves nothing.
 */
public abstract sealed class Incoming implements AutoCloseable
        permits DiskArtifacts.IncomingFiles, DatabaseArtifacts.IncomingContents {

    private final String store;
    private final Map<ArtifactPath, Measured> files = new LinkedHashMap<>();
    private final Set<String> directories = new HashSet<>();

    Incoming(String store) {
        this.store = store;
    }

    /**
     * Begins a file, which is there when the stream is closed. The files before it have ended.
     *
     * @throws UnfitArtifactException if there is another file at the path, or on the way to it
     * @throws IOException if the store does not work
     */
    public final OutputStream write(ArtifactPath path) throws UnfitArtifactException, IOException {
        if (files.containsKey(path) || directories.contains(path.text())) {
            throw new UnfitArtifactException("there are two files for '%s'".formatted(path));
        }
        List<String> above = new ArrayList<>();
        for (int slash = path.text().indexOf('/');
                slash >= 0;
                slash = path.text().indexOf('/', slash + 1)) {
            String directory = path.text().substring(0, slash);
            if (files.containsKey(new ArtifactPath(directory))) {
                throw new UnfitArtifactException(
                        "'%s' is a file, and '%s' is to be in it".formatted(directory, path));
            }
            above.add(directory);
        }
        Measured measured = new Measured(open(path));
        directories.addAll(above);
        files.put(path, measured);
        return measured;
    }

    /** Whether a file has been written. */
    public final boolean has(ArtifactPath path) {
        return files.containsKey(path);
    }

    /** Where files have been written. */
    public final Set<ArtifactPath> paths() {
        return Collections.unmodifiableSet(files.keySet());
    }

    abstract OutputStream open(ArtifactPath path) throws UnfitArtifactException, IOException;

    /** What has been written at a path that this {@linkplain #has has}. */
    public abstract InputStream read(ArtifactPath path) throws IOException;

    /**
     * Keeps all that has been written, for everybody to see once it is in the log.
     *
     * @throws UnfitArtifactException if the build has left something that is in the way of a file;
     *     then none is kept
     * @throws IOException if the store does not work
     */
    public final List<KeptArtifact> keep() throws UnfitArtifactException, IOException {
        Map<ArtifactPath, String> locations = keepAll();
        List<KeptArtifact> kept = new ArrayList<>();
        files.forEach((path, file) ->
                kept.add(
                        new KeptArtifact(
                                path,
                                file.size,
                                file.sha256(),
                                store,
                                locations.getOrDefault(path, ""))));
        return kept;
    }

    /** Where each of the files is. */
    abstract Map<ArtifactPath, String> keepAll() throws UnfitArtifactException, IOException;

    /** Removes what has not been kept. */
    @Override
    public abstract void close() throws IOException;

    private static final class Measured extends FilterOutputStream {

        private final MessageDigest digest = DigestUtils.getSha256Digest();
        private long size;
        private boolean closed;

        Measured(OutputStream to) {
            super(to);
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
            digest.update((byte) value);
            size++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            digest.update(bytes, offset, length);
            size += length;
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                out.close();
            }
        }

        String sha256() {
            return HexFormat.of().formatHex(digest.digest());
        }
    }
}
