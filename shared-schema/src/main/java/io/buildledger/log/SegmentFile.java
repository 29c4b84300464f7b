package io.buildledger.log;

import io.buildledger.log.EventImport.Row;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * A file of archived events, in the order of the log: gzip, which {@code zcat} reads, and in it a
 * line of JSON for each event. It consists of blocks that can be read by themselves. Once written
 * it is never changed.
 */
public final class SegmentFile {

    /**
     * A part that can be read by itself.
     *
     * @param firstAt when the earliest of its events was recorded
     * @param lastAt when the latest was
     */
    public record Block(
            long firstIndex,
            long lastIndex,
            Instant firstAt,
            Instant lastAt,
            long offset,
            int bytes) {}

    /** What was written. */
    public record Written(SegmentFile file, long bytes, List<Block> blocks) {}

    /**
     * A line, with the names that stand in the files.
     *
     * @param payload as it is stored, also if it is no JSON; so is {@code metadata}
     */
    private record Line(
            long index,
            String stream,
            long sequence,
            String type,
            String revision,
            Instant at,
            String payload,
            String metadata) {

        static Line of(Row row) {
            return new Line(
                    row.index(),
                    row.stream(),
                    row.sequence(),
                    row.type(),
                    row.revision(),
                    row.at(),
                    row.payload(),
                    row.metadata());
        }

        Row row() {
            return new Row(index, stream, sequence, type, revision, payload, metadata, at);
        }
    }

    /** As a file was when it was seen to be whole. */
    private record Seen(String sha256, long bytes, FileTime modified) {}

    private static final int EVENTS_OF_A_BLOCK = 1_000;
    private static final int CHARS_OF_A_BLOCK = 1_000_000;

    /** How much of the SHA-256 its name ends with. */
    private static final int NAME_HEX = 16;

    private static final ObjectWriter WRITER = JsonMapper.shared().writerFor(Line.class);
    private static final ObjectReader READER = JsonMapper.shared().readerFor(Line.class);

    /** A file is read as a whole once in a process, and again when it has changed. */
    private static final Map<Path, Seen> SEEN = new ConcurrentHashMap<>();

    private final Path path;
    private final String sha256;

    /**
     * @param sha256 of its bytes, as hexadecimal digits
     */
    SegmentFile(Path path, String sha256) {
        this.path = path;
        this.sha256 = sha256;
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** Of its bytes, as hexadecimal digits. */
    public String sha256() {
        return sha256;
    }

    /**
     * Writes a file, which is on the disk when this returns. A file of another content is never
     * replaced: its name ends with what it contains.
     *
     * @param name what its name begins with
     * @param rows in the order of the log, at least one
     */
    public static Written write(Path directory, String name, List<Row> rows) throws IOException {
        Files.createDirectories(directory);
        // Not as a temporary file, which nobody but its owner could read.
        Path unfinished =
                Files.createFile(directory.resolve(name + "-" + UUID.randomUUID() + ".new"));
        try {
            MessageDigest digest = sha256Digest();
            List<Block> blocks = new ArrayList<>();
            long bytes = 0;
            try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                for (List<Row> some : inBlocks(rows)) {
                    byte[] block = compressed(some);
                    digest.update(block);
                    blocks.add(block(some, bytes, block.length));
                    ByteBuffer left = ByteBuffer.wrap(block);
                    while (left.hasRemaining()) {
                        bytes += channel.write(left);
                    }
                }
                channel.force(true);
            }
            String sha256 = HexFormat.of().formatHex(digest.digest());
            Path path =
                    directory.resolve(
                            "%s-%s.jsonl.gz".formatted(name, sha256.substring(0, NAME_HEX)));
            Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
            force(directory);
            return new Written(new SegmentFile(path, sha256), bytes, blocks);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static List<List<Row>> inBlocks(List<Row> rows) {
        List<List<Row>> blocks = new ArrayList<>();
        int from = 0;
        int chars = 0;
        for (int i = 0; i < rows.size(); i++) {
            chars += rows.get(i).payload().length();
            if (i + 1 == rows.size()
                    || i + 1 - from == EVENTS_OF_A_BLOCK
                    || chars >= CHARS_OF_A_BLOCK) {
                blocks.add(rows.subList(from, i + 1));
                from = i + 1;
                chars = 0;
            }
        }
        return blocks;
    }

    private static Block block(List<Row> rows, long offset, int bytes) {
        return new Block(
                rows.getFirst().index(),
                rows.getLast().index(),
                rows.stream().map(Row::at).min(Comparator.naturalOrder()).orElseThrow(),
                rows.stream().map(Row::at).max(Comparator.naturalOrder()).orElseThrow(),
                offset,
                bytes);
    }

    private static byte[] compressed(List<Row> rows) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            for (Row row : rows) {
                zip.write(WRITER.writeValueAsBytes(Line.of(row)));
                zip.write('\n');
            }
        }
        return bytes.toByteArray();
    }

    /**
     * The events of one of its blocks.
     *
     * @throws UnusableArchiveException if the file is missing, or has been altered
     */
    public List<Row> read(Block block) {
        requireWhole();
        byte[] bytes = new byte[block.bytes()];
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, block.offset() + buffer.position()) < 0) {
                    throw new IOException("it ends too early");
                }
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
        List<Row> rows = new ArrayList<>();
        try (InputStream lines = new GZIPInputStream(new ByteArrayInputStream(bytes));
                MappingIterator<Line> values = READER.readValues(lines)) {
            while (values.hasNextValue()) {
                rows.add(values.nextValue().row());
            }
        } catch (IOException | JacksonException e) {
            throw unreadable(e);
        }
        return rows;
    }

    /**
     * Reads the file and holds it against its SHA-256, unless this process has done so and it has
     * not changed since.
     *
     * @throws UnusableArchiveException if it is missing, or has been altered
     */
    public void requireWhole() {
        try {
            Seen now = new Seen(sha256, Files.size(path), Files.getLastModifiedTime(path));
            if (!now.equals(SEEN.get(path))) {
                String found = hashOf(path);
                if (!found.equals(sha256)) {
                    throw new UnusableArchiveException(
                            "the archive's file %s is not what was archived: its SHA-256 is %s, and was %s: put the right one there, from a backup"
                                    .formatted(path, found, sha256));
                }
                SEEN.put(path, now);
            }
        } catch (NoSuchFileException e) {
            throw new UnusableArchiveException(
                    "the archive's file %s, whose SHA-256 is %s, is not there: put it there, or set %s to the directory where it is on this machine"
                            .formatted(path, sha256, Archive.DIRECTORY_VARIABLE),
                    e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private UnusableArchiveException unreadable(Exception failure) {
        return new UnusableArchiveException(
                "the archive's file %s, whose SHA-256 is %s, can't be read: %s"
                        .formatted(path, sha256, failure),
                failure);
    }

    private static String hashOf(Path path) throws IOException {
        MessageDigest digest = sha256Digest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(path), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
