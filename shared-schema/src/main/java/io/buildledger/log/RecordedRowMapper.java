package io.buildledger.log;

import io.buildledger.database.UtcColumn;
import io.buildledger.log.EventImport.Row;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.springframework.jdbc.core.RowMapper;

/** Rows of the table {@code event} that were read by stream, without Axon's engine. */
final class RecordedRowMapper implements RowMapper<Recorded> {

    private final EventJson json;

    RecordedRowMapper(EventJson json) {
        this.json = json;
    }

    @Override
    public Recorded mapRow(ResultSet row, int number) throws SQLException {
        return new Recorded(
                row.getString("stream"),
                row.getLong("sequence_number"),
                json.event(
                        row.getString("stream"),
                        row.getLong("sequence_number"),
                        row.getString("type"),
                        row.getString("revision"),
                        row.getString("payload")),
                UtcColumn.read(row, "recorded_at"),
                json.metadata(row.getString("metadata")));
    }

    /** The event of a row that was moved to the archive. */
    static Recorded recorded(EventJson json, Row row) {
        return new Recorded(
                row.stream(),
                row.sequence(),
                json.event(row.stream(), row.sequence(), row.type(), row.revision(), row.payload()),
                row.at(),
                json.metadata(row.metadata()));
    }
}
