package io.buildledger.replaying;

import io.buildledger.database.UtcColumn;
import io.buildledger.viewing.ViewTable;
import io.buildledger.viewing.ViewTable.Column;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** By {@code INSERT}, which every server takes. */
record InsertedRows(JdbcTemplate jdbc) implements RowWriter {

    @Override
    public int rowsAtOnce() {
        return 500;
    }

    @Override
    public void write(String table, ViewTable view, List<@Nullable Object[]> rows) {
        jdbc.update(
                insertion(table, view, rows.size()),
                statement -> {
                    int place = 1;
                    for (@Nullable Object[] row : rows) {
                        for (Object value : row) {
                            bind(statement, place++, value);
                        }
                    }
                });
    }

    /** By the value's own type: the driver takes a while to find out. */
    private static void bind(PreparedStatement statement, int place, @Nullable Object value)
            throws SQLException {
        switch (value) {
            case String text -> statement.setString(place, text);
            case Long number -> statement.setLong(place, number);
            case Instant at -> statement.setObject(place, UtcColumn.of(at));
            case null -> statement.setNull(place, Types.NULL);
            default -> statement.setObject(place, value);
        }
    }

    private static String insertion(String table, ViewTable view, int rows) {
        String row =
                view.columns().stream().map(_ -> "?").collect(Collectors.joining(",", "(", ")"));
        return "INSERT INTO %s (%s) VALUES %s"
                .formatted(
                        table,
                        view.columns().stream().map(Column::name).collect(Collectors.joining(",")),
                        String.join(",", Collections.nCopies(rows, row)));
    }
}
