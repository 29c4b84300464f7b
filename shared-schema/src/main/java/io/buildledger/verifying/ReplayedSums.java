package io.buildledger.verifying;

import io.buildledger.replaying.ReplayedTable;
import io.buildledger.replaying.ReplayedTable.Bucket;
import io.buildledger.replaying.ViewReplay;
import io.buildledger.viewing.RowChange;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sums of the rows that a replay makes. Where it can't tell what an event changes, as the row
 * is in a sum already, it names the bucket, for which {@link ViewRowDifferences} finds out.
 */
final class ReplayedSums implements ViewReplay.Rows {

    private final RowSums sums = new RowSums();
    private final Set<Bucket> undecided = new HashSet<>();

    @Override
    public void add(ReplayedTable table, @Nullable Object[] row) {
        sums.add(table, row);
    }

    @Override
    public void replaced(ReplayedTable table, @Nullable Object[] former) {
        undecided.add(table.bucket(former));
    }

    @Override
    public void changed(ReplayedTable table, RowChange change) {
        undecided.add(table.bucket(change.where()));
    }

    /** The buckets in which the views may differ from the replay. */
    Set<Bucket> differencesFrom(RowSums views) {
        Set<Bucket> different = sums.differencesFrom(views);
        different.addAll(undecided);
        return different;
    }
}
