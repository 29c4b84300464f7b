package io.buildledger.replaying;

import io.buildledger.database.UtcColumn;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.OwnLife;
import io.buildledger.viewing.RowChange;
import io.buildledger.viewing.ViewRows;
import io.buildledger.viewing.ViewTable;
import io.buildledger.viewing.ViewTable.Column;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Tables like those of the views, which are filled beside them and then take their place. What is
 * written to them by a life that is over comes to nothing.
 */
final class RebuiltTables implements ViewReplay.Rows {

    /** What they are called besides the name of the view. */
    static final String SUFFIX = "_rebuilt";

    private static final String FORMER = "_former";

    private static final Pattern KEY = Pattern.compile("^(?:UNIQUE )?KEY (`[^`]+`)");

    /** Rows that one statement inserts. */
    private static final int ROWS_AT_ONCE = 1_000;

    private final EventLog log;
    private final JdbcTemplate jdbc;
    private final NamedParameterJdbcTemplate named;
    private final JdbcClient client;
    private final Author author;
    private final Map<ViewTable, List<@Nullable Object[]>> waiting = new EnumMap<>(ViewTable.class);

    /**
     * @param author the life that writes them
     */
    RebuiltTables(EventLog log, DataSource dataSource, Author author, Set<ViewTable> tables) {
        this.log = log;
        this.jdbc = new JdbcTemplate(dataSource);
        this.named = new NamedParameterJdbcTemplate(jdbc);
        this.client = JdbcClient.create(dataSource);
        this.author = author;
        tables.forEach(table -> waiting.put(table, new ArrayList<>(ROWS_AT_ONCE)));
    }

    /**
     * Makes them, empty, whatever an earlier replay has left. They have no keys but the primary one
     * until {@link #addKeys}: to sort them at the end is cheaper than to keep them sorted.
     */
    void create() {
        drop();
        for (ViewTable table : waiting.keySet()) {
            jdbc.execute("CREATE TABLE %1$s%2$s LIKE %1$s".formatted(table.tableName(), SUFFIX));
            alter(
                    table,
                    keys(table)
                            .map(KEY::matcher)
                            .filter(Matcher::find)
                            .map(key -> "DROP KEY " + key.group(1)));
        }
    }

    /** Gives them the keys that the views have. */
    void addKeys() {
        for (ViewTable table : waiting.keySet()) {
            alter(table, keys(table).map(key -> "ADD " + key));
        }
    }

    private void alter(ViewTable table, Stream<String> changes) {
        String all = changes.collect(Collectors.joining(", "));
        if (!all.isEmpty()) {
            jdbc.execute("ALTER TABLE %s%s %s".formatted(table.tableName(), SUFFIX, all));
        }
    }

    /** As the server writes them down, such as <code>KEY `name` (`column`)</code>. */
    private Stream<String> keys(ViewTable table) {
        return client.sql("SHOW CREATE TABLE " + table.tableName())
                .query((row, _) -> row.getString(2))
                .single()
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("KEY ") || line.startsWith("UNIQUE KEY "))
                .map(line -> line.replaceFirst(",$", ""));
    }

    void drop() {
        for (ViewTable table : ViewTable.values()) {
            for (String suffix : List.of(SUFFIX, FORMER)) {
                jdbc.execute("DROP TABLE IF EXISTS " + table.tableName() + suffix);
            }
        }
    }

    @Override
    public void add(ReplayedTable table, @Nullable Object[] row) {
        List<@Nullable Object[]> rows = rows(table.table());
        rows.add(row);
        if (rows.size() == ROWS_AT_ONCE) {
            write(table.table());
        }
    }

    @Override
    public void replaced(ReplayedTable table, @Nullable Object[] former) {
        // It is a row of its own, and was added as it is.
    }

    @Override
    public void changed(ReplayedTable table, RowChange change) {
        write(table.table());
        ViewRows rows = new ViewRows();
        rows.add(change, table.table().tableName() + SUFFIX);
        inOwnLife(() -> rows.writeTo(named));
    }

    /** Writes what has been added and waits for more. */
    void write() {
        waiting.keySet().forEach(this::write);
    }

    private List<@Nullable Object[]> rows(ViewTable table) {
        List<@Nullable Object[]> rows = waiting.get(table);
        if (rows == null) {
            throw new IllegalArgumentException(table + " is not rebuilt");
        }
        return rows;
    }

    private void write(ViewTable table) {
        List<@Nullable Object[]> rows = rows(table);
        if (rows.isEmpty()) {
            return;
        }
        List<Object[]> stored = rows.stream().map(RebuiltTables::stored).toList();
        inOwnLife(() -> jdbc.batchUpdate(insert(table), stored));
        rows.clear();
    }

    private static @Nullable Object[] stored(@Nullable Object[] row) {
        @Nullable Object[] stored = row.clone();
        for (int i = 0; i < stored.length; i++) {
            if (stored[i] instanceof Instant at) {
                stored[i] = UtcColumn.of(at);
            }
        }
        return stored;
    }

    private static String insert(ViewTable table) {
        return "INSERT INTO %s%s (%s) VALUES (%s)"
                .formatted(
                        table.tableName(),
                        SUFFIX,
                        table.columns().stream()
                                .map(Column::name)
                                .collect(Collectors.joining(", ")),
                        table.columns().stream().map(_ -> "?").collect(Collectors.joining(", ")));
    }

    /**
     * @throws ReplayFailedException if the life that writes them is over
     */
    void requireOwnLife() {
        inOwnLife(() -> {});
    }

    private void inOwnLife(Runnable work) {
        log.inTransaction(() -> {
            if (OwnLife.isOver(client, author)) {
                throw new ReplayFailedException(
                        "another replay has begun, or this one was taken for dead");
            }
            work.run();
        });
    }

    /** Puts them where the views are, all at once; the views as they were are no more. */
    void putInPlace() {
        jdbc.execute(
                waiting.keySet().stream()
                        .map(table ->
                                "%1$s TO %1$s%3$s, %1$s%2$s TO %1$s"
                                        .formatted(table.tableName(), SUFFIX, FORMER))
                        .collect(Collectors.joining(", ", "RENAME TABLE ", "")));
    }
}
