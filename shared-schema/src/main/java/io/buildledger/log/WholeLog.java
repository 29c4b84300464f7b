package io.buildledger.log;

import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.database.UtcColumn;
import io.buildledger.log.EventImport.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.axonframework.messaging.MetaData;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/**
 * The log from one end to the other, for those who judge it: in its own order, by statements that
 * are short, however long the log is, and in little memory. What can't be read, or lacks a part, is
 * handed over as {@link Unreadable}, what a newer program wrote as {@link NewerEvent}. What was
 * moved to the archive is read as if it were still there.
 *
 * <p>All that reads throws {@link UnusableArchiveException} where a file of the archive is missing,
 * or has been altered.
 */
public final class WholeLog {

    private static final String PAGE =
            """
            SELECT global_index, stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE global_index > :after AND global_index <= :last
             ORDER BY global_index
             LIMIT :limit
            """;

    private static final String PAGE_OF_TYPES =
            PAGE.replace("ORDER BY", "AND type IN (:types)\n ORDER BY");

    private static final String PAGE_OF_OTHER_TYPES =
            PAGE_OF_TYPES.replace("type IN", "type NOT IN");

    private static final String SETTLED =
            """
            SELECT COALESCE(MIN(global_index) - 1, :head)
              FROM event FORCE INDEX (event_recorded_at)
             WHERE recorded_at >= UTC_TIMESTAMP(6) - INTERVAL :longest SECOND
            """;

    private static final String HEAD = "SELECT COALESCE(MAX(global_index), -1) FROM event";

    static final String LAST_UNTIL =
            """
            SELECT COALESCE(MAX(global_index), -1)
              FROM (SELECT global_index
                      FROM event FORCE INDEX (event_recorded_at)
                     WHERE recorded_at <= :at
                     ORDER BY recorded_at DESC, global_index DESC
                     LIMIT 1000) AS newest
            """;

    static final String FIRST_SINCE =
            """
            SELECT COALESCE(MIN(global_index), 9223372036854775807)
              FROM (SELECT global_index
                      FROM event FORCE INDEX (event_recorded_at)
                     WHERE recorded_at >= :at
                     ORDER BY recorded_at, global_index
                     LIMIT 1000) AS oldest
            """;

    private static final String OF_STREAMS =
            """
            SELECT global_index, stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE stream IN (:streams)
             ORDER BY stream, sequence_number
            """;

    private static final String OF_STREAMS_AFTER =
            """
            SELECT global_index, stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE stream IN (:streams) AND global_index > :after
             ORDER BY global_index
            """;

    private static final String AT =
            """
            SELECT global_index, stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE stream = :stream AND sequence_number = :sequence
            """;

    private static final String UP_TO =
            """
            SELECT global_index, stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE global_index <= :index
             ORDER BY global_index DESC
             LIMIT 1
            """;

    private static final String LAST =
            """
            SELECT global_index, stream, sequence_number, type, revision, payload, metadata, recorded_at
              FROM event
             WHERE stream = :stream AND global_index <= :index
             ORDER BY sequence_number DESC
             LIMIT 1
            """;

    private static final int ROWS_OF_A_PAGE = 20_000;
    private static final int STREAMS_AT_ONCE = 500;

    /** Of types that are rare, so that no statement is long all the same. */
    private static final long NUMBERS_OF_A_PAGE = 200_000;

    // What one thread hands to the other at once, and how much of it waits: some megabytes, also
    // where events are as long as they may be.
    private static final int ROWS_OF_A_BATCH = 250;
    private static final int CHARS_OF_A_BATCH = 500_000;
    private static final int BATCHES_AHEAD = 6;

    /** The metadata of most events are those of a few masters. */
    private static final int KEPT_METADATA = 1_000;

    private final EventJson json = new EventJson();
    private final ReadingConnection connection;
    private final JdbcClient jdbc;
    private final Archive archive;
    private final Map<String, MetaData> metadata =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, MetaData> eldest) {
                    return size() > KEPT_METADATA;
                }
            };

    public WholeLog(ReadingConnection connection) {
        this.connection = connection;
        this.jdbc = connection.jdbc();
        this.archive = new Archive(jdbc);
    }

    /** The index of the last event; -1 in an empty log. */
    public long head() {
        return jdbc.sql(HEAD).query(Long.class).single();
    }

    /**
     * The index of the last event that was recorded at a time or before; -1 if there is none. Times
     * are in the order of the log but for what was written at once, and but for a database's clock
     * that was set back.
     */
    public long lastUntil(Instant at) {
        long last = jdbc.sql(LAST_UNTIL).param("at", UtcColumn.of(at)).query(Long.class).single();
        return archive.lastUntil(at, last);
    }

    /**
     * The index of the first event that was recorded at a time or after, in the same way; the
     * greatest number that there is if there is none.
     */
    public long firstSince(Instant at) {
        long first = jdbc.sql(FIRST_SINCE).param("at", UtcColumn.of(at)).query(Long.class).single();
        return archive.firstSince(at, first);
    }

    /** When the newest event up to an index was recorded; empty if there is none. */
    public Optional<Instant> recordedAt(long index) {
        return Stream.concat(
                        jdbc
                                .sql(UP_TO)
                                .param("index", index)
                                .query((row, _) -> EventRows.of(row))
                                .list()
                                .stream(),
                        archive.lastUpTo(index).stream())
                .max(Comparator.comparingLong(Row::index))
                .map(Row::at);
    }

    /**
     * The index up to which every event is there that will ever be: an index is taken before its
     * event is committed.
     *
     * @param head the index of the last event
     */
    public long settled(long head) {
        return jdbc.sql(SETTLED)
                .param("head", head)
                .param("longest", Database.LONGEST_TRANSACTION.toSeconds())
                .query(Long.class)
                .single();
    }

    /**
     * Reads the events up to an index, on a thread of its own, while those before are being judged
     * on this one.
     */
    public void read(long last, Consumer<Numbered> judge) throws InterruptedException {
        read(-1, last, EventTypes.ALL, null, judge);
    }

    /** Reads the events after an index and up to another, in the same way. */
    public void read(long after, long last, Consumer<Numbered> judge) throws InterruptedException {
        read(after, last, EventTypes.ALL, null, judge);
    }

    /**
     * Reads those of some classes alone, also as older programs wrote them.
     *
     * @throws IllegalArgumentException if one of them is no event
     */
    public void read(long after, long last, Set<Class<?>> classes, Consumer<Numbered> judge)
            throws InterruptedException {
        read(after, last, EventTypes.of(classes), null, judge);
    }

    /**
     * Reads all but those of some classes, which is sooner done. What a newer program wrote under
     * other names is read, too, unless it is in the archive and nothing else that is wanted can be.
     *
     * @throws IllegalArgumentException if one of them is no event
     */
    public void readAllBut(long after, long last, Set<Class<?>> classes, Consumer<Numbered> judge)
            throws InterruptedException {
        read(after, last, EventTypes.allBut(classes), null, judge);
    }

    /**
     * Reads the events up to an index, also those before the first that there can be.
     *
     * @param rows is handed each event as it is stored, on the thread that reads
     */
    public void read(long last, Consumer<Row> rows, Consumer<Numbered> judge)
            throws InterruptedException {
        read(Long.MIN_VALUE, last, EventTypes.ALL, rows, judge);
    }

    private void read(
            long after,
            long last,
            EventTypes types,
            @Nullable Consumer<Row> rows,
            Consumer<Numbered> judge)
            throws InterruptedException {
        BlockingQueue<Batch> read = new ArrayBlockingQueue<>(BATCHES_AHEAD);
        Thread reader =
                Thread.ofPlatform()
                        .name("read-ahead")
                        .daemon()
                        .start(() -> readAhead(after, last, types, rows, read));
        try {
            while (true) {
                Batch batch = read.take();
                batch.events().forEach(judge);
                switch (batch.failure()) {
                    case RuntimeException e -> throw e;
                    case Error e -> throw e;
                    case null, default -> {}
                }
                if (batch.isLast()) {
                    return;
                }
            }
        } finally {
            reader.interrupt();
            reader.join();
        }
    }

    private record Batch(List<Numbered> events, boolean isLast, @Nullable Throwable failure) {}

    private void readAhead(
            long after,
            long last,
            EventTypes types,
            @Nullable Consumer<Row> rows,
            BlockingQueue<Batch> read) {
        try {
            try {
                pages(after, last, types, rows, batch -> put(read, new Batch(batch, false, null)));
                put(read, new Batch(List.of(), true, null));
            } catch (StoppedException e) {
                // Nobody wants the rest.
            } catch (RuntimeException | Error e) {
                // An Error, too, or the one who judges would wait for ever: memory may run out.
                put(read, new Batch(List.of(), true, e));
            }
        } catch (StoppedException e) {
            // Nobody wants to know.
        }
    }

    private static final class StoppedException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static void put(BlockingQueue<Batch> read, Batch batch) {
        try {
            read.put(batch);
        } catch (InterruptedException e) {
            throw new StoppedException();
        }
    }

    private void pages(
            long first,
            long last,
            EventTypes types,
            @Nullable Consumer<Row> rows,
            Consumer<List<Numbered>> batches) {
        long after = first;
        while (after < last) {
            Page page = new Page(rows, batches);
            after = page(after, last, types, page::add);
            page.handOver();
        }
    }

    /**
     * Reads a page of the table, and what was moved from there to the archive, in the order of the
     * log. Both as of one moment, or what is moved meanwhile would be in neither.
     *
     * @return the index up to which all has been read
     */
    private long page(long after, long last, EventTypes types, Consumer<Row> taker) {
        long upTo = types.areAll() ? last : Math.min(last, after + NUMBERS_OF_A_PAGE);
        return connection.inSnapshot(() -> {
            Archive.Passage archived = archive.passage(after, upTo, types);
            long[] found = {0, after};
            jdbc.sql(page(types))
                    .param("after", after)
                    .param("last", upTo)
                    .param("limit", ROWS_OF_A_PAGE)
                    .param("types", types.names())
                    .withFetchSize(ReadingConnection.ROW_BY_ROW)
                    .query(columns -> {
                        Row row = EventRows.of(columns);
                        archived.before(row.index(), taker);
                        taker.accept(row);
                        found[0]++;
                        found[1] = row.index();
                    });
            long end = found[0] < ROWS_OF_A_PAGE ? upTo : found[1];
            archived.upTo(end, taker);
            return end;
        });
    }

    private static String page(EventTypes types) {
        if (types.areAll()) {
            return PAGE;
        }
        return types.areNamed() ? PAGE_OF_TYPES : PAGE_OF_OTHER_TYPES;
    }

    private final class Page {
        private final @Nullable Consumer<Row> asStored;
        private final Consumer<List<Numbered>> batches;
        private List<Numbered> batch = new ArrayList<>(ROWS_OF_A_BATCH);
        private int chars;

        Page(@Nullable Consumer<Row> asStored, Consumer<List<Numbered>> batches) {
            this.asStored = asStored;
            this.batches = batches;
        }

        void add(Row row) {
            if (asStored != null) {
                asStored.accept(row);
            }
            batch.add(numbered(row));
            chars += row.payload().length();
            if (batch.size() == ROWS_OF_A_BATCH || chars >= CHARS_OF_A_BATCH) {
                handOver();
            }
        }

        void handOver() {
            batches.accept(batch);
            batch = new ArrayList<>(ROWS_OF_A_BATCH);
            chars = 0;
        }
    }

    /** Reads the rows after an index and up to another, on this thread. */
    public void readRows(long after, long last, Consumer<Row> reader) {
        long read = after;
        while (read < last) {
            read = page(read, last, EventTypes.ALL, reader);
        }
    }

    /**
     * An event, and how the table has it.
     *
     * @param payload JSON, unless somebody has damaged it; so is {@code metadata}
     */
    public record Stored(Numbered event, String revision, String payload, String metadata) {}

    /**
     * Reads the events after an index and up to another as the table has them, on this thread.
     *
     * @param reader is given each; false if it wants no more
     */
    public void readStored(long after, long last, Predicate<Stored> reader) {
        long read = after;
        boolean[] isWanted = {true};
        while (read < last && isWanted[0]) {
            read =
                    page(
                            read,
                            last,
                            EventTypes.ALL,
                            row ->
                                    isWanted[0] =
                                            isWanted[0]
                                                    && reader.test(
                                                            new Stored(
                                                                    numbered(row),
                                                                    row.revision(),
                                                                    row.payload(),
                                                                    row.metadata())));
        }
    }

    /** Reads the events of some streams, by stream, on this thread. */
    public void read(Collection<String> streams, Consumer<Numbered> judge) {
        List<String> ordered = streams.stream().sorted().toList();
        for (int from = 0; from < ordered.size(); from += STREAMS_AT_ONCE) {
            List<String> some =
                    ordered.subList(from, Math.min(from + STREAMS_AT_ONCE, ordered.size()));
            read(
                    jdbc.sql(OF_STREAMS).param("streams", some),
                    some,
                    row -> true,
                    EventRows.BY_STREAM,
                    judge);
        }
    }

    /** Reads the events of some streams after an index, in the log's order, on this thread. */
    public void read(Collection<String> streams, long after, Consumer<Numbered> judge) {
        if (!streams.isEmpty()) {
            read(
                    jdbc.sql(OF_STREAMS_AFTER).param("streams", streams).param("after", after),
                    streams,
                    row -> row.index() > after,
                    Comparator.comparingLong(Row::index),
                    judge);
        }
    }

    /** Those of the table first: what is moved meanwhile is in both. */
    private void read(
            StatementSpec query,
            Collection<String> streams,
            Predicate<Row> which,
            Comparator<Row> order,
            Consumer<Numbered> judge) {
        if (streams.stream().noneMatch(Archive::mayHave)) {
            query.withFetchSize(ReadingConnection.ROW_BY_ROW)
                    .query(row -> {
                        judge.accept(numbered(EventRows.of(row)));
                    });
            return;
        }
        SortedMap<Row, Row> rows = new TreeMap<>(order);
        query.query((row, _) -> EventRows.of(row)).list().forEach(row -> rows.put(row, row));
        archive.read(streams).stream().filter(which).forEach(row -> rows.putIfAbsent(row, row));
        rows.values().forEach(row -> judge.accept(numbered(row)));
    }

    /** The event at a place of a stream. */
    public Optional<Recorded> find(String stream, long sequence) {
        return jdbc.sql(AT)
                .param("stream", stream)
                .param("sequence", sequence)
                .query((row, _) -> EventRows.of(row))
                .optional()
                .or(() -> archive.find(stream, sequence))
                .map(row -> numbered(row).recorded());
    }

    /** The newest event of a stream of those up to an index. */
    public Optional<Recorded> last(String stream, long index) {
        return jdbc.sql(LAST)
                .param("stream", stream)
                .param("index", index)
                .query((row, _) -> EventRows.of(row))
                .optional()
                .or(() ->
                        archive.read(List.of(stream)).stream()
                                .filter(row -> row.index() <= index)
                                .reduce((_, later) -> later))
                .map(row -> numbered(row).recorded());
    }

    private Numbered numbered(Row row) {
        return new Numbered(
                row.index(), row.type(), json.recordedOrUnreadable(row, this::metadata));
    }

    private MetaData metadata(String text) {
        MetaData known = metadata.get(text);
        if (known == null) {
            known = json.metadata(text);
            metadata.put(text, known);
        }
        return known;
    }
}
