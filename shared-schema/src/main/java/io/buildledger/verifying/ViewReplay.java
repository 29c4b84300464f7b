package io.buildledger.verifying;

import io.buildledger.log.Recorded;
import io.buildledger.verifying.ReplayedTable.Bucket;
import io.buildledger.viewing.RowChange;
import io.buildledger.viewing.ViewProjection;
import io.buildledger.viewing.ViewTable;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the rows of the views from events, keeping those that may still change and of the others
 * their sum. Where it can't tell what an event changes, as it has let go of the row already, it
 * names the bucket, for which {@link ViewRowDifferences} finds out.
 */
final class ViewReplay {

    /**
     * Steps that were interrupted never finish, so that of the rows that are not final only the
     * newest are kept.
     */
    private static final int STEPS_KEPT = 10_000;

    private final RowSums sums = new RowSums();
    private final Set<Bucket> undecided = new HashSet<>();
    private final Map<ViewTable, Map<Object, @Nullable Object[]>> open =
            new EnumMap<>(ViewTable.class);

    ViewReplay() {
        for (ViewTable table : ViewTable.values()) {
            open.put(table, new LinkedHashMap<>());
        }
    }

    void next(Recorded recorded) {
        for (RowChange change : ViewProjection.of(recorded)) {
            ReplayedTable table = ReplayedTable.of(change.table());
            Map<Object, @Nullable Object[]> rows = rows(change.table());
            if (change.isNewRow()) {
                add(table, rows, change);
            } else {
                change(table, rows, change);
            }
        }
    }

    private Map<Object, @Nullable Object[]> rows(ViewTable table) {
        return open.getOrDefault(table, Map.of());
    }

    private void add(ReplayedTable table, Map<Object, @Nullable Object[]> rows, RowChange change) {
        @Nullable Object[] row = table.newRow(change.values());
        if (table.isFinal(row)) {
            sums.add(table, row);
            return;
        }
        @Nullable Object[] former = rows.put(table.identity(row), row);
        if (former != null) {
            undecided.add(table.bucket(former));
        }
        if (change.table() == ViewTable.STEPS && rows.size() > STEPS_KEPT) {
            var eldest = rows.entrySet().iterator();
            sums.add(table, eldest.next().getValue());
            eldest.remove();
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
                sums.add(table, row);
            }
        } else if (!change.where().containsValue(null)) {
            // Where a column must be NULL, no row that is final has it.
            undecided.add(table.bucket(change.where()));
        }
    }

    /** The buckets in which the views may differ from the replay, which ends here. */
    Set<Bucket> differencesFrom(RowSums views) {
        open.forEach((table, rows) ->
                rows.values().forEach(row -> sums.add(ReplayedTable.of(table), row)));
        open.clear();
        Set<Bucket> different = sums.differencesFrom(views);
        different.addAll(undecided);
        return different;
    }
}
