package io.buildledger.verifying;

import io.buildledger.database.ReadingConnection;
import io.buildledger.log.LogPosition;
import io.buildledger.log.Numbered;
import io.buildledger.log.WholeLog;
import io.buildledger.replaying.ReplayedTable;
import io.buildledger.replaying.ReplayedTable.Bucket;
import io.buildledger.viewing.RowChange;
import io.buildledger.viewing.ViewProjection;
import io.buildledger.viewing.ViewProjector;
import io.buildledger.viewing.ViewTable.Column;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Replays a bucket of rows, all of them, and tells each row in which the view differs. View and
 * replay are of one moment, which may be later than that of the first look: what a view has caught
 * up with meanwhile is none.
 */
final class ViewRowDifferences {

    /** More than anybody reads. What differs beyond is counted in buckets. */
    private static final int BUCKETS_REPLAYED = 50;

    private static final class Row {
        private final @Nullable Object[] values;
        private final List<Witness> witnesses = new ArrayList<>();

        private Row(@Nullable Object[] values) {
            this.values = values;
        }
    }

    private final ReadingConnection connection;
    private final Findings findings;

    ViewRowDifferences(ReadingConnection connection, Findings findings) {
        this.connection = connection;
        this.findings = findings;
    }

    void tell(Collection<Bucket> buckets) {
        List<Bucket> ordered =
                buckets.stream()
                        .sorted(
                                Comparator.comparing(Bucket::table)
                                        .thenComparing(Bucket::group)
                                        .thenComparingLong(Bucket::number))
                        .toList();
        ordered.stream().limit(BUCKETS_REPLAYED).forEach(this::tell);
        ordered.stream()
                .skip(BUCKETS_REPLAYED)
                .collect(
                        Collectors.groupingBy(
                                bucket -> bucket.table().tableName(),
                                TreeMap::new,
                                Collectors.counting()))
                .forEach((table, more) ->
                        findings.difference(
                                Check.VIEWS,
                                table,
                                "%s: %d more blocks of 1,024 rows may differ; they were not looked into"
                                        .formatted(table, more),
                                List.of()));
    }

    private void tell(Bucket bucket) {
        ReplayedTable table = ReplayedTable.of(bucket.table());
        connection.inSnapshot(() -> {
            Map<List<@Nullable Object>, Row> replayed = replay(table, bucket);
            Map<List<@Nullable Object>, @Nullable Object[]> view =
                    view(connection.jdbc(), table, bucket);
            compare(bucket, replayed, view);
            return bucket;
        });
    }

    private static Map<List<@Nullable Object>, @Nullable Object[]> view(
            JdbcClient jdbc, ReplayedTable table, Bucket bucket) {
        Map<List<@Nullable Object>, @Nullable Object[]> rows = new HashMap<>();
        jdbc.sql(table.select(bucket))
                .param("first", bucket.firstId())
                .param("end", bucket.endOfIds())
                .param("group", bucket.group())
                .param("streams", table.streams(bucket))
                .query(row -> {
                    @Nullable Object[] values = table.read(row);
                    rows.put(key(bucket, values), values);
                });
        return rows;
    }

    private static List<@Nullable Object> key(Bucket bucket, @Nullable Object[] row) {
        List<@Nullable Object> key = new ArrayList<>();
        for (int i = 0; i < bucket.table().key().size(); i++) {
            key.add(row[i]);
        }
        return key;
    }

    private Map<List<@Nullable Object>, Row> replay(ReplayedTable table, Bucket bucket) {
        LogPosition position = ViewProjector.position(connection.jdbc());
        Map<List<@Nullable Object>, Row> rows = new LinkedHashMap<>();
        new WholeLog(connection)
                .read(
                        table.streams(bucket),
                        event -> {
                            if (position.covers(event.index())) {
                                replay(table, bucket, rows, event);
                            }
                        });
        return rows;
    }

    private static void replay(
            ReplayedTable table,
            Bucket bucket,
            Map<List<@Nullable Object>, Row> rows,
            Numbered event) {
        for (RowChange change : ViewProjection.of(event.recorded())) {
            if (change.table() != bucket.table()) {
                continue;
            }
            Witness witness = Witness.of(event.recorded());
            if (change.isNewRow()) {
                Row row = new Row(table.newRow(change.values()));
                row.witnesses.add(witness);
                // A stream may have rows in several buckets.
                if (table.bucket(row.values).equals(bucket)) {
                    rows.putIfAbsent(key(bucket, row.values), row);
                }
            } else {
                rows.values().stream()
                        .filter(row -> table.matches(row.values, change.where()))
                        .forEach(row -> {
                            table.set(row.values, change.values());
                            row.witnesses.add(witness);
                        });
            }
        }
    }

    private void compare(
            Bucket bucket,
            Map<List<@Nullable Object>, Row> replayed,
            Map<List<@Nullable Object>, @Nullable Object[]> view) {
        replayed.forEach((key, row) -> {
            @Nullable Object[] seen = view.remove(key);
            if (seen == null) {
                findings.difference(
                        Check.VIEWS,
                        bucket.table().tableName(),
                        name(bucket, key) + ": the view lacks the row",
                        row.witnesses);
            } else {
                String differences = differences(bucket, seen, row.values);
                if (!differences.isEmpty()) {
                    findings.difference(
                            Check.VIEWS,
                            bucket.table().tableName(),
                            name(bucket, key) + ": " + differences,
                            row.witnesses);
                }
            }
        });
        view.keySet()
                .forEach(key ->
                        findings.difference(
                                Check.VIEWS,
                                bucket.table().tableName(),
                                name(bucket, key) + ": the log does not give this row",
                                List.of()));
    }

    private static String name(Bucket bucket, List<@Nullable Object> key) {
        return bucket.table().tableName()
                + IntStream.range(0, key.size())
                        .mapToObj(i ->
                                "%s %s".formatted(bucket.table().key().get(i).name(), key.get(i)))
                        .collect(Collectors.joining(", ", " ", ""));
    }

    private static String differences(
            Bucket bucket, @Nullable Object[] view, @Nullable Object[] log) {
        List<Column> columns = bucket.table().columns();
        return IntStream.range(0, columns.size())
                .filter(i -> !Objects.equals(view[i], log[i]))
                .mapToObj(i ->
                        "%s is %s, the log says %s"
                                .formatted(columns.get(i).name(), told(view[i]), told(log[i])))
                .collect(Collectors.joining("; "));
    }

    private static String told(@Nullable Object value) {
        return value instanceof String text ? "'" + text + "'" : String.valueOf(value);
    }
}
