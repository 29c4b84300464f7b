package io.buildledger.viewing;

import io.buildledger.log.Follower;
import io.buildledger.log.Recorded;
import java.util.EnumMap;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;

/**
 * Projects the log into the tables that {@link Views} reads. The rows commit with the position of
 * the follower that reads for it, so that every event is projected once.
 *
 * <p>The views hold nothing that isn't in the log: {@link #clear} them, read the log from its first
 * event on, and they are as they were.
 */
public final class ViewProjector implements Follower.Reader {

    /**
     * The name of the one follower that writes the views. It is another whenever there is a table
     * that a former program does not know: one that is still alive must not write them.
     */
    public static final String FOLLOWER = "views-3";

    private final NamedParameterJdbcTemplate database;

    // Each table is written from its own events alone, so only the order within a table matters.
    private final Map<ViewTable, ViewRows> rows = new EnumMap<>(ViewTable.class);

    public ViewProjector(DataSource dataSource) {
        this.database = new NamedParameterJdbcTemplate(dataSource);
    }

    @Override
    public void read(Recorded recorded) {
        for (RowChange change : ViewProjection.of(recorded)) {
            rows.computeIfAbsent(change.table(), _ -> new ViewRows()).add(change);
        }
    }

    @Override
    public void endOfBatch() {
        rows.values().forEach(some -> some.writeTo(database));
    }

    @Override
    public void rolledBack() {
        rows.values().forEach(ViewRows::clear);
    }

    /** Empties the views, in the transaction that runs if one does. */
    public void clear() {
        for (ViewTable table : ViewTable.values()) {
            database.getJdbcTemplate().update("DELETE FROM " + table.tableName());
        }
    }
}
