package io.buildledger.builder.logging;

import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The reading end of a spool file. Its first line names the log; in the others the first letter is
 * the line's source.
 */
final class SpoolFile {

    static final int LARGEST_CHUNK = 64 * 1024;
    static final int MOST_LINES = 1000;

    /**
     * @param end where in the file the next chunk begins
     */
    record Chunk(List<Line> lines, long end) {}

    private final Path path;

    SpoolFile(Path path) {
        this.path = path;
    }

    LogKey key() throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(path, StandardCharsets.ISO_8859_1)) {
            String first = reader.readLine();
            return LogKey.ofLine(first == null ? "" : first);
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
            if (!chunk.lines().isEmpty() || start + bytes.length >= limit) {
                return chunk;
            }
        }
    }

    private byte[] bytes(long start, int count) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            in.skipNBytes(start);
            byte[] bytes = in.readNBytes(count);
            if (bytes.length < count) {
                throw new IOException("the spool file has become shorter");
            }
            return bytes;
        }
    }

    private static Chunk lines(byte[] bytes, long start, int most) throws IOException {
        List<Line> lines = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i < bytes.length && lines.size() < most; i++) {
            if (bytes[i] == '\n') {
                String text =
                        new String(
                                Arrays.copyOfRange(bytes, begin + 1, Math.max(begin + 1, i)),
                                StandardCharsets.UTF_8);
                lines.add(new Line(Source.of((char) (bytes[begin] & 0xFF)), text));
                begin = i + 1;
            }
        }
        return new Chunk(lines, start + begin);
    }

    /** Where in the file the line begins that has so many before it; the first line not counted. */
    long startOfLine(long number) throws IOException {
        long position = 0;
        long left = number + 1;
        byte[] buffer = new byte[LARGEST_CHUNK];
        try (InputStream in = Files.newInputStream(path)) {
            while (true) {
                int count = in.read(buffer);
                if (count < 0) {
                    throw new IOException("the database has more lines than the spool file");
                }
                for (int i = 0; i < count; i++) {
                    position++;
                    if (buffer[i] == '\n' && --left == 0) {
                        return position;
                    }
                }
            }
        }
    }

    /**
     * The length up to the last whole line; a process that is killed may leave a part of one
     * behind.
     */
    long wholeLength() throws IOException {
        long position = 0;
        long end = 0;
        byte[] buffer = new byte[LARGEST_CHUNK];
        try (InputStream in = Files.newInputStream(path)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                for (int i = 0; i < count; i++) {
                    position++;
                    if (buffer[i] == '\n') {
                        end = position;
                    }
                }
            }
        }
        return end;
    }

    void delete() throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
