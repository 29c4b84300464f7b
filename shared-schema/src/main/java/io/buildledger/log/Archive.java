package io.buildledger.log;

import io.buildledger.database.UtcColumn;
import io.buildledger.domain.building.BuildEvent;
import io.buildledger.log.EventImport.Row;
import io.buildledger.log.SegmentFile.Block;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The events that were moved from the table to files. They are recorded here before the first of
 * them leaves the table: whoever reads the table first and then this, or both in one snapshot,
 * misses none, and may find one in both. Only streams of builds are moved, each whole.
 *
 * <p>For one thread at a time, but for what is asked by streams.
 */
final class Archive {

    /** Where the files are on this machine, if not where they were written. */
    static final String DIRECTORY_VARIABLE = "BUILDLEDGER_ARCHIVE";

    private static final String BUILDS = Streams.builds();

    private static final @Nullable String ELSEWHERE = System.getenv(DIRECTORY_VARIABLE);

    private static final Set<String> TYPES =
            Upcasters.OF_THIS_PROGRAM.namesOf(Set.of(BuildEvent.class.getPermittedSubclasses()));

    private static final String NEWEST = "SELECT COALESCE(MAX(segment), 0) FROM archive_segment";

    private static final String SEGMENTS =
            """
            SELECT segment, directory, file, sha256, first_index, last_index
              FROM archive_segment
             WHERE segment > :known
             ORDER BY segment
            """;

    private static final String BLOCKS =
            """
            SELECT segment, first_index, last_index, first_at, last_at, file_offset, bytes
              FROM archive_block
             WHERE segment > :known
             ORDER BY segment, first_index
            """;

    private static final String OF_STREAMS =
            """
            SELECT stream, segment, first_index, last_index, events
              FROM archived_stream
             WHERE stream IN (:streams)
            """;

    private static final String BOUNDS =
            """
            SELECT COALESCE(MIN(first_index), 9223372036854775807) AS first, COALESCE(MAX(last_index), -1) AS last
              FROM archive_segment
            """;

    private static final int STREAMS_AT_ONCE = 1_000;

    /** Where the events of a stream are. */
    record ArchivedStream(String stream, int segment, long first, long last, int events) {}

    /** The indexes of the first and the last event; the greatest number and -1 if there is none. */
    record Bounds(long first, long last) {}

    private record Segment(
            int number, SegmentFile file, long first, long last, List<Block> blocks) {

        /** The place of the first block that has an event after an index. */
        int firstAfter(long index) {
            int low = 0;
            int high = blocks.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (blocks.get(middle).lastIndex() > index) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            return low;
        }
    }

    private final JdbcClient jdbc;
    private List<Segment> segments = List.of();

    Archive(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    static boolean mayHave(String stream) {
        return stream.startsWith(BUILDS);
    }

    /** Learns of what has been archived since. */
    private synchronized List<Segment> segments() {
        int newest = jdbc.sql(NEWEST).query(Integer.class).single();
        int known = segments.isEmpty() ? 0 : segments.getLast().number();
        if (newest < known) {
            // The database was put back to a backup.
            segments = List.of();
            known = 0;
        }
        if (newest > known) {
            List<Segment> all = new ArrayList<>(segments);
            all.addAll(after(known));
            segments = Collections.unmodifiableList(all);
        }
        return segments;
    }

    private List<Segment> after(int known) {
        Map<Integer, Segment> later = new TreeMap<>();
        jdbc.sql(SEGMENTS)
                .param("known", known)
                .query(row -> {
                    later.put(row.getInt("segment"), segment(row));
                });
        jdbc.sql(BLOCKS)
                .param("known", known)
                .query(row -> {
                    Segment segment = later.get(row.getInt("segment"));
                    // Null: archived between the two statements, and learned of the next time.
                    if (segment != null) {
                        segment.blocks().add(block(row));
                    }
                });
        return List.copyOf(later.values());
    }

    private static Segment segment(ResultSet row) throws SQLException {
        String directory = ELSEWHERE == null ? row.getString("directory") : ELSEWHERE;
        return new Segment(
                row.getInt("segment"),
                new SegmentFile(
                        Path.of(directory, row.getString("file")),
                        HexFormat.of().formatHex(row.getBytes("sha256"))),
                row.getLong("first_index"),
                row.getLong("last_index"),
                new ArrayList<>());
    }

    private static Block block(ResultSet row) throws SQLException {
        return new Block(
                row.getLong("first_index"),
                row.getLong("last_index"),
                UtcColumn.read(row, "first_at"),
                UtcColumn.read(row, "last_at"),
                row.getLong("file_offset"),
                row.getInt("bytes"));
    }

    /** From where to where its events go; others lie between. */
    Bounds bounds() {
        return jdbc.sql(BOUNDS)
                .query((row, _) -> new Bounds(row.getLong("first"), row.getLong("last")))
                .single();
    }

    /**
     * The events after an index and up to another, to be handed over in the order of the log.
     *
     * @param types those that are wanted
     */
    Passage passage(long after, long last, EventTypes types) {
        return new Passage(types.haveSomeOf(TYPES) ? segments() : List.of(), after, last, types);
    }

    /** Hands over the events of each segment, to a reader of its own. */
    void forEachSegment(Supplier<Consumer<Row>> readers) {
        for (Segment segment : segments()) {
            Consumer<Row> reader = readers.get();
            segment.blocks().forEach(block -> segment.file().read(block).forEach(reader));
        }
    }

    /** The indexes of the events of a segment, in their order. */
    List<Long> indexesOf(int segment) {
        return segments().stream()
                .filter(it -> it.number() == segment)
                .flatMap(
                        it -> it.blocks().stream().flatMap(block -> it.file().read(block).stream()))
                .map(Row::index)
                .toList();
    }

    /** Which of some streams are here, and where. */
    List<ArchivedStream> find(Collection<String> streams) {
        List<String> builds = streams.stream().filter(Archive::mayHave).toList();
        List<ArchivedStream> found = new ArrayList<>();
        for (int from = 0; from < builds.size(); from += STREAMS_AT_ONCE) {
            found.addAll(
                    jdbc.sql(OF_STREAMS)
                            .param(
                                    "streams",
                                    builds.subList(
                                            from, Math.min(from + STREAMS_AT_ONCE, builds.size())))
                            .query((row, _) ->
                                    new ArchivedStream(
                                            row.getString("stream"),
                                            row.getInt("segment"),
                                            row.getLong("first_index"),
                                            row.getLong("last_index"),
                                            row.getInt("events")))
                            .list());
        }
        return found;
    }

    /** The events of some streams, of those that are here, in the order of the log. */
    List<Row> read(Collection<String> streams) {
        Map<Integer, List<ArchivedStream>> found =
                find(streams).stream()
                        .collect(
                                Collectors.groupingBy(
                                        ArchivedStream::segment,
                                        TreeMap::new,
                                        Collectors.toList()));
        List<Row> rows = new ArrayList<>();
        if (!found.isEmpty()) {
            for (Segment segment : segments()) {
                read(segment, found.getOrDefault(segment.number(), List.of()), rows);
            }
        }
        rows.sort(Comparator.comparingLong(Row::index));
        return rows;
    }

    private static void read(Segment segment, List<ArchivedStream> wanted, List<Row> rows) {
        Set<String> names = wanted.stream().map(ArchivedStream::stream).collect(Collectors.toSet());
        segment.blocks().stream()
                .filter(block ->
                        wanted.stream()
                                .anyMatch(it ->
                                        it.first() <= block.lastIndex()
                                                && block.firstIndex() <= it.last()))
                .flatMap(block -> segment.file().read(block).stream())
                .filter(row -> names.contains(row.stream()))
                .forEach(rows::add);
    }

    /** The event at a place of a stream. */
    Optional<Row> find(String stream, long sequence) {
        return mayHave(stream)
                ? read(List.of(stream)).stream()
                        .filter(row -> row.sequence() == sequence)
                        .findFirst()
                : Optional.empty();
    }

    /** The newest event up to an index. */
    Optional<Row> lastUpTo(long index) {
        return segments().stream()
                .filter(segment -> segment.first() <= index)
                .flatMap(segment -> {
                    // The block with the first event after it, or the one before that.
                    int next = Math.min(segment.firstAfter(index), segment.blocks().size() - 1);
                    int first = Math.max(0, next - 1);
                    return segment.blocks().subList(first, next + 1).stream()
                            .flatMap(block -> segment.file().read(block).stream());
                })
                .filter(row -> row.index() <= index)
                .max(Comparator.comparingLong(Row::index));
    }

    /**
     * The index of the last event that was recorded at a time or before.
     *
     * @param known that of the table, which is the answer if there is no later one here
     */
    long lastUntil(Instant at, long known) {
        return indexes(
                        block -> block.lastIndex() > known && !block.firstAt().isAfter(at),
                        row -> !row.at().isAfter(at))
                .reduce(known, Math::max);
    }

    /**
     * The index of the first event that was recorded at a time or after.
     *
     * @param known that of the table, which is the answer if there is no earlier one here
     */
    long firstSince(Instant at, long known) {
        return indexes(
                        block -> block.firstIndex() < known && !block.lastAt().isBefore(at),
                        row -> !row.at().isBefore(at))
                .reduce(known, Math::min);
    }

    /** Reads few blocks: there are events of the table between any two of them. */
    private LongStream indexes(Predicate<Block> where, Predicate<Row> which) {
        return segments().stream()
                .flatMap(segment ->
                        segment.blocks().stream()
                                .filter(where)
                                .flatMap(block -> segment.file().read(block).stream()))
                .filter(which)
                .mapToLong(Row::index);
    }

    /** The streams on which something was recorded from one time to another. */
    Set<String> streamsRecorded(Instant since, Instant until) {
        return segments().stream()
                .flatMap(segment ->
                        segment.blocks().stream()
                                .filter(block ->
                                        !block.lastAt().isBefore(since)
                                                && !block.firstAt().isAfter(until))
                                .flatMap(block -> segment.file().read(block).stream()))
                .filter(row -> !row.at().isBefore(since) && !row.at().isAfter(until))
                .map(Row::stream)
                .collect(Collectors.toSet());
    }

    /** Hands events over as far as is wanted, and asks the database no more. */
    static final class Passage {

        /** What is read of a segment. */
        private static final class Reading {
            private final Segment segment;
            private int nextBlock;
            private Iterator<Row> rows = Collections.emptyIterator();
            private @Nullable Row next;

            Reading(Segment segment, long after) {
                this.segment = segment;
                this.nextBlock = segment.firstAfter(after);
            }

            /** No event that is to come is before it. */
            long notBefore() {
                return next != null ? next.index() : segment.blocks().get(nextBlock).firstIndex();
            }

            /** Goes on to the next event after an index; false if there is none. */
            boolean advance(long after) {
                next = null;
                while (rows.hasNext() || nextBlock < segment.blocks().size()) {
                    if (!rows.hasNext()) {
                        rows = segment.file().read(segment.blocks().get(nextBlock++)).iterator();
                    }
                    while (rows.hasNext()) {
                        Row row = rows.next();
                        if (row.index() > after) {
                            next = row;
                            return true;
                        }
                    }
                }
                return false;
            }
        }

        private final PriorityQueue<Reading> readings =
                new PriorityQueue<>(Comparator.comparingLong(Reading::notBefore));
        private final long after;
        private final long last;
        private final EventTypes types;

        private Passage(List<Segment> segments, long after, long last, EventTypes types) {
            this.after = after;
            this.last = last;
            this.types = types;
            segments.stream()
                    .filter(segment -> segment.last() > after && segment.first() <= last)
                    .forEach(segment -> readings.add(new Reading(segment, after)));
        }

        /**
         * Hands over what comes before an event of the table, and passes over that event itself.
         */
        void before(long index, Consumer<Row> taker) {
            Row row;
            while ((row = nextUpTo(index)) != null) {
                if (row.index() < index) {
                    taker.accept(row);
                }
            }
        }

        /** Hands over what comes up to an index. */
        void upTo(long index, Consumer<Row> taker) {
            Row row;
            while ((row = nextUpTo(index)) != null) {
                taker.accept(row);
            }
        }

        /** The next event, if it is not after an index; null if it is, or there is none. */
        @Nullable Row nextUpTo(long index) {
            long end = Math.min(index, last);
            while (!readings.isEmpty() && readings.element().notBefore() <= end) {
                Reading first = readings.remove();
                Row row = first.next;
                if (first.advance(after)) {
                    readings.add(first);
                }
                if (row != null && types.has(row.type())) {
                    return row;
                }
            }
            return null;
        }
    }
}
