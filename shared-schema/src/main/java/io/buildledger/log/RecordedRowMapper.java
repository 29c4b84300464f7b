package io.buildledger.log;

import io.buildledger.database.UtcColumn;
import io.buildledger.log.EventImport.Row;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.springframework.jdbc.core.RowMapper;

/** Rows of the table {@code event} that were read by stream, without Axon's engine. */
final class RecordedRowMapper implements RowMapper<Recorded> {

    private final EventJson json;
    private final boolean isForAll;

    private RecordedRowMapper(EventJson json, boolean isForAll) {
        this.json = json;
        this.isForAll = isForAll;
    }

    /** For who decides by events: what can't be read is an exception. */
    static RecordedRowMapper toDecide(EventJson json) {
        return new RecordedRowMapper(json, false);
    }

    /** For who tells of events: what can't be read is {@link Unreadable}. */
    static RecordedRowMapper toTell(EventJson json) {
        return new RecordedRowMapper(json, true);
    }

    @Override
    public Recorded mapRow(ResultSet row, int number) throws SQLException {
        return recorded(
                new Row(
                        // Nobody asks for it who reads by stream.
                        -1,
                        row.getString("stream"),
                        row.getLong("sequence_number"),
                        row.getString("type"),
                        row.getString("revision"),
                        row.getString("payload"),
                        row.getString("metadata"),
                        UtcColumn.read(row, "recorded_at")));
    }

    Recorded recorded(Row row) {
        return isForAll
                ? json.recordedOrUnreadable(row, json::metadata)
                : new Recorded(
                        row.stream(),
                        row.sequence(),
                        json.event(
                                row.stream(),
                                row.sequence(),
                                row.type(),
                                row.revision(),
                                row.payload()),
                        row.at(),
                        json.metadata(row.metadata()));
    }
}
