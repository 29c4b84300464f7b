package io.buildledger.replaying;

import io.buildledger.log.Recorded;
import io.buildledger.viewing.RowChange;
import io.buildledger.viewing.ViewProjection;
import io.buildledger.viewing.ViewTable;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the rows of views from events, keeping in memory those alone that may still change: what it
 * needs does not grow with the history, and a row is handed over once, as it is at its end.
 */
public final class ViewReplay {

    /** Takes what becomes of the events. */
    public interface Rows {

        /** A row that is final, or that is not kept any longer, or where the replay ends. */
        void add(ReplayedTable table, @Nullable Object[] row);

        /** A row takes the place of one that could still have changed, and that was added now. */
        void replaced(ReplayedTable table, @Nullable Object[] former);

        /** An event changes rows that are not kept any longer, if there are such. */
        void changed(ReplayedTable table, RowChange change);
    }

    private final Rows sink;
    private final Map<ViewTable, Map<Object, @Nullable Object[]>> open =
            new EnumMap<>(ViewTable.class);

    /**
     * @param tables whose rows are wanted
     */
    public ViewReplay(Set<ViewTable> tables, Rows sink) {
        this.sink = sink;
        tables.forEach(table -> open.put(table, new LinkedHashMap<>()));
    }

    /** Reads the next event. */
    public void next(Recorded recorded) {
        for (RowChange change : ViewProjection.of(recorded)) {
            Map<Object, @Nullable Object[]> rows = open.get(change.table());
            if (rows != null) {
                ReplayedTable table = ReplayedTable.of(change.table());
                if (change.isNewRow()) {
                    add(table, rows, change);
                } else {
                    change(table, rows, change);
                }
            }
        }
    }

    private void add(ReplayedTable table, Map<Object, @Nullable Object[]> rows, RowChange change) {
        @Nullable Object[] row = table.newRow(change.values());
        if (table.isFinal(row)) {
            sink.add(table, row);
            return;
        }
        @Nullable Object[] former = rows.put(table.identity(row), row);
        if (former != null) {
            sink.add(table, former);
            sink.replaced(table, former);
        }
    }

    private void change(
            ReplayedTable table, Map<Object, @Nullable Object[]> rows, RowChange change) {
        Object identity = table.identity(change.where());
        @Nullable Object[] row = rows.get(identity);
        if (row != null && table.matches(row, change.where())) {
            table.set(row, change.values());
            if (table.isFinal(row)) {
                rows.remove(identity);
                sink.add(table, row);
            }
        } else if (!change.where().containsValue(null)) {
            // Where a column must be NULL, no row that is final has it.
            sink.changed(table, change);
        }
    }

    /** The replay ends here: what it has kept is added. */
    public void end() {
        open.forEach((table, rows) -> {
            rows.values().forEach(row -> sink.add(ReplayedTable.of(table), row));
            rows.clear();
        });
    }
}
