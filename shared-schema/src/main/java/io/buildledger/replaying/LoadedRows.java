package io.buildledger.replaying;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.UtcColumn;
import io.buildledger.viewing.ViewTable;
import io.buildledger.viewing.ViewTable.Column;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.NonTransientDataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementCallback;

/**
 * By {@code LOAD DATA LOCAL}, which costs the server and this program less than {@code INSERT}.
 * MariaDB takes it; MySQL does where {@code local_infile} is on.
 *
 * @param jdbc whose connections {@linkplain io.buildledger.database.Database#poolToLoad may load}
 *     what is in {@code directory}, where there is a file for each table
 */
record LoadedRows(JdbcTemplate jdbc, Path directory) implements RowWriter {

    private static final Logger LOG = LoggerFactory.getLogger(LoadedRows.class);

    /**
     * Whether the server takes it.
     *
     * @param table where it is tried, with no row
     */
    static boolean areTaken(JdbcTemplate jdbc, Path directory, String table, ViewTable view) {
        try {
            new LoadedRows(jdbc, directory).write(table, view, List.of());
            return true;
        } catch (NonTransientDataAccessException e) {
            // Servers and proxies differ in how they refuse it.
            LOG.debug("rows are inserted, not loaded: {}", DatabaseTrouble.reason(e));
            return false;
        }
    }

    @Override
    public int rowsAtOnce() {
        return 5_000;
    }

    @Override
    public void write(String table, ViewTable view, List<@Nullable Object[]> rows) {
        Path file = directory.resolve(table);
        try {
            Files.write(file, lines(rows).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new ReplayFailedException(
                    "rows can't be written to %s: %s".formatted(file, DatabaseTrouble.reason(e)));
        }
        // Whoever ends this program by Ctrl-C shall find nothing of it.
        file.toFile().deleteOnExit();
        load(file, table, view, rows.size());
    }

    private void load(Path file, String table, ViewTable view, int rows) {
        String columns = view.columns().stream().map(Column::name).collect(Collectors.joining(","));
        jdbc.execute(
                load(table, columns),
                (PreparedStatementCallback<Boolean>)
                        statement -> {
                            statement.setString(1, file.toString());
                            requireAll(rows, statement, statement.executeUpdate());
                            return true;
                        });
    }

    /** Whatever the server's {@code sql_mode} makes of a backslash in quotes, 0x5C is one. */
    private static String load(String table, String columns) {
        return """
        LOAD DATA LOCAL INFILE ? INTO TABLE %s
             CHARACTER SET utf8mb4
             FIELDS TERMINATED BY '\t' ESCAPED BY 0x5C
             LINES TERMINATED BY 0x0A
             (%s)
        """
                .formatted(table, columns);
    }

    /** What is an error for {@code INSERT} is a warning here. */
    private static void requireAll(int rows, Statement statement, int written) throws SQLException {
        SQLWarning warning = statement.getWarnings();
        if (warning != null || written != rows) {
            throw new DataIntegrityViolationException(
                    "of %d rows %d were written: %s"
                            .formatted(rows, written, warning == null ? "" : warning.getMessage()));
        }
    }

    private static String lines(List<@Nullable Object[]> rows) {
        StringBuilder lines = new StringBuilder();
        for (@Nullable Object[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                if (column > 0) {
                    lines.append('\t');
                }
                append(lines, row[column]);
            }
            lines.append('\n');
        }
        return lines.toString();
    }

    private static void append(StringBuilder line, @Nullable Object value) {
        switch (value) {
            case String text -> append(line, text);
            case Instant at -> append(line, UtcColumn.of(at));
            case null -> line.append("\\N");
            default -> line.append(value);
        }
    }

    private static void append(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            switch (each) {
                case '\\' -> line.append("\\\\");
                case '\t' -> line.append("\\t");
                case '\n' -> line.append("\\n");
                case '\0' -> line.append("\\0");
                default -> line.append(each);
            }
        }
    }

    /** Such as {@code 20261130031542.004711}. */
    private static void append(StringBuilder line, LocalDateTime at) {
        long date = (at.getYear() * 100L + at.getMonthValue()) * 100 + at.getDayOfMonth();
        long time = (at.getHour() * 100L + at.getMinute()) * 100 + at.getSecond();
        line.append(date * 1_000_000 + time).append('.');
        String micros = String.valueOf(at.getNano() / 1_000);
        line.repeat('0', 6 - micros.length()).append(micros);
    }
}
