package io.buildledger.replaying;

import io.buildledger.database.UtcColumn;
import io.buildledger.log.Streams;
import io.buildledger.viewing.ViewTable;
import io.buildledger.viewing.ViewTable.Column;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What a replay must know of a table of the views. A row is an array of its columns' values, in the
 * table's order, each a String, a Long, an Instant or null.
 */
public final class ReplayedTable {

    /** How many ids one bucket is for. */
    private static final int IDS = 1_024;

    /** Streams of which there are ever more; of the others there are as many as there are names. */
    private static final Pattern NUMBERED =
            Pattern.compile("(change|buildset|build-request)/(0|[1-9][0-9]{0,17})");

    /**
     * Rows that are near each other, and by whose sum differences are found.
     *
     * @param group empty, or the builder, the stream or the kind of streams that the numbers are of
     */
    public record Bucket(ViewTable table, String group, long number) {

        public long firstId() {
            return number * IDS;
        }

        public long endOfIds() {
            return firstId() + IDS;
        }
    }

    private static final Map<ViewTable, ReplayedTable> ALL = new EnumMap<>(ViewTable.class);

    static {
        for (ViewTable table : ViewTable.values()) {
            ALL.put(
                    table,
                    switch (table) {
                        case CHANGES ->
                                new ReplayedTable(table, null, "", "change_id", "change_id");
                        case BUILDSETS ->
                                new ReplayedTable(
                                        table, "completed_at", "", "buildset_id", "buildset_id");
                        case SOURCE_STAMPS ->
                                new ReplayedTable(
                                        table,
                                        null,
                                        "",
                                        "buildset_id",
                                        "buildset_id",
                                        "stamp_number");
                        case REQUESTS ->
                                new ReplayedTable(
                                        table, "completed_at", "", "request_id", "request_id");
                        // Of a request's builds one at most has not finished.
                        case BUILDS ->
                                new ReplayedTable(
                                        table, "finished_at", "", "request_id", "request_id");
                        case ARTIFACTS ->
                                new ReplayedTable(
                                        table,
                                        null,
                                        "builder",
                                        "build_number",
                                        "builder",
                                        "build_number",
                                        "artifact");
                        case ACTIONS ->
                                new ReplayedTable(
                                        table,
                                        null,
                                        "stream",
                                        "sequence_number",
                                        "stream",
                                        "sequence_number");
                        case CHANGE_BUILDSETS ->
                                new ReplayedTable(
                                        table, null, "", "buildset_id", "change_id", "buildset_id");
                    });
        }
    }

    private final ViewTable table;
    private final Map<String, Integer> places = new HashMap<>();
    private final int end;
    private final int group;
    private final int number;
    private final List<String> identity;

    /**
     * @param end the column that a final row has; null where rows are final at once
     * @param group the column of the bucket's group, or empty
     * @param number the column of the id by which rows fall into buckets
     * @param identity what tells the rows apart that are not final
     */
    private ReplayedTable(
            ViewTable table,
            @Nullable String end,
            String group,
            String number,
            String... identity) {
        this.table = table;
        for (Column column : table.columns()) {
            places.put(column.name(), places.size());
        }
        this.end = end == null ? -1 : place(end);
        this.group = group.isEmpty() ? -1 : place(group);
        this.number = place(number);
        this.identity = List.of(identity);
    }

    public static ReplayedTable of(ViewTable table) {
        ReplayedTable replayed = ALL.get(table);
        if (replayed == null) {
            throw new IllegalStateException("no replay of " + table);
        }
        return replayed;
    }

    public ViewTable table() {
        return table;
    }

    private int place(String column) {
        Integer place = places.get(column);
        if (place == null) {
            throw new IllegalStateException("%s has no %s".formatted(table.tableName(), column));
        }
        return place;
    }

    public @Nullable Object[] newRow(Map<String, @Nullable Object> values) {
        @Nullable Object[] row = new @Nullable Object[places.size()];
        set(row, values);
        return row;
    }

    public void set(@Nullable Object[] row, Map<String, @Nullable Object> values) {
        values.forEach((column, value) -> row[place(column)] = kept(value));
    }

    public boolean matches(@Nullable Object[] row, Map<String, @Nullable Object> where) {
        for (var column : where.entrySet()) {
            Object expected = kept(column.getValue());
            Object actual = row[place(column.getKey())];
            if (expected == null ? actual != null : !expected.equals(actual)) {
                return false;
            }
        }
        return true;
    }

    /** The value as the database gives it back. */
    private static @Nullable Object kept(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Instant at -> UtcColumn.kept(at);
            case Number integer -> integer.longValue();
            default -> value;
        };
    }

    public @Nullable Object[] read(ResultSet row) throws SQLException {
        List<Column> columns = table.columns();
        @Nullable Object[] values = new @Nullable Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
            Column column = columns.get(i);
            values[i] =
                    switch (column.kind()) {
                        case TEXT -> row.getString(i + 1);
                        case NUMBER -> {
                            long integer = row.getLong(i + 1);
                            yield row.wasNull() ? null : integer;
                        }
                        case TIME -> UtcColumn.readOrNull(row, column.name());
                    };
        }
        return values;
    }

    public boolean isFinal(@Nullable Object[] row) {
        return end < 0 || row[end] != null;
    }

    Object identity(@Nullable Object[] row) {
        List<@Nullable Object> values = new ArrayList<>();
        for (String column : identity) {
            values.add(row[place(column)]);
        }
        return values;
    }

    /** The identity of the rows with these values, which a change names. */
    Object identity(Map<String, @Nullable Object> where) {
        List<@Nullable Object> values = new ArrayList<>();
        for (String column : identity) {
            values.add(kept(where.get(column)));
        }
        return values;
    }

    public Bucket bucket(@Nullable Object[] row) {
        return bucket(group < 0 ? "" : row[group], row[number]);
    }

    public Bucket bucket(Map<String, @Nullable Object> where) {
        return bucket(group < 0 ? "" : where.get(nameOf(group)), where.get(nameOf(number)));
    }

    private Bucket bucket(@Nullable Object of, @Nullable Object id) {
        if (table == ViewTable.ACTIONS) {
            Matcher numbered = NUMBERED.matcher(String.valueOf(of));
            if (numbered.matches()) {
                return new Bucket(
                        table, numbered.group(1), Long.parseLong(numbered.group(2)) / IDS);
            }
        }
        return new Bucket(
                table,
                String.valueOf(of),
                Math.floorDiv(id instanceof Number integer ? integer.longValue() : 0, IDS));
    }

    private String nameOf(int place) {
        return table.columns().get(place).name();
    }

    /** The streams of which the rows of a bucket are made. */
    public List<String> streams(Bucket bucket) {
        return LongStream.range(bucket.firstId(), bucket.endOfIds())
                .mapToObj(id ->
                        switch (table) {
                            case CHANGES -> Streams.change(id);
                            case BUILDSETS, SOURCE_STAMPS, CHANGE_BUILDSETS -> Streams.buildset(id);
                            case REQUESTS, BUILDS -> Streams.buildRequest(id);
                            case ARTIFACTS -> Streams.build(bucket.group(), id);
                            case ACTIONS ->
                                    isOfKind(bucket) ? bucket.group() + "/" + id : bucket.group();
                        })
                .distinct()
                .toList();
    }

    /** Whether it is of several streams, by their numbers. */
    private static boolean isOfKind(Bucket bucket) {
        return bucket.table() == ViewTable.ACTIONS && bucket.group().indexOf('/') < 0;
    }

    /** The columns of all rows. */
    public String select() {
        return "SELECT %s FROM %s"
                .formatted(
                        String.join(", ", table.columns().stream().map(Column::name).toList()),
                        table.tableName());
    }

    /**
     * The columns of the rows of a bucket, with the parameters {@code first} and {@code end} of its
     * ids, {@code group} and {@code streams}, as far as it needs them.
     */
    public String select(Bucket bucket) {
        String all = select();
        if (isOfKind(bucket)) {
            return all + " WHERE stream IN (:streams)";
        }
        return "%s WHERE %s >= :first AND %s < :end%s"
                .formatted(
                        all,
                        nameOf(number),
                        nameOf(number),
                        group < 0 ? "" : " AND " + nameOf(group) + " = :group");
    }

    private static final long PRIME = 0x100000001b3L;
    private static final long BASIS = 0xcbf29ce484222325L;

    /** A number that two rows share if they are equal, and otherwise practically never. */
    public static long hash(@Nullable Object[] row) {
        long hash = BASIS;
        for (Object value : row) {
            long part =
                    switch (value) {
                        case null -> 0x5bd1e995L;
                        case Long integer -> integer;
                        case Instant at -> at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000;
                        default -> hash(value.toString());
                    };
            hash = mix(hash * 31 + mix(part));
        }
        return hash;
    }

    private static long hash(String text) {
        long hash = BASIS;
        // What is half a character is stored as a question mark, as it is encoded here.
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (each & 0xff)) * PRIME;
        }
        return hash;
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}
