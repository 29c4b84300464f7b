package io.buildledger.builder.logging;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * The reading end of a spool file. Its first line says what the file is; the others are those of
 * the log, as they are stored in the database.
 */
final class SpoolFile {

    static final int LARGEST_CHUNK = 64 * 1024;
    static final int MOST_LINES = 1000;

    private static final int BUFFER = 64 * 1024;

    /** Some lines that follow each other. */
    static final class Chunk {
        final byte[] text;
        final int lines;

        /** Where in the file the next chunk begins. */
        final long end;

        private Chunk(byte[] text, int lines, long end) {
            this.text = text;
            this.lines = lines;
            this.end = end;
        }
    }

    private final Path path;

    SpoolFile(Path path) {
        this.path = path;
    }

    /** Empty if there is none. */
    String firstLine() throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(path, StandardCharsets.ISO_8859_1)) {
            String first = reader.readLine();
            return first == null ? "" : first;
        }
    }

    /**
     * Reads whole lines from {@code start} on: {@value #LARGEST_CHUNK} bytes at most, but for a
     * single line that is longer. Nothing when there is no whole line before {@code limit}.
     */
    Chunk read(long start, long limit) throws IOException {
        for (int size = LARGEST_CHUNK; ; size *= 2) {
            byte[] bytes = bytes(start, (int) Math.min(size, limit - start));
            Chunk chunk = lines(bytes, start, size > LARGEST_CHUNK ? 1 : MOST_LINES);
            if (chunk.lines > 0 || start + bytes.length >= limit) {
                return chunk;
            }
        }
    }

    private byte[] bytes(long start, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        try (FileChannel channel = open()) {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, start + bytes.position()) < 0) {
                    throw new IOException("the spool file has become shorter");
                }
            }
        }
        return bytes.array();
    }

    private FileChannel open() throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    private static Chunk lines(byte[] bytes, long start, int most) {
        int lines = 0;
        int end = 0;
        for (int i = 0; i < bytes.length && lines < most; i++) {
            if (bytes[i] == '\n') {
                lines++;
                end = i + 1;
            }
        }
        return new Chunk(Arrays.copyOf(bytes, end), lines, start + end);
    }

    /** Looks through a part of the file. */
    private interface Scan {
        /**
         * @param after the position behind it
         * @return whether to go on
         */
        boolean newline(long after);
    }

    private void scan(long start, long end, Scan scan) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        try (FileChannel channel = open()) {
            for (long position = start; position < end; position += buffer.position()) {
                buffer.clear().limit((int) Math.min(BUFFER, end - position));
                if (channel.read(buffer, position) < 0) {
                    return;
                }
                for (int i = 0; i < buffer.position(); i++) {
                    if (buffer.get(i) == '\n' && !scan.newline(position + i + 1)) {
                        return;
                    }
                }
            }
        }
    }

    /** Where in the file the line begins that has so many before it; the first line not counted. */
    long startOfLine(long number) throws IOException {
        long[] leftAndFound = {number + 1, -1};
        scan(
                0,
                Long.MAX_VALUE,
                after -> {
                    leftAndFound[0]--;
                    leftAndFound[1] = after;
                    return leftAndFound[0] > 0;
                });
        if (leftAndFound[0] > 0) {
            throw new IOException("the database has more lines than the spool file");
        }
        return leftAndFound[1];
    }

    /**
     * The length up to the last whole line; a process that is killed may leave a part of one
     * behind.
     */
    long wholeLength() throws IOException {
        long[] whole = {0};
        scan(
                0,
                Long.MAX_VALUE,
                after -> {
                    whole[0] = after;
                    return true;
                });
        return whole[0];
    }

    /** How many lines end between two positions. */
    long lines(long start, long end) throws IOException {
        long[] lines = {0};
        scan(
                start,
                end,
                _ -> {
                    lines[0]++;
                    return true;
                });
        return lines[0];
    }

    /** The position behind the line that a position is in; {@code end} if it ends after that. */
    long endOfLine(long position, long end) throws IOException {
        long[] found = {end};
        scan(
                position,
                end,
                after -> {
                    found[0] = after;
                    return false;
                });
        return found[0];
    }

    /** Writes all of it, unless it throws. */
    static void write(FileChannel channel, long position, ByteBuffer bytes) throws IOException {
        for (long at = position; bytes.hasRemaining(); ) {
            at += channel.write(bytes, at);
        }
    }

    void copy(long start, long end, FileChannel to) throws IOException {
        try (FileChannel channel = open()) {
            for (long position = start; position < end; ) {
                position += channel.transferTo(position, end - position, to);
            }
        }
    }

    void delete() throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
