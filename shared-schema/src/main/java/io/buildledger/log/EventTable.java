package io.buildledger.log;

import io.buildledger.database.Database;
import io.buildledger.database.UtcColumn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.axonframework.common.jdbc.ConnectionProvider;
import org.axonframework.common.transaction.NoTransactionManager;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GapAwareTrackingToken;
import org.axonframework.eventhandling.TrackedDomainEventData;
import org.axonframework.eventhandling.TrackedEventData;
import org.axonframework.eventsourcing.eventstore.jdbc.EventSchema;
import org.axonframework.eventsourcing.eventstore.jdbc.JdbcEventStorageEngine;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.Serializer;

/**
 * Axon's JDBC engine on the table {@code event}. Unlike Axon's own table this one takes its time
 * from the database and stores neither an event id (stream and sequence number say the same) nor
 * the kind of stream (its name begins with it).
 */
final class EventTable extends JdbcEventStorageEngine {

    /** A hole that is older will never be filled. */
    static final Duration HOLES_ARE_FILLED_WITHIN = Database.LONGEST_TRANSACTION;

    /**
     * A hole farther behind the newest event than this is given up at once: far more than all
     * masters together append while one transaction is open.
     */
    private static final int FARTHEST_GAP = 1_000_000;

    private static final String APPEND =
            """
            INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
            VALUES (?, ?, ?, ?, ?, ?)
            """;

    /**
     * An event that was read.
     *
     * @param index its number in the whole log
     * @param position of a reader that has read it, too
     */
    record Read(long index, GapAwareTrackingToken position, Recorded recorded) {}

    private final EventJson json = new EventJson();
    private final RecordedRowMapper rows = RecordedRowMapper.toDecide(json);

    /**
     * @param connections of the transaction that runs, if one runs
     */
    EventTable(ConnectionProvider connections) {
        super(
                builder()
                        .eventSerializer(new EventJson())
                        .snapshotSerializer(new EventJson())
                        .connectionProvider(connections)
                        // Appends run in the log's transactions; a read is one statement.
                        .transactionManager(NoTransactionManager.INSTANCE)
                        .dataType(String.class)
                        .gapTimeout((int) HOLES_ARE_FILLED_WITHIN.toMillis())
                        .maxGapOffset(FARTHEST_GAP)
                        .appendEvents(
                                (connection, schema, dataType, events, serializer, timestamps) ->
                                        append(connection, events, serializer))
                        .schema(
                                EventSchema.builder()
                                        .eventTable("event")
                                        .globalIndexColumn("global_index")
                                        .aggregateIdentifierColumn("stream")
                                        .sequenceNumberColumn("sequence_number")
                                        .typeColumn("stream_kind")
                                        .eventIdentifierColumn("event_id")
                                        .payloadTypeColumn("type")
                                        .payloadRevisionColumn("revision")
                                        .payloadColumn("payload")
                                        .metaDataColumn("metadata")
                                        .timestampColumn("recorded_at")
                                        .build()));
    }

    private static PreparedStatement append(
            Connection connection, List<? extends EventMessage<?>> events, Serializer serializer)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(APPEND);
        for (EventMessage<?> message : events) {
            DomainEventMessage<?> event = (DomainEventMessage<?>) message;
            SerializedObject<String> payload = event.serializePayload(serializer, String.class);
            SerializedObject<String> metadata = event.serializeMetaData(serializer, String.class);
            statement.setString(1, event.getAggregateIdentifier());
            statement.setLong(2, event.getSequenceNumber());
            statement.setString(3, payload.getType().getName());
            statement.setString(4, payload.getType().getRevision());
            statement.setString(5, payload.getData());
            statement.setString(6, metadata.getData());
            statement.addBatch();
        }
        return statement;
    }

    /**
     * Reads on from a position: what has been committed of the next numbers, and of those that were
     * missing before. Where nothing has, it reads what comes after.
     *
     * @param numbers how many of the next numbers at most
     */
    List<Read> readAfter(GapAwareTrackingToken position, int numbers) {
        return fetchTrackedEvents(position, numbers).stream().map(it -> ((Row) it).read()).toList();
    }

    /**
     * Reads on in the same way, also what was moved to the archive: for who is that far behind that
     * it may not have read it.
     *
     * @param last index of the last event of the archive
     */
    List<Read> readAfter(GapAwareTrackingToken position, int numbers, Archive archive, long last) {
        SortedMap<Long, Read> events = new TreeMap<>();
        for (Read event : readAfter(position, numbers)) {
            events.put(event.index(), event);
        }
        long end = events.isEmpty() ? last : events.lastKey();
        Archive.Passage archived = archive.passage(position.getIndex(), end, EventTypes.ALL);
        EventImport.Row row = null;
        for (int i = 0; i < numbers && (row = archived.nextUpTo(end)) != null; i++) {
            // It is far older than any hole that may yet be filled.
            events.putIfAbsent(
                    row.index(),
                    new Read(
                            row.index(),
                            GapAwareTrackingToken.newInstance(row.index(), Set.of()),
                            rows.recorded(row)));
        }
        return List.copyOf((row == null ? events : events.headMap(row.index() + 1)).values());
    }

    @Override
    @SuppressWarnings("unchecked") // of Object, as a payload may be anything
    protected TrackedEventData<?> getTrackedEventData(ResultSet row, GapAwareTrackingToken previous)
            throws SQLException {
        return new Row(
                row.getLong("global_index"),
                Objects.requireNonNull(rows.mapRow(row, 0)),
                (TrackedDomainEventData<Object>) super.getTrackedEventData(row, previous));
    }

    /** Axon's, which does not know its own number. */
    private static final class Row extends TrackedDomainEventData<Object> {

        private final long index;
        private final Recorded recorded;

        Row(long index, Recorded recorded, TrackedDomainEventData<Object> event) {
            super(event.trackingToken(), event);
            this.index = index;
            this.recorded = recorded;
        }

        Read read() {
            return new Read(index, (GapAwareTrackingToken) trackingToken(), recorded);
        }
    }

    @Override
    protected Object readTimeStamp(ResultSet row, String column) throws SQLException {
        // As text: of an Instant Axon would keep the milliseconds only.
        return UtcColumn.read(row, column).toString();
    }
}
