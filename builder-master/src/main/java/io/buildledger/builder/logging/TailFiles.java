package io.buildledger.builder.logging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The last lines of a log of which the first fill their share, in two files beside its spool file:
 * one that is full, and one that grows. They are only ever appended to, and the first line of each
 * says what was before it, so that they can be read after a master was killed at any moment.
 */
final class TailFiles implements AutoCloseable {

    private static final String INFIX = ".tail-";
    private static final int FILES = 2;

    private final Path spool;
    private final long spoolLength;
    private final long limit;
    private @Nullable FileChannel file;
    private int number;
    private long position;

    /** Without the first line. */
    private long size;

    private long lines;
    private long bytes;

    /**
     * @param spoolLength of the spool file, which does not grow any more
     * @param limit in bytes
     */
    TailFiles(Path spool, long spoolLength, long limit) {
        this.spool = spool;
        this.spoolLength = spoolLength;
        this.limit = limit;
    }

    /** Adds whole lines; if that fails, it can be tried again. */
    void write(byte[] text, int lineCount) throws IOException {
        FileChannel to = file == null || size >= limit ? next() : file;
        SpoolFile.write(to, position, ByteBuffer.wrap(text));
        position += text.length;
        size += text.length;
        bytes += text.length;
        lines += lineCount;
    }

    private FileChannel next() throws IOException {
        close();
        ByteBuffer first =
                StandardCharsets.US_ASCII.encode(
                        new Before(spoolLength, limit, lines, bytes).toLine());
        int length = first.remaining();
        FileChannel begun =
                FileChannel.open(
                        file(spool, number + 1),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        try {
            SpoolFile.write(begun, 0, first);
        } catch (IOException e) {
            begun.close();
            throw e;
        }
        file = begun;
        position = length;
        size = 0;
        number++;
        Files.deleteIfExists(file(spool, number - FILES));
        return begun;
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }

    private static Path file(Path spool, int number) {
        return spool.resolveSibling(spool.getFileName() + INFIX + number);
    }

    /**
     * What the first line of a file says.
     *
     * @param lines how many there are after the spool file's and before this file's
     * @param bytes of those lines
     */
    private record Before(long spoolLength, long limit, long lines, long bytes) {

        private static final Pattern LINE =
                Pattern.compile("(\\d{1,18}) (\\d{1,18}) (\\d{1,18}) (\\d{1,18})");

        String toLine() {
            return "%d %d %d %d\n".formatted(spoolLength, limit, lines, bytes);
        }

        static Before of(SpoolFile file) throws IOException {
            Matcher matcher = LINE.matcher(file.firstLine());
            if (!matcher.matches()) {
                throw new IOException(file + " does not begin with what was before it");
            }
            return new Before(
                    Long.parseLong(matcher.group(1)),
                    Long.parseLong(matcher.group(2)),
                    Long.parseLong(matcher.group(3)),
                    Long.parseLong(matcher.group(4)));
        }
    }

    /**
     * Ends a spool file with the last lines of its log, and with how many others are left out;
     * there are no other files of the log then. Does nothing where there is no tail. Before it has
     * returned nothing that it appends may be read: after a crash it begins again.
     *
     * @return the spool file's length
     */
    static long moveTo(Path spool) throws IOException {
        List<Path> files = filesOf(spool);
        List<SpoolFile> parts = new ArrayList<>();
        for (Path file : files) {
            SpoolFile part = new SpoolFile(file);
            // A master may be killed before it has written the first line.
            if (part.wholeLength() > 0) {
                parts.add(part);
            }
        }
        if (!parts.isEmpty()) {
            append(spool, parts);
        }
        // The older one first: with the newer one alone it is still known what was before it.
        for (Path file : files) {
            Files.delete(file);
        }
        return Files.size(spool);
    }

    private static void append(Path spool, List<SpoolFile> parts) throws IOException {
        Before before = Before.of(parts.getLast());
        List<Range> there = new ArrayList<>();
        long size = 0;
        for (SpoolFile part : parts) {
            Range whole = new Range(part, part.startOfLine(0), part.wholeLength());
            there.add(whole);
            size += whole.size();
        }
        long lines = before.lines() + there.getLast().lines();
        long bytes = before.bytes() + there.getLast().size();
        long tooMany = Math.max(0, size - before.limit());
        List<Range> kept = new ArrayList<>();
        for (Range range : there) {
            Range rest = range.from(range.start() + Math.min(tooMany, range.size()));
            tooMany -= Math.min(tooMany, range.size());
            lines -= rest.lines();
            bytes -= rest.size();
            kept.add(rest);
        }
        try (FileChannel out = FileChannel.open(spool, StandardOpenOption.WRITE)) {
            out.truncate(before.spoolLength());
            if (lines > 0) {
                // Without the letters of their sources.
                SpoolFile.write(out, before.spoolLength(), note(lines, bytes - lines));
            }
            out.position(out.size());
            for (Range range : kept) {
                range.writeTo(out);
            }
        }
    }

    private static ByteBuffer note(long lines, long bytes) {
        return StandardCharsets.US_ASCII.encode(
                String.format(
                        Locale.ROOT,
                        "h%,d %s left out here, %,d bytes\n",
                        lines,
                        lines == 1 ? "line is" : "lines are",
                        bytes));
    }

    /** Removes what is of no spool file any more: the disk had no room for it there. */
    static void deleteStray(Path directory) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*" + INFIX + "*")) {
            for (Path file : found) {
                String name = file.getFileName().toString();
                if (!Files.exists(file.resolveSibling(name.substring(0, name.indexOf(INFIX))))) {
                    Files.delete(file);
                }
            }
        }
    }

    private static List<Path> filesOf(Path spool) throws IOException {
        String prefix = spool.getFileName() + INFIX;
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(
                        spool.toAbsolutePath().getParent(),
                        file -> file.getFileName().toString().startsWith(prefix))) {
            found.forEach(files::add);
        }
        files.sort(
                Comparator.comparingInt(file ->
                        Integer.parseInt(
                                file.getFileName().toString().substring(prefix.length()))));
        return files;
    }

    /** Whole lines of a file. */
    private record Range(SpoolFile file, long start, long end) {

        long size() {
            return end - start;
        }

        long lines() throws IOException {
            return file.lines(start, end);
        }

        /** From the first line on that begins there or later. */
        Range from(long position) throws IOException {
            return new Range(
                    file, position == start ? start : file.endOfLine(position - 1, end), end);
        }

        void writeTo(FileChannel out) throws IOException {
            file.copy(start, end, out);
        }
    }
}
