package io.buildledger.steplog;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;

/**
 * The logs of steps in the database: chunks of whole lines, compressed, numbered by their first
 * line from 0. A log is written by one master alone and only ever grows, so that a reader sees a
 * prefix of it at any time.
 */
public final class StepLogs {

    /** Where a line came from. */
    public enum Source {
        STDOUT('o'),
        STDERR('e'),
        /** What the master says of the command. */
        HEADER('h');

        private final char letter;

        Source(char letter) {
            this.letter = letter;
        }

        /** What stored lines from here begin with. */
        public char letter() {
            return letter;
        }

        /**
         * @throws IllegalArgumentException if no stored line begins like this
         */
        public static Source of(char letter) {
            for (Source source : values()) {
                if (source.letter == letter) {
                    return source;
                }
            }
            throw new IllegalArgumentException("no line begins with '" + letter + "'");
        }
    }

    /**
     * @param text without the newline
     */
    public record Line(Source source, String text) {}

    /**
     * Some lines of a log.
     *
     * @param next number of the line after the last one here, from which to read on
     * @param complete whether nothing comes after {@code next}, now or later
     */
    public record Page(List<Line> lines, long next, boolean complete) {}

    /** A log of a build. */
    public record Entry(int step, String name, boolean complete) {}

    /**
     * How far a log has come.
     *
     * @param lines how many it has, which is the number of its next one
     */
    public record End(long logId, long lines, boolean complete) {}

    private record Log(long id, boolean complete) {}

    private record Chunk(long firstLine, int lineCount, String text) {}

    private static final String OPEN =
            """
            INSERT INTO step_log (builder, build_number, step, name, complete)
            VALUES (:builder, :build, :step, :name, FALSE)
            """;

    private static final String APPEND =
            """
            INSERT INTO step_log_chunk (log_id, first_line, line_count, content)
            VALUES (:log, :firstLine, :lineCount, :content)
            """;

    private static final String FINISH = "UPDATE step_log SET complete = TRUE WHERE log_id = :log";

    private static final String OF_BUILD =
            """
            SELECT step, name, complete FROM step_log
             WHERE builder = :builder AND build_number = :build
             ORDER BY step, name
            """;

    private static final String FIND =
            """
            SELECT log_id, complete FROM step_log
             WHERE builder = :builder AND build_number = :build AND step = :step AND name = :name
            """;

    private static final String LINES =
            """
            SELECT COALESCE(MAX(first_line + line_count), 0) FROM step_log_chunk
             WHERE log_id = :log
            """;

    // Chunks don't overlap, so the one with a line in it is the last one that begins there or
    // before.
    // A seek in the primary key, as the next query is; the end of the chunks is in no key.
    private static final String CHUNK_OF_LINE =
            """
            SELECT COALESCE(MAX(first_line), 0) FROM step_log_chunk
             WHERE log_id = :log AND first_line <= :line
            """;

    private static final String CHUNKS =
            """
            SELECT first_line, line_count, content FROM step_log_chunk
             WHERE log_id = :log AND first_line >= :firstLine
             ORDER BY first_line
             LIMIT :chunks
            """;

    /**
     * Lines of a page at most. As many as a chunk has at most and as a web page begins with, so
     * that one read serves either; the log of a slow step, a line or so a chunk, has the same
     * pages.
     */
    static final int MOST_LINES = 1000;

    /** After so much text a page ends with the line, so that long lines don't fill the memory. */
    static final int ENOUGH_TEXT = 512 * 1024;

    /** Fetched in one go; of the largest chunks 2 MiB. */
    static final int CHUNKS_AT_ONCE = 32;

    private final JdbcClient jdbc;

    public StepLogs(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Begins a log and returns its id. */
    public long open(String builder, long buildNumber, int step, String name) {
        GeneratedKeyHolder key = new GeneratedKeyHolder();
        jdbc.sql(OPEN)
                .param("builder", builder)
                .param("build", buildNumber)
                .param("step", step)
                .param("name", name)
                .update(key);
        Number id = key.getKey();
        if (id == null) {
            throw new IllegalStateException("the database gave the log no id");
        }
        return id.longValue();
    }

    /**
     * Finds where to go on with a log, and begins it if it isn't there. This is how its writer
     * learns what has become of a write that it got no answer to.
     */
    public End resume(String builder, long buildNumber, int step, String name) {
        Log log = find(builder, buildNumber, step, name);
        if (log == null) {
            return new End(open(builder, buildNumber, step, name), 0, false);
        }
        return new End(
                log.id(),
                jdbc.sql(LINES).param("log", log.id()).query(Long.class).single(),
                log.complete());
    }

    /**
     * Adds lines after the last ones; {@code firstLine} is the number of lines that the log had.
     */
    public void append(long logId, long firstLine, List<Line> lines) {
        StringBuilder text = new StringBuilder();
        for (Line line : lines) {
            text.append(line.source().letter).append(line.text()).append('\n');
        }
        jdbc.sql(APPEND)
                .param("log", logId)
                .param("firstLine", firstLine)
                .param("lineCount", lines.size())
                .param("content", deflate(text.toString()))
                .update();
    }

    /** Says that the log will not grow any more. */
    public void finish(long logId) {
        jdbc.sql(FINISH).param("log", logId).update();
    }

    /** The logs of a build, in the order of its steps. */
    public List<Entry> of(String builder, long buildNumber) {
        return jdbc.sql(OF_BUILD)
                .param("builder", builder)
                .param("build", buildNumber)
                .query((row, _) ->
                        new Entry(
                                row.getInt("step"),
                                row.getString("name"),
                                row.getBoolean("complete")))
                .list();
    }

    /**
     * Reads on in a log: what there is from a line on, a bounded number of lines at once. A log
     * that does not exist yet reads as empty and incomplete.
     */
    public Page read(String builder, long buildNumber, int step, String name, long from) {
        // Whether it is complete is read before the lines: a log that ends in between is read on
        // once more.
        Log log = find(builder, buildNumber, step, name);
        if (log == null) {
            return new Page(List.of(), from, false);
        }
        List<Line> lines = new ArrayList<>();
        boolean atEnd = readLines(log.id(), from, lines);
        return new Page(lines, from + lines.size(), atEnd && log.complete());
    }

    /** Adds a page's lines, and returns whether these were the last ones. */
    private boolean readLines(long logId, long from, List<Line> lines) {
        long firstLine =
                jdbc.sql(CHUNK_OF_LINE)
                        .param("log", logId)
                        .param("line", from)
                        .query(Long.class)
                        .single();
        int text = 0;
        while (true) {
            List<Chunk> chunks = chunks(logId, firstLine);
            for (Chunk chunk : chunks) {
                long number = chunk.firstLine();
                for (String line : chunk.text().split("\n", -1)) {
                    if (!line.isEmpty() && number >= from) {
                        if (lines.size() == MOST_LINES || text >= ENOUGH_TEXT) {
                            return false;
                        }
                        lines.add(new Line(Source.of(line.charAt(0)), line.substring(1)));
                        text += line.length();
                    }
                    number++;
                }
                firstLine = chunk.firstLine() + chunk.lineCount();
            }
            if (chunks.size() < CHUNKS_AT_ONCE) {
                return true;
            }
        }
    }

    private List<Chunk> chunks(long logId, long firstLine) {
        return jdbc.sql(CHUNKS)
                .param("log", logId)
                .param("firstLine", firstLine)
                .param("chunks", CHUNKS_AT_ONCE)
                .query((row, _) ->
                        new Chunk(
                                row.getLong("first_line"),
                                row.getInt("line_count"),
                                inflate(row.getBytes("content"))))
                .list();
    }

    private @Nullable Log find(String builder, long buildNumber, int step, String name) {
        return jdbc.sql(FIND)
                .param("builder", builder)
                .param("build", buildNumber)
                .param("step", step)
                .param("name", name)
                .query((row, _) -> new Log(row.getLong("log_id"), row.getBoolean("complete")))
                .optional()
                .orElse(null);
    }

    private static byte[] deflate(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(bytes)) {
            deflater.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
        return bytes.toByteArray();
    }

    private static String inflate(byte[] content) {
        try (InflaterInputStream inflater =
                new InflaterInputStream(new ByteArrayInputStream(content))) {
            return new String(inflater.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("a chunk of a log is damaged", e);
        }
    }
}
