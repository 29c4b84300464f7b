package io.buildledger.archiving;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import io.buildledger.database.UtcColumn;
import io.buildledger.log.ArchivedStreams;
import io.buildledger.log.EventImport.Row;
import io.buildledger.log.EventRows;
import io.buildledger.log.LogPosition;
import io.buildledger.log.SegmentFile;
import io.buildledger.log.SegmentFile.Written;
import io.buildledger.log.Streams;
import io.buildledger.replaying.ReplayProgress;
import io.buildledger.replaying.Snapshots;
import io.buildledger.viewing.ViewProjector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Moves the events of builds that ended long ago from the table of events to files, while masters
 * work. All that reads the log reads them there; nothing else of the log is moved, for it is needed
 * to go on.
 *
 * <p>Whenever it is killed, no event is lost and none is there twice for who reads: a segment's
 * file is on the disk and has been read again before the database knows of it, and the database
 * knows of it before the first of its events is deleted. What was begun is ended by the next run.
 * Of two that run at the same time one archives a build.
 *
 * <p>Memory holds the events of one segment.
 */
public final class Archiving {

    /**
     * Of a build that ended so long ago nobody writes any more, whose life as a master is over and
     * who does not know it.
     */
    public static final Duration SHORTEST_AGE = Duration.ofDays(1);

    /** Some megabytes of a file. */
    public static final int EVENTS_OF_A_SEGMENT = 50_000;

    /**
     * What was done.
     *
     * @param builds that were archived
     * @param bytes of the files
     * @param upTo index of the last event that could be archived
     * @param heldBackBy who has not read on, so that no later event could be
     */
    public record Archived(
            int segments, long builds, long events, long bytes, long upTo, String heldBackBy) {}

    /** Up to where the log may be archived, and what has not gone on from there. */
    private record Limit(long index, String of) {}

    private record Span(String stream, long last, long lastSequence, long events, Instant lastAt) {}

    private static final String NAME = "archive";

    /** No statement looks at more numbers. */
    private static final long NUMBERS_AT_ONCE = 100_000;

    private static final int STREAMS_AT_ONCE = 500;
    private static final int ROWS_AT_ONCE = 1_000;

    /** Some milliseconds. */
    private static final int DELETED_AT_ONCE = 500;

    /** The first characters of what names a log. */
    private static final int LOG_HEX = 8;

    private static final String MOMENT = "SELECT UTC_TIMESTAMP(6)";

    private static final String HEAD = "SELECT COALESCE(MAX(global_index), 0) FROM event";

    private static final String SEALED = "SELECT COALESCE(MAX(last_index), 0) FROM event_chain";

    private static final String LOG = "SELECT hash FROM event_chain WHERE block_number = 0";

    // What is owned without a position is work that one master of all does. Nobody owns it whom a
    // migration has put in the place of a former follower.
    private static final String POSITIONS =
            """
            SELECT processor_name, token, token_type
              FROM token
             WHERE segment = 0 AND token IS NOT NULL AND (processor_name = :views OR (owner IS NOT NULL AND owner <> 'nobody#0'))
            """;

    private static final String FIRST_OF =
            "SELECT MIN(global_index) FROM event WHERE global_index IN (:numbers)";

    private static final String BEGUN =
            """
            SELECT stream
              FROM event FORCE INDEX (PRIMARY)
             WHERE global_index > :after AND global_index <= :last
               AND sequence_number = 0 AND stream >= 'build/' AND stream < 'build0'
             ORDER BY global_index
            """;

    private static final String ENDED =
            """
            SELECT build_number
              FROM build_view
             WHERE builder = :builder AND build_number IN (:numbers) AND finished_at < :before
            """;

    private static final String CLAIMED = "SELECT builder, build_number FROM claim";

    private static final String SPANS =
            """
            SELECT stream, MAX(global_index) AS last, MAX(sequence_number) AS last_sequence, COUNT(*) AS events,
                   MAX(recorded_at) AS last_at
              FROM event
             WHERE stream IN (:streams)
             GROUP BY stream
            """;

    private static final String ROWS =
            """
            SELECT global_index, stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE stream IN (:streams)
            """;

    private static final String NEXT_SEGMENT =
            "SELECT COALESCE(MAX(segment), 0) + 1 FROM archive_segment";

    private static final String ADD_SEGMENT =
            """
            INSERT INTO archive_segment (segment, directory, file, sha256, bytes, events, first_index, last_index,
                                         archived_at, trimmed)
            VALUES (:segment, :directory, :file, :sha256, :bytes, :events, :first, :last, UTC_TIMESTAMP(6), FALSE)
            """;

    private static final String ADD_BLOCK =
            """
            INSERT INTO archive_block (segment, first_index, last_index, first_at, last_at, file_offset, bytes)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """;

    private static final String ADD_STREAM =
            """
            INSERT INTO archived_stream (stream, segment, first_index, last_index, events)
            VALUES (?, ?, ?, ?, ?)
            """;

    // A program that does not know of the archive would take what is there for lost.
    private static final String LEAVE_OLDER_OUT =
            "UPDATE schema_compatibility SET oldest = version WHERE version = 21";

    private static final String UNTRIMMED =
            "SELECT segment FROM archive_segment WHERE NOT trimmed ORDER BY segment";

    private static final String LAST_OF_SEGMENT =
            "SELECT last_index FROM archive_segment WHERE segment = :segment";

    private static final String DELETE = "DELETE FROM event WHERE global_index = ?";

    private static final String TRIMMED =
            "UPDATE archive_segment SET trimmed = TRUE WHERE segment = :segment";

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final TransactionTemplate transaction;
    private final Path directory;
    private final int eventsOfASegment;
    private final ReplayProgress progress;
    private int segments;
    private long builds;
    private long events;
    private long bytes;

    private Archiving(
            HikariDataSource dataSource,
            Path directory,
            int eventsOfASegment,
            ReplayProgress progress) {
        this.jdbc = JdbcClient.create(dataSource);
        this.batches = new JdbcTemplate(dataSource);
        this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        this.directory = directory.toAbsolutePath().normalize();
        this.eventsOfASegment = eventsOfASegment;
        this.progress = progress;
    }

    /**
     * Archives all builds that ended before a time, as far as nobody has still to read them.
     *
     * @param endedBefore by the database's clock, {@link #SHORTEST_AGE} ago at least
     * @param directory for the files; is made if it is not there
     * @param eventsOfASegment about how many go to one file
     * @param progress is told of the index that was looked at last
     * @throws ArchiveRefusedException if the time is too late, a file can't be written, or another
     *     one archives the same builds
     * @throws io.buildledger.database.UnusableDatabaseException if the database can't be used, or a
     *     file of the archive
     */
    public static Archived of(
            Database database,
            Instant endedBefore,
            Path directory,
            int eventsOfASegment,
            ReplayProgress progress) {
        database.openToRead().close();
        try (HikariDataSource dataSource = database.pool(NAME, 1)) {
            return new Archiving(dataSource, directory, eventsOfASegment, progress)
                    .archive(endedBefore);
        } catch (IOException e) {
            throw new ArchiveRefusedException(
                    "--to: a file can't be written to %s (%s): correct it, and run this again"
                            .formatted(directory, e),
                    e);
        } catch (DuplicateKeyException e) {
            throw new ArchiveRefusedException(
                    "another 'archive' has archived the same builds meanwhile: let it end, and run this again",
                    e);
        }
    }

    private Archived archive(Instant endedBefore) throws IOException {
        Instant latest = moment().minus(SHORTEST_AGE);
        if (endedBefore.isAfter(latest)) {
            throw new ArchiveRefusedException(
                    "--older-than: builds that ended less than %d hours ago, by the database's clock, may still be written of: say 1d or more"
                            .formatted(SHORTEST_AGE.toHours()));
        }
        jdbc.sql(UNTRIMMED).query(Integer.class).list().forEach(this::trim);
        Limit limit = limit();
        long upTo = limit.index();
        List<Span> waiting = new ArrayList<>();
        long waitingEvents = 0;
        for (long after = -1; after < limit.index(); after += NUMBERS_AT_ONCE) {
            long seen = Math.min(limit.index(), after + NUMBERS_AT_ONCE);
            for (Span span : spans(ended(begun(after, seen), endedBefore))) {
                boolean isWhole = span.events() == span.lastSequence() + 1;
                if (isWhole && span.last() <= limit.index() && span.lastAt().isBefore(latest)) {
                    waiting.add(span);
                    waitingEvents += span.events();
                }
                if (waitingEvents >= eventsOfASegment) {
                    archive(waiting);
                    waiting.clear();
                    waitingEvents = 0;
                }
            }
            progress.at(seen, upTo);
        }
        if (!waiting.isEmpty()) {
            archive(waiting);
        }
        return new Archived(segments, builds, events, bytes, limit.index(), limit.of());
    }

    private Instant moment() {
        return jdbc.sql(MOMENT).query((row, _) -> UtcColumn.read(row, 1)).single();
    }

    private Limit limit() {
        List<Limit> limits = new ArrayList<>();
        // The newest event stays, so that the end of the log is where it was.
        limits.add(new Limit(jdbc.sql(HEAD).query(Long.class).single() - 1, "the log's end"));
        limits.add(new Limit(jdbc.sql(SEALED).query(Long.class).single(), "the chain of hashes"));
        limits.add(
                new Limit(new Snapshots(jdbc).newestIndex().orElse(-1L), "the newest kept state"));
        Map<String, LogPosition> readers = new TreeMap<>();
        jdbc.sql(POSITIONS)
                .param("views", ViewProjector.FOLLOWER)
                .query(row -> {
                    readers.put(
                            row.getString("processor_name"),
                            LogPosition.of(row.getString("token"), row.getString("token_type")));
                });
        readers.putIfAbsent(ViewProjector.FOLLOWER, LogPosition.START);
        readers.forEach((name, position) -> limits.add(new Limit(read(position), name)));
        return limits.stream().min(Comparator.comparingLong(Limit::index)).orElseThrow();
    }

    /**
     * The index up to which all has been read. A number that is missing there, and that no event
     * has, was lost, or comes after what is sealed.
     */
    private long read(LogPosition position) {
        if (position.gaps().isEmpty()) {
            return position.index();
        }
        return jdbc.sql(FIRST_OF)
                .param("numbers", position.gaps())
                .query(Long.class)
                .optional()
                .map(unread -> unread - 1)
                .orElse(position.index());
    }

    /** Streams of builds that begin among some numbers, in the order of the log. */
    private List<String> begun(long after, long last) {
        return jdbc.sql(BEGUN).param("after", after).param("last", last).query(String.class).list();
    }

    private List<String> ended(List<String> streams, Instant before) {
        Map<String, List<Long>> numbers = new TreeMap<>();
        for (String stream : streams) {
            int slash = stream.lastIndexOf('/');
            numbers.computeIfAbsent(
                            stream.substring(Streams.builds().length(), slash),
                            _ -> new ArrayList<>())
                    .add(Long.parseLong(stream.substring(slash + 1)));
        }
        Set<String> ended = new HashSet<>();
        numbers.forEach((builder, all) -> {
            for (int from = 0; from < all.size(); from += ROWS_AT_ONCE) {
                jdbc.sql(ENDED)
                        .param("builder", builder)
                        .param(
                                "numbers",
                                all.subList(from, Math.min(from + ROWS_AT_ONCE, all.size())))
                        .param("before", UtcColumn.of(before))
                        .query(Long.class)
                        .list()
                        .forEach(number -> ended.add(Streams.build(builder, number)));
            }
        });
        jdbc.sql(CLAIMED)
                .query(row -> {
                    ended.remove(
                            Streams.build(row.getString("builder"), row.getLong("build_number")));
                });
        return streams.stream().filter(ended::contains).toList();
    }

    private List<Span> spans(List<String> streams) {
        Map<String, Span> spans = new HashMap<>();
        for (int from = 0; from < streams.size(); from += STREAMS_AT_ONCE) {
            jdbc.sql(SPANS)
                    .param(
                            "streams",
                            streams.subList(from, Math.min(from + STREAMS_AT_ONCE, streams.size())))
                    .query((row, _) ->
                            new Span(
                                    row.getString("stream"),
                                    row.getLong("last"),
                                    row.getLong("last_sequence"),
                                    row.getLong("events"),
                                    UtcColumn.read(row, "last_at")))
                    .list()
                    .forEach(span -> spans.put(span.stream(), span));
        }
        return streams.stream().filter(spans::containsKey).map(spans::get).toList();
    }

    private void archive(List<Span> spans) throws IOException {
        List<Row> rows = rows(spans.stream().map(Span::stream).toList());
        if (rows.size() != spans.stream().mapToLong(Span::events).sum()) {
            throw new ArchiveRefusedException(
                    "another 'archive' has archived the same builds meanwhile: let it end, and run this again");
        }
        int segment = jdbc.sql(NEXT_SEGMENT).query(Integer.class).single();
        Written written = SegmentFile.write(directory, "%s-%06d".formatted(log(), segment), rows);
        List<Row> again =
                written.blocks().stream()
                        .flatMap(block -> written.file().read(block).stream())
                        .toList();
        if (!again.equals(rows)) {
            throw new IOException(
                    "%s does not have the events that were written to it"
                            .formatted(written.file().path()));
        }
        transaction.executeWithoutResult(_ -> record(segment, written, rows));
        trim(segment);
        segments++;
        builds += spans.size();
        events += rows.size();
        bytes += written.bytes();
    }

    private String log() {
        return HexFormat.of()
                .formatHex(jdbc.sql(LOG).query(byte[].class).single())
                .substring(0, LOG_HEX);
    }

    private List<Row> rows(List<String> streams) {
        List<Row> rows = new ArrayList<>();
        for (int from = 0; from < streams.size(); from += STREAMS_AT_ONCE) {
            rows.addAll(
                    jdbc.sql(ROWS)
                            .param(
                                    "streams",
                                    streams.subList(
                                            from, Math.min(from + STREAMS_AT_ONCE, streams.size())))
                            .query((row, _) -> EventRows.of(row))
                            .list());
        }
        rows.sort(Comparator.comparingLong(Row::index));
        return rows;
    }

    private void record(int segment, Written written, List<Row> rows) {
        jdbc.sql(ADD_SEGMENT)
                .param("segment", segment)
                .param("directory", directory.toString())
                .param("file", String.valueOf(written.file().path().getFileName()))
                .param("sha256", HexFormat.of().parseHex(written.file().sha256()))
                .param("bytes", written.bytes())
                .param("events", rows.size())
                .param("first", rows.getFirst().index())
                .param("last", rows.getLast().index())
                .update();
        batches.batchUpdate(
                ADD_BLOCK,
                written.blocks(),
                ROWS_AT_ONCE,
                (statement, block) -> {
                    statement.setInt(1, segment);
                    statement.setLong(2, block.firstIndex());
                    statement.setLong(3, block.lastIndex());
                    statement.setObject(4, UtcColumn.of(block.firstAt()));
                    statement.setObject(5, UtcColumn.of(block.lastAt()));
                    statement.setLong(6, block.offset());
                    statement.setInt(7, block.bytes());
                });
        Map<String, List<Row>> byStream = new HashMap<>();
        rows.forEach(
                row -> byStream.computeIfAbsent(row.stream(), _ -> new ArrayList<>()).add(row));
        batches.batchUpdate(
                ADD_STREAM,
                List.copyOf(byStream.values()),
                ROWS_AT_ONCE,
                (statement, stream) -> {
                    statement.setString(1, stream.getFirst().stream());
                    statement.setInt(2, segment);
                    statement.setLong(3, stream.getFirst().index());
                    statement.setLong(4, stream.getLast().index());
                    statement.setInt(5, stream.size());
                });
        jdbc.sql(LEAVE_OLDER_OUT).update();
    }

    /** Also what an earlier run has left. */
    private void trim(int segment) {
        // Whoever takes a position from now on knows of the segment. Who has one may not.
        Limit limit = limit();
        if (limit.index()
                < jdbc.sql(LAST_OF_SEGMENT).param("segment", segment).query(Long.class).single()) {
            throw new ArchiveRefusedException(
                    "segment %d is written and still in the database, too: %s has read no further than event %d: run this again when it has"
                            .formatted(segment, limit.of(), limit.index()));
        }
        delete(segment, new ArchivedStreams(jdbc).indexesOf(segment));
    }

    private void delete(int segment, List<Long> indexes) {
        for (int from = 0; from < indexes.size(); from += DELETED_AT_ONCE) {
            List<Long> some =
                    indexes.subList(from, Math.min(from + DELETED_AT_ONCE, indexes.size()));
            transaction.executeWithoutResult(_ ->
                    batches.batchUpdate(
                            DELETE,
                            some,
                            some.size(),
                            (statement, index) -> statement.setLong(1, index)));
        }
        jdbc.sql(TRIMMED).param("segment", segment).update();
    }
}
