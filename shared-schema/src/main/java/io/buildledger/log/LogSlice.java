package io.buildledger.log;

import io.buildledger.database.ReadingConnection;
import io.buildledger.database.UtcColumn;
import io.buildledger.log.EventImport.Row;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Rows of the log as they are, of some streams: also of events that this program does not
 * understand, and of those that were moved to the archive.
 */
public final class LogSlice {

    private static final String STREAMS_RECORDED =
            """
            SELECT DISTINCT stream
              FROM event FORCE INDEX (event_recorded_at)
             WHERE recorded_at >= :since AND recorded_at <= :until
            """;

    private static final String INDEXES =
            """
            SELECT global_index
              FROM event
             WHERE stream IN (:streams) AND global_index <= :last
            """;

    private static final String ROWS =
            """
            SELECT global_index, stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE global_index IN (:indexes)
             ORDER BY global_index
            """;

    // The character after the slash ends it.
    private static final String STREAMS_OF_KIND =
            "SELECT DISTINCT stream FROM event WHERE stream >= :first AND stream < :end";

    // All streams of locks stand together in the index. A payload may have been damaged.
    private static final String LOCK_REQUESTS =
            """
            SELECT stream, CASE WHEN JSON_VALID(payload) THEN JSON_VALUE(payload, '$.requestId') END AS request
              FROM event
             WHERE stream >= 'lock/' AND stream < 'lock0' AND type = 'lock-requested'
            """;

    private static final String SPAN =
            "SELECT MIN(global_index) AS first, MAX(global_index) AS last FROM event WHERE stream IN (:streams)";

    private static final int STREAMS_AT_ONCE = 500;
    private static final int ROWS_AT_ONCE = 500;

    /** The numbers of the first and the last event of some streams. */
    public record Span(long first, long last) {}

    private static final Span NOTHING = new Span(0, -1);

    private final ReadingConnection connection;
    private final JdbcClient jdbc;
    private final Archive archive;

    public LogSlice(ReadingConnection connection) {
        this.connection = connection;
        this.jdbc = connection.jdbc();
        this.archive = new Archive(jdbc);
    }

    /** The streams on which something was recorded from one time to another. */
    public Set<String> streamsRecorded(Instant since, Instant until) {
        Set<String> streams =
                new TreeSet<>(
                        jdbc.sql(STREAMS_RECORDED)
                                .param("since", UtcColumn.of(since))
                                .param("until", UtcColumn.of(until))
                                .query(String.class)
                                .list());
        streams.addAll(archive.streamsRecorded(since, until));
        return streams;
    }

    /** All streams of a kind, such as {@code master}; of builds those in the table. */
    public Set<String> streamsOf(String kind) {
        return new HashSet<>(
                jdbc.sql(STREAMS_OF_KIND)
                        .param("first", kind + "/")
                        .param("end", kind + "0")
                        .query(String.class)
                        .list());
    }

    /** The streams of the locks that builds of some requests have asked for. */
    public Set<String> locksOf(Set<Long> requestIds) {
        Set<String> locks = new HashSet<>();
        if (requestIds.isEmpty()) {
            return locks;
        }
        jdbc.sql(LOCK_REQUESTS)
                .withFetchSize(ReadingConnection.ROW_BY_ROW)
                .query(row -> {
                    long request = row.getLong("request");
                    if (!row.wasNull() && requestIds.contains(request)) {
                        locks.add(row.getString("stream"));
                    }
                });
        return locks;
    }

    /**
     * From where to where some streams go.
     *
     * @return 0 to -1 where none has an event
     */
    public Span span(Collection<String> streams) {
        Span table = NOTHING;
        for (List<String> some : some(List.copyOf(streams))) {
            table =
                    both(
                            table,
                            jdbc.sql(SPAN)
                                    .param("streams", some)
                                    .query((row, _) ->
                                            row.getObject("first") == null
                                                    ? NOTHING
                                                    : new Span(
                                                            row.getLong("first"),
                                                            row.getLong("last")))
                                    .single());
        }
        return archive.find(streams).stream()
                .map(it -> new Span(it.first(), it.last()))
                .reduce(table, LogSlice::both);
    }

    private static List<List<String>> some(List<String> streams) {
        return IntStream.iterate(0, from -> from < streams.size(), from -> from + STREAMS_AT_ONCE)
                .mapToObj(from ->
                        streams.subList(from, Math.min(from + STREAMS_AT_ONCE, streams.size())))
                .toList();
    }

    private static Span both(Span one, Span other) {
        if (one.equals(NOTHING) || other.equals(NOTHING)) {
            return one.equals(NOTHING) ? other : one;
        }
        return new Span(Math.min(one.first(), other.first()), Math.max(one.last(), other.last()));
    }

    /**
     * The events of some streams up to a number that are there now: whoever reads them twice reads
     * the same, whatever is committed meanwhile.
     */
    public Events events(Collection<String> streams, long last) {
        return connection.inSnapshot(() -> {
            // After the indexes of the table: what is moved meanwhile is in both.
            long[] indexes = indexes(List.copyOf(streams), last);
            Map<Long, Row> archived = new TreeMap<>();
            archive.read(streams).stream()
                    .filter(row -> row.index() <= last)
                    .forEach(row -> archived.put(row.index(), row));
            return new Events(
                    streams,
                    archived,
                    LongStream.concat(
                                    Arrays.stream(indexes),
                                    archived.keySet().stream().mapToLong(Long::longValue))
                            .sorted()
                            .distinct()
                            .toArray());
        });
    }

    /** Events that were chosen at one moment. */
    public final class Events {

        private final Collection<String> streams;
        private final Map<Long, Row> archived;
        private final long[] indexes;

        private Events(Collection<String> streams, Map<Long, Row> archived, long[] indexes) {
            this.streams = streams;
            this.archived = archived;
            this.indexes = indexes;
        }

        /** Hands them over in the order of the log. */
        public void forEach(Consumer<Row> taker) {
            for (int from = 0; from < indexes.length; from += ROWS_AT_ONCE) {
                List<Long> some =
                        Arrays.stream(indexes, from, Math.min(from + ROWS_AT_ONCE, indexes.length))
                                .boxed()
                                .toList();
                Map<Long, Row> rows = new TreeMap<>();
                some.stream()
                        .filter(archived::containsKey)
                        .forEach(index -> rows.put(index, archived.get(index)));
                jdbc.sql(ROWS)
                        .param("indexes", some)
                        .query((row, _) -> row(row))
                        .list()
                        .forEach(row -> rows.put(row.index(), row));
                if (rows.size() < some.size()) {
                    // Moved since they were chosen.
                    archive.read(streams).stream()
                            .filter(row -> some.contains(row.index()))
                            .forEach(row -> rows.put(row.index(), row));
                }
                rows.values().forEach(taker);
            }
        }
    }

    private long[] indexes(List<String> streams, long last) {
        LongStream.Builder found = LongStream.builder();
        for (List<String> some : some(streams)) {
            jdbc.sql(INDEXES)
                    .param("streams", some)
                    .param("last", last)
                    .query(Long.class)
                    .list()
                    .forEach(found::add);
        }
        return found.build().sorted().toArray();
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                row.getLong("global_index"),
                row.getString("stream"),
                row.getLong("sequence_number"),
                row.getString("type"),
                row.getString("revision"),
                row.getString("payload"),
                row.getString("metadata"),
                UtcColumn.read(row, "recorded_at"));
    }
}
