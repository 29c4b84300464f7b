package io.buildledger.viewing;

import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an event does to the rows of one table.
 *
 * @param where what the rows have that are changed, by column, null being NULL; empty for a new row
 * @param values what they have afterwards, by column; columns that a new row is not given are NULL
 */
public record RowChange(
        ViewTable table,
        Map<String, @Nullable Object> where,
        Map<String, @Nullable Object> values) {

    /** Begins the names of the parameters that say what a row must have. */
    static final String FORMER = "former_";

    public boolean isNewRow() {
        return where.isEmpty();
    }

    /**
     * The statement, with a parameter for each value, and one for what a row must have.
     *
     * @param tableName the table itself, or one that is made like it
     * @param isReplacing whether a new row takes the place of one that should not be there
     */
    String sql(String tableName, boolean isReplacing) {
        return isNewRow()
                ? (isReplacing ? "REPLACE" : "INSERT")
                        + " INTO %s (%s) VALUES (%s)"
                                .formatted(
                                        tableName,
                                        String.join(", ", values.keySet()),
                                        values.keySet().stream()
                                                .map(column -> ":" + column)
                                                .collect(Collectors.joining(", ")))
                : "UPDATE %s SET %s WHERE %s"
                        .formatted(
                                tableName,
                                values.keySet().stream()
                                        .map(column -> column + " = :" + column)
                                        .collect(Collectors.joining(", ")),
                                where.entrySet().stream()
                                        .map(column ->
                                                condition(column.getKey(), column.getValue()))
                                        .collect(Collectors.joining(" AND ")));
    }

    private static String condition(String column, @Nullable Object value) {
        return value == null ? column + " IS NULL" : "%s = :%s%s".formatted(column, FORMER, column);
    }
}
