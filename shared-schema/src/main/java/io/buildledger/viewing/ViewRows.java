package io.buildledger.viewing;

import io.buildledger.database.UtcColumn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;

/**
 * What is to be written to one table, in order. Neighbours that run the same statement go to the
 * database together.
 */
public final class ViewRows {

    private record Write(String sql, MapSqlParameterSource values) {}

    private final List<Write> writes = new ArrayList<>();
    private final boolean isReplacing;

    public ViewRows() {
        this(false);
    }

    /**
     * @param isReplacing whether a new row takes the place of one that should not be there
     */
    ViewRows(boolean isReplacing) {
        this.isReplacing = isReplacing;
    }

    /** Adds a change of a table; times are turned into the database's. */
    public void add(RowChange change, String tableName) {
        MapSqlParameterSource row = new MapSqlParameterSource();
        change.values().forEach((name, value) -> row.addValue(name, stored(value)));
        change.where()
                .forEach((name, value) -> row.addValue(RowChange.FORMER + name, stored(value)));
        writes.add(new Write(change.sql(tableName, isReplacing), row));
    }

    private static @Nullable Object stored(@Nullable Object value) {
        return value instanceof Instant at ? UtcColumn.of(at) : value;
    }

    /** Writes it, in the transaction that runs if one does. */
    public void writeTo(NamedParameterJdbcTemplate database) {
        int first = 0;
        while (first < writes.size()) {
            String sql = writes.get(first).sql();
            int end = first;
            while (end < writes.size() && writes.get(end).sql().equals(sql)) {
                end++;
            }
            database.batchUpdate(
                    sql,
                    writes.subList(first, end).stream()
                            .map(Write::values)
                            .toArray(SqlParameterSource[]::new));
            first = end;
        }
        writes.clear();
    }

    /** Forgets it. */
    public void clear() {
        writes.clear();
    }
}
