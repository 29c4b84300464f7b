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

        static Source of(char letter) {
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

    private record Log(long id, boolean complete) {}

    private record Chunk(long firstLine, String text) {}

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

    private static final String CHUNKS =
            """
            SELECT first_line, content FROM step_log_chunk
             WHERE log_id = :log AND first_line + line_count > :from
             ORDER BY first_line
             LIMIT :chunks
            """;

    private static final int CHUNKS_AT_ONCE = 8;

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
     * Reads on in a log: what there is from a line on, of some chunks at most. A log that does not
     * exist yet reads as empty and incomplete.
     */
    public Page read(String builder, long buildNumber, int step, String name, long from) {
        // Whether it is complete is read before the lines: a log that ends in between is read on
        // once more.
        Log log =
                jdbc.sql(FIND)
                        .param("builder", builder)
                        .param("build", buildNumber)
                        .param("step", step)
                        .param("name", name)
                        .query((row, _) ->
                                new Log(row.getLong("log_id"), row.getBoolean("complete")))
                        .optional()
                        .orElse(null);
        if (log == null) {
            return new Page(List.of(), from, false);
        }
        List<Chunk> chunks =
                jdbc.sql(CHUNKS)
                        .param("log", log.id())
                        .param("from", from)
                        .param("chunks", CHUNKS_AT_ONCE)
                        .query((row, _) ->
                                new Chunk(
                                        row.getLong("first_line"),
                                        inflate(row.getBytes("content"))))
                        .list();
        List<Line> lines = new ArrayList<>();
        for (Chunk chunk : chunks) {
            long number = chunk.firstLine();
            for (String line : chunk.text().split("\n", -1)) {
                if (!line.isEmpty() && number >= from) {
                    lines.add(new Line(Source.of(line.charAt(0)), line.substring(1)));
                }
                number++;
            }
        }
        return new Page(
                lines, from + lines.size(), log.complete() && chunks.size() < CHUNKS_AT_ONCE);
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
