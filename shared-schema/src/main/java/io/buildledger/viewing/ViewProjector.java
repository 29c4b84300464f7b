package io.buildledger.viewing;

import io.buildledger.log.Follower;
import io.buildledger.log.LogPosition;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Recorded;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Projects the log into the tables that {@link Views} reads. The rows commit with the position of
 * the follower that reads for it, so that every event is projected once.
 *
 * <p>The views hold nothing that isn't in the log: {@link #clear} them, read the log from its first
 * event on, and they are as they were.
 */
public final class ViewProjector implements Follower.Reader {

    /**
     * The name of the one follower that writes the views. It is another whenever there are other
     * tables than a former program knows: one that is still alive must not write them.
     */
    public static final String FOLLOWER = "views-5";

    private static final String POSITION =
            "SELECT token, token_type FROM token WHERE processor_name = :follower AND segment = 0";

    private static final Logger LOG = LoggerFactory.getLogger(ViewProjector.class);

    private final NamedParameterJdbcTemplate database;
    private final Set<ViewTable> tables;
    private final String suffix;
    private final boolean isReplacing;
    private final boolean refusesNewer;

    // Each table is written from its own events alone, so only the order within a table matters.
    private final Map<ViewTable, ViewRows> rows = new EnumMap<>(ViewTable.class);

    private long passedOver;

    /** The one that masters read. */
    public ViewProjector(DataSource dataSource) {
        this(dataSource, EnumSet.allOf(ViewTable.class));
    }

    /** Of some of these alone. */
    ViewProjector(DataSource dataSource, Set<ViewTable> tables) {
        this(dataSource, tables, "", false, false);
    }

    /**
     * Of tables that are like some of the views and are to take their place: what a newer program
     * has written is not passed over, or rows that a view has already would be lost by it.
     *
     * @param suffix what the tables are called besides the name of the view
     */
    public static ViewProjector refusingNewer(
            DataSource dataSource, Set<ViewTable> tables, String suffix) {
        return new ViewProjector(dataSource, tables, suffix, false, true);
    }

    /**
     * Of the tables that masters read, also where they hold rows of events that are still to come:
     * what is to be made anew must not stop at what is wrong with it.
     */
    public static ViewProjector replacing(DataSource dataSource) {
        return new ViewProjector(dataSource, EnumSet.allOf(ViewTable.class), "", true, false);
    }

    private ViewProjector(
            DataSource dataSource,
            Set<ViewTable> tables,
            String suffix,
            boolean isReplacing,
            boolean refusesNewer) {
        this.database = new NamedParameterJdbcTemplate(dataSource);
        this.tables = tables;
        this.suffix = suffix;
        this.isReplacing = isReplacing;
        this.refusesNewer = refusesNewer;
    }

    /** How far the views are. */
    public static LogPosition position(JdbcClient jdbc) {
        return jdbc.sql(POSITION)
                .param("follower", FOLLOWER)
                .query((row, _) ->
                        LogPosition.of(row.getString("token"), row.getString("token_type")))
                .optional()
                .orElse(LogPosition.START);
    }

    @Override
    public void read(Recorded recorded) {
        if (recorded.event() instanceof NewerEvent newer && ViewProjection.mayLack(newer)) {
            if (refusesNewer) {
                throw newer.refused();
            }
            passOver(newer);
        }
        for (RowChange change : ViewProjection.of(recorded)) {
            ViewTable table = change.table();
            if (tables.contains(table)) {
                rows.computeIfAbsent(table, _ -> new ViewRows(isReplacing))
                        .add(change, table.tableName() + suffix);
            }
        }
    }

    /** What the views lack by that, a rebuild gives them, by a program that understands it. */
    private void passOver(NewerEvent newer) {
        passedOver++;
        if (Long.bitCount(passedOver) == 1) {
            LOG.warn(
                    "the views pass over events of a newer program, {} by now; when all masters are upgraded, make them whole with \"buildledger replay\": {}",
                    passedOver,
                    newer.told());
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
