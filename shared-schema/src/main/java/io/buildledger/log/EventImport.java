package io.buildledger.log;

import io.buildledger.database.UtcColumn;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.SerializedObject;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Writes events as another log has had them, with their numbers and their times, into a log that
 * nobody else writes to.
 */
public final class EventImport {

    /** A row of the table of events. */
    public record Row(
            long index,
            String stream,
            long sequence,
            String type,
            String revision,
            String payload,
            String metadata,
            Instant at) {}

    private static final String INSERT =
            """
            INSERT INTO event (global_index, stream, sequence_number, type, revision, payload, metadata, recorded_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """;

    private final JdbcTemplate jdbc;
    private final EventJson json = new EventJson();

    public EventImport(DataSource dataSource) {
        this.jdbc = new JdbcTemplate(dataSource);
    }

    /**
     * The row of an event.
     *
     * @param index its number in the whole log
     * @param cause id of the event that it followed from, or null
     */
    public Row row(long index, Entry entry, Author author, @Nullable String cause, Instant at) {
        Map<String, Object> about = new HashMap<>();
        about.put("master", author.master());
        about.put("epoch", author.epoch());
        if (cause != null) {
            about.put("cause", cause);
        }
        SerializedObject<String> payload = json.serialize(entry.event(), String.class);
        return new Row(
                index,
                entry.stream(),
                entry.sequence(),
                payload.getType().getName(),
                payload.getType().getRevision(),
                payload.getData(),
                json.serialize(MetaData.from(about), String.class).getData(),
                at);
    }

    /**
     * Writes rows, in the transaction that runs if one does.
     *
     * @throws org.springframework.dao.DuplicateKeyException if a number or a place of a stream is
     *     taken
     */
    public void write(List<Row> rows) {
        jdbc.batchUpdate(
                INSERT,
                rows.stream()
                        .map(row ->
                                new Object[] {
                                    row.index(),
                                    row.stream(),
                                    row.sequence(),
                                    row.type(),
                                    row.revision(),
                                    row.payload(),
                                    row.metadata(),
                                    UtcColumn.of(row.at())
                                })
                        .toList());
    }
}
