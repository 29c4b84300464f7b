package io.buildledger.steplog;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;

/**
 * The logs of steps in the database: chunks of whole lines, compressed, numbered by their first
 * line from 0. A log is written by one master alone and only ever grows, so that a reader sees a
 * prefix of it at any time.
 *
 * <p>A stored line is a letter, its text in UTF-8, and a newline. The letter is that of its {@link
 * Source}, and a capital one for a {@linkplain Line#partial part} of a line.
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
        public char letter(boolean partial) {
            return partial ? Character.toUpperCase(letter) : letter;
        }

        private static Source of(char letter) {
            for (Source source : values()) {
                if (source.letter == Character.toLowerCase(letter)) {
                    return source;
                }
            }
            throw new IllegalArgumentException("no line begins with '" + letter + "'");
        }
    }

    /**
     * A line, or a part of one that is too long to be stored in one piece. The next line of the
     * same source goes on where a part ends, unless a header comes before it.
     *
     * @param text without the newline
     * @param partial whether the line goes on
     */
    public record Line(
            Source source,
            String text,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean partial) {

        /** A whole line, or the last part of one. */
        public Line(Source source, String text) {
            this(source, text, false);
        }

        private static Line ofStored(String stored) {
            char letter = stored.charAt(0);
            return new Line(Source.of(letter), stored.substring(1), Character.isUpperCase(letter));
        }

        private String stored() {
            return source.letter(partial) + text + '\n';
        }
    }

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
     * A log, wherever it is.
     *
     * @param lines how many it has by now
     */
    public record Located(
            long logId,
            String builder,
            long buildNumber,
            int step,
            String name,
            boolean complete,
            long lines) {}

    /**
     * How far a log has come.
     *
     * @param lines how many it has, which is the number of its next one
     */
    public record End(long logId, long lines, boolean complete) {}

    /** Chunks that are stored in one go, of one log or of several. */
    public static final class Batch {

        private final List<Object[]> rows = new ArrayList<>();
        private int size;

        /**
         * Adds a chunk, compressed.
         *
         * @param firstLine how many lines the log has before it
         * @param text its lines, as they are stored
         */
        public void add(long logId, long firstLine, int lineCount, byte[] text) {
            rows.add(new Object[] {logId, firstLine, lineCount, deflate(text)});
            size += text.length;
        }

        /** Bytes of text, before they were compressed. */
        public int size() {
            return size;
        }
    }

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
            VALUES :rows
            """;

    private static final String FINISH =
            "UPDATE step_log SET complete = TRUE WHERE log_id IN (:logs)";

    private static final String OF_BUILD =
            """
            SELECT step, name, complete FROM step_log
             WHERE builder = :builder AND build_number = :build
             ORDER BY step, log_id
            """;

    private static final String FIND =
            """
            SELECT log_id, complete FROM step_log
             WHERE builder = :builder AND build_number = :build AND step = :step AND name = :name
            """;

    // The end of a log is that of its last chunk, which the primary key finds.
    private static final String LOCATED =
            """
            SELECT log_id, builder, build_number, step, name, complete,
                   COALESCE((SELECT first_line + line_count FROM step_log_chunk
                              WHERE step_log_chunk.log_id = step_log.log_id
                              ORDER BY first_line DESC
                              LIMIT 1), 0) AS line_total
              FROM step_log
            """;

    private static final String LOCATED_OF_ID = LOCATED + " WHERE log_id = :log";

    private static final String LOCATED_OF_BUILD =
            LOCATED + " WHERE builder = :builder AND build_number = :build ORDER BY step, log_id";

    private static final String LOCATED_OF_NAME =
            LOCATED
                    + """
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
             WHERE log_id = :log AND first_line BETWEEN :firstLine AND :lastLine
             ORDER BY first_line
             LIMIT :chunks
            """;

    /**
     * Lines of a page at most. As many as a chunk has at most and as a web page begins with, so
     * that one read serves either; the log of a slow step, a line or so a chunk, has the same
     * pages.
     */
    public static final int MOST_LINES = 1000;

    /** After so much text a page ends with the line, so that long lines don't fill the memory. */
    static final int ENOUGH_TEXT = 512 * 1024;

    /** Fetched in one go; mostly 2 MiB at most, and 8 MiB of the longest lines. */
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
        lines.forEach(line -> text.append(line.stored()));
        Batch batch = new Batch();
        batch.add(logId, firstLine, lines.size(), text.toString().getBytes(StandardCharsets.UTF_8));
        append(batch);
    }

    /**
     * Adds chunks, all of them or none, in one statement. Its size is not limited here, but by the
     * server: keep a batch to a few MiB.
     *
     * @throws DuplicateKeyException if one of the logs has a line already that is added
     */
    public void append(Batch batch) {
        if (!batch.rows.isEmpty()) {
            jdbc.sql(APPEND).param("rows", batch.rows).update();
        }
    }

    /** Says that these logs will not grow any more. */
    public void finish(Collection<Long> logIds) {
        if (!logIds.isEmpty()) {
            jdbc.sql(FINISH).param("logs", logIds).update();
        }
    }

    /** Says that the log will not grow any more. */
    public void finish(long logId) {
        finish(List.of(logId));
    }

    /** The logs of a build, in the order of its steps, those of a step as they were begun. */
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

    /** The log of an id, which is the same for ever. */
    public Optional<Located> locate(long logId) {
        return jdbc.sql(LOCATED_OF_ID)
                .param("log", logId)
                .query((row, _) -> located(row))
                .optional();
    }

    /** As {@link #of}, with more of each. */
    public List<Located> locate(String builder, long buildNumber) {
        return jdbc.sql(LOCATED_OF_BUILD)
                .param("builder", builder)
                .param("build", buildNumber)
                .query((row, _) -> located(row))
                .list();
    }

    /** As {@link #of}, of one log. */
    public Optional<Located> locate(String builder, long buildNumber, int step, String name) {
        return jdbc.sql(LOCATED_OF_NAME)
                .param("builder", builder)
                .param("build", buildNumber)
                .param("step", step)
                .param("name", name)
                .query((row, _) -> located(row))
                .optional();
    }

    private static Located located(ResultSet row) throws SQLException {
        return new Located(
                row.getLong("log_id"),
                row.getString("builder"),
                row.getLong("build_number"),
                row.getInt("step"),
                row.getString("name"),
                row.getBoolean("complete"),
                row.getLong("line_total"));
    }

    /**
     * Reads on in a log: what there is from a line on, a bounded number of lines at once. A log
     * that does not exist yet reads as empty and incomplete.
     */
    public Page read(String builder, long buildNumber, int step, String name, long from) {
        return read(builder, buildNumber, step, name, from, MOST_LINES);
    }

    /**
     * The same, of which no more is fetched than has these lines in it.
     *
     * @param most lines that are wanted, from 1 to {@value #MOST_LINES}
     */
    public Page read(String builder, long buildNumber, int step, String name, long from, int most) {
        // Whether it is complete is read before the lines: a log that ends in between is read on
        // once more.
        Log log = find(builder, buildNumber, step, name);
        if (log == null) {
            return new Page(List.of(), from, false);
        }
        List<Line> lines = new ArrayList<>();
        boolean atEnd = readLines(log.id(), from, most, lines);
        return new Page(lines, from + lines.size(), atEnd && log.complete());
    }

    /** Adds a page's lines, and returns whether these were the last ones. */
    private boolean readLines(long logId, long from, int most, List<Line> lines) {
        // One more than is wanted: by it the page knows that it is not the last one.
        long lastLine = Math.min(from, Long.MAX_VALUE - most) + most;
        long firstLine =
                jdbc.sql(CHUNK_OF_LINE)
                        .param("log", logId)
                        .param("line", from)
                        .query(Long.class)
                        .single();
        int text = 0;
        while (true) {
            List<Chunk> chunks = chunks(logId, firstLine, lastLine);
            for (Chunk chunk : chunks) {
                long number = chunk.firstLine();
                for (String line : chunk.text().split("\n", -1)) {
                    if (!line.isEmpty() && number >= from) {
                        if (lines.size() == most || text >= ENOUGH_TEXT) {
                            return false;
                        }
                        lines.add(Line.ofStored(line));
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

    private List<Chunk> chunks(long logId, long firstLine, long lastLine) {
        return jdbc.sql(CHUNKS)
                .param("log", logId)
                .param("firstLine", firstLine)
                .param("lastLine", lastLine)
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

    private static byte[] deflate(byte[] text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // Four times as fast as the default, for a sixth more bytes of what builds print.
        try (Deflater fast = new Deflater(Deflater.BEST_SPEED);
                DeflaterOutputStream deflater = new DeflaterOutputStream(bytes, fast)) {
            deflater.write(text);
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
