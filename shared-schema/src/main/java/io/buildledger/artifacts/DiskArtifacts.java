package io.buildledger.artifacts;

import io.buildledger.naming.DirectoryName;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.util.FileSystemUtils;

/**
 * Artifacts as files, each at {@code DIRECTORY/BUILDER/NUMBER/PATH}, for masters and others who see
 * the directory. A file gets there whole, by a rename, and its bytes are on the disk by then.
 */
public final class DiskArtifacts implements ArtifactStore {

    /** No builder's directory is called so. */
    private static final String INCOMING = "%incoming";

    private final Path directory;
    private final Path incoming;

    /**
     * @param master that writes; no other one of this name does meanwhile
     */
    public DiskArtifacts(Path directory, String master) {
        this.directory = directory;
        this.incoming = directory.resolve(INCOMING).resolve(DirectoryName.of(master));
    }

    @Override
    public Incoming receive(String builder, long build) throws IOException {
        Files.createDirectories(incoming);
        return new IncomingFiles(
                Files.createTempDirectory(incoming, "build"),
                Path.of(DirectoryName.of(builder), Long.toString(build)));
    }

    @Override
    public void removeLeftovers() throws IOException {
        boolean _ = FileSystemUtils.deleteRecursively(incoming);
    }

    final class IncomingFiles extends Incoming {

        private final Path temporary;
        private final Path ofBuild;
        private final Map<ArtifactPath, Path> written = new LinkedHashMap<>();

        /**
         * @param ofBuild relative to the store's directory
         */
        IncomingFiles(Path temporary, Path ofBuild) {
            super(DISK);
            this.temporary = temporary;
            this.ofBuild = ofBuild;
        }

        @Override
        OutputStream open(ArtifactPath path) throws IOException {
            Path file = temporary.resolve(Integer.toString(written.size()));
            FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            written.put(path, file);
            return new OnDisk(channel);
        }

        @Override
        public InputStream read(ArtifactPath path) throws IOException {
            Path file = written.get(path);
            if (file == null) {
                throw new IllegalArgumentException(path + " was not written");
            }
            return Files.newInputStream(file);
        }

        @Override
        Map<ArtifactPath, String> keepAll() throws UnfitArtifactException, IOException {
            for (ArtifactPath path : written.keySet()) {
                requireRoom(path);
            }
            Map<ArtifactPath, String> locations = new HashMap<>();
            for (Map.Entry<ArtifactPath, Path> file : written.entrySet()) {
                Path location = location(file.getKey());
                Path target = directory.resolve(location);
                Files.createDirectories(target.getParent());
                Files.move(
                        file.getValue(),
                        target,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
                locations.put(file.getKey(), location.toString().replace('\\', '/'));
            }
            return locations;
        }

        private Path location(ArtifactPath path) {
            return ofBuild.resolve(path.text());
        }

        private void requireRoom(ArtifactPath path) throws UnfitArtifactException {
            Path location = location(path);
            if (Files.isDirectory(directory.resolve(location))) {
                throw new UnfitArtifactException(
                        "the build has left files under '%s' already".formatted(path));
            }
            for (int names = ofBuild.getNameCount() + 1; names < location.getNameCount(); names++) {
                Path above = location.subpath(0, names);
                if (Files.isRegularFile(directory.resolve(above))) {
                    throw new UnfitArtifactException(
                            "the build has left a file at '%s' already, and '%s' is to be in it"
                                    .formatted(ofBuild.relativize(above), path));
                }
            }
        }

        @Override
        public void close() throws IOException {
            boolean _ = FileSystemUtils.deleteRecursively(temporary);
        }
    }

    /** A file whose bytes are on the disk when it is closed. */
    private static final class OnDisk extends OutputStream {

        private final FileChannel channel;
        private final OutputStream bytes;

        OnDisk(FileChannel channel) {
            this.channel = channel;
            this.bytes = Channels.newOutputStream(channel);
        }

        @Override
        public void write(int value) throws IOException {
            bytes.write(value);
        }

        @Override
        public void write(byte[] some, int offset, int length) throws IOException {
            bytes.write(some, offset, length);
        }

        @Override
        public void close() throws IOException {
            try (channel) {
                channel.force(true);
            }
        }
    }
}
