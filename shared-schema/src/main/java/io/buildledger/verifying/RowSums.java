package io.buildledger.verifying;

import io.buildledger.database.ReadingConnection;
import io.buildledger.replaying.ReplayedTable;
import io.buildledger.replaying.ReplayedTable.Bucket;
import io.buildledger.viewing.ViewTable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The rows of the views as one sum of hashes a bucket, in whatever order they came: what tells two
 * sets of rows apart without keeping either.
 */
final class RowSums {

    private static final class Sum {
        private long rows;
        private long hashes;
    }

    private final Map<Bucket, Sum> sums = new HashMap<>();
    private long rows;

    static RowSums ofViews(JdbcClient jdbc) {
        RowSums sums = new RowSums();
        for (ViewTable table : ViewTable.values()) {
            ReplayedTable replayed = ReplayedTable.of(table);
            jdbc.sql(replayed.select())
                    .withFetchSize(ReadingConnection.ROW_BY_ROW)
                    .query(row -> {
                        sums.add(replayed, replayed.read(row));
                    });
        }
        return sums;
    }

    void add(ReplayedTable table, @Nullable Object[] row) {
        Sum sum = sums.computeIfAbsent(table.bucket(row), _ -> new Sum());
        sum.rows++;
        sum.hashes += ReplayedTable.hash(row);
        rows++;
    }

    long rows() {
        return rows;
    }

    Set<Bucket> differencesFrom(RowSums other) {
        Set<Bucket> all = new HashSet<>(sums.keySet());
        all.addAll(other.sums.keySet());
        all.removeIf(bucket -> Arrays.equals(numbers(bucket), other.numbers(bucket)));
        return all;
    }

    private long[] numbers(Bucket bucket) {
        Sum sum = sums.get(bucket);
        return sum == null ? new long[2] : new long[] {sum.rows, sum.hashes};
    }
}
