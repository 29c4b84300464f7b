package io.buildledger.log;

import io.buildledger.database.UtcColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.SimpleSerializedObject;
import org.axonframework.serialization.SimpleSerializedType;
import org.jspecify.annotations.Nullable;
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
                deserialize(
                        row.getString("payload"), row.getString("type"), row.getString("revision")),
                UtcColumn.read(row, "recorded_at"),
                (MetaData) deserialize(row.getString("metadata"), MetaData.class.getName(), null));
    }

    private Object deserialize(String data, String type, @Nullable String revision) {
        Object value =
                json.deserialize(
                        new SimpleSerializedObject<>(
                                data, String.class, new SimpleSerializedType(type, revision)));
        if (value == null) {
            throw new IllegalStateException("the log holds a " + type + " of nothing");
        }
        return value;
    }
}
