package io.buildledger.replaying;

import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.OwnLife;
import io.buildledger.viewing.RowChange;
import io.buildledger.viewing.ViewRows;
import io.buildledger.viewing.ViewTable;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.StatementCallback;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Tables like those of the views, which are filled beside them and then take their place. What is
 * written to them by a life that is over comes to nothing.
 */
final class RebuiltTables implements ViewReplay.Rows, AutoCloseable {

    /** What they are called besides the name of the view. */
    static final String SUFFIX = "_rebuilt";

    private static final String FORMER = "_former";

    private static final Pattern KEY = Pattern.compile("^(?:UNIQUE )?KEY (`[^`]+`)");

    /** How long the texts of the rows may be that are written at once: servers limit that. */
    private static final int CHARS_AT_ONCE = 1_000_000;

    private static final int WRITES_AHEAD = 6;

    /**
     * While the server writes for one, the next makes its statement; and the server takes one core
     * for the keys of a table.
     */
    private static final int WRITERS = 2;

    private static final String SHORT_WAIT = "SET SESSION lock_wait_timeout = 2";

    private final EventLog log;
    private final JdbcTemplate jdbc;
    private final JdbcTemplate definitions;
    private final NamedParameterJdbcTemplate named;
    private final JdbcClient client;
    private final Path directory;
    private final Author author;
    private final Map<ViewTable, Waiting> waiting = new EnumMap<>(ViewTable.class);

    /** By which every server takes rows, until it is known that this one takes more. */
    private RowWriter rowWriter;

    private final ExecutorService writer =
            Executors.newFixedThreadPool(
                    WRITERS, Thread.ofPlatform().name("write-rebuilt-", 1).daemon().factory());

    /** The last that is written of each table, which the next of that table waits for. */
    private final Map<ViewTable, CompletableFuture<Void>> last = new EnumMap<>(ViewTable.class);

    private final Deque<CompletableFuture<Void>> writing = new ArrayDeque<>();

    /** Rows of a table that are to be inserted together. */
    private final class Waiting {
        private List<@Nullable Object[]> rows = new ArrayList<>();
        private int chars;

        void add(@Nullable Object[] row) {
            rows.add(row);
            for (Object value : row) {
                chars += value instanceof String text ? text.length() : 0;
            }
        }

        boolean isFull() {
            return rows.size() == rowWriter.rowsAtOnce() || chars >= CHARS_AT_ONCE;
        }

        List<@Nullable Object[]> take() {
            List<@Nullable Object[]> taken = rows;
            rows = new ArrayList<>();
            chars = 0;
            return taken;
        }
    }

    /**
     * @param dataSource connections that {@linkplain io.buildledger.database.Database#poolToLoad
     *     may load}
     * @param definitions other connections, for what may take long
     * @param author the life that writes them
     */
    RebuiltTables(
            EventLog log,
            DataSource dataSource,
            DataSource definitions,
            Path directory,
            Author author,
            Set<ViewTable> tables) {
        this.log = log;
        this.jdbc = new JdbcTemplate(dataSource);
        this.definitions = new JdbcTemplate(definitions);
        this.named = new NamedParameterJdbcTemplate(jdbc);
        this.client = JdbcClient.create(dataSource);
        this.directory = directory;
        this.author = author;
        this.rowWriter = new InsertedRows(jdbc);
        tables.forEach(table -> waiting.put(table, new Waiting()));
    }

    /**
     * Makes them, empty, whatever an earlier replay has left. They have no keys but the primary one
     * until {@link #addKeys}: to sort them at the end is cheaper than to keep them sorted.
     */
    void create() {
        inOwnLife(this::drop);
        for (ViewTable table : waiting.keySet()) {
            definitions.execute(
                    "CREATE TABLE %1$s%2$s LIKE %1$s".formatted(table.tableName(), SUFFIX));
            alter(
                    table,
                    keys(table)
                            .map(KEY::matcher)
                            .filter(Matcher::find)
                            .map(key -> "DROP KEY " + key.group(1)));
        }
        ViewTable any = waiting.keySet().iterator().next();
        if (LoadedRows.areTaken(jdbc, directory, any.tableName() + SUFFIX, any)) {
            rowWriter = new LoadedRows(jdbc, directory);
        }
    }

    /** Gives them the keys that the views have. */
    void addKeys() {
        for (ViewTable table : waiting.keySet()) {
            writing.add(
                    CompletableFuture.runAsync(
                            () -> {
                                requireOwnLife();
                                alter(table, keys(table).map(key -> "ADD " + key));
                            },
                            writer));
        }
        finish(0);
    }

    private void alter(ViewTable table, Stream<String> changes) {
        String all = changes.collect(Collectors.joining(", "));
        if (!all.isEmpty()) {
            definitions.execute("ALTER TABLE %s%s %s".formatted(table.tableName(), SUFFIX, all));
        }
    }

    /** As the server writes them down, such as <code>KEY `name` (`column`)</code>. */
    private Stream<String> keys(ViewTable table) {
        return parts(table.tableName())
                .filter(line -> line.startsWith("KEY ") || line.startsWith("UNIQUE KEY "));
    }

    /** The columns and keys of a table, as the server writes them down. */
    private Stream<String> parts(String table) {
        return client.sql("SHOW CREATE TABLE " + table)
                .query((row, _) -> row.getString(2))
                .single()
                .lines()
                .map(line -> line.strip().replaceFirst(",$", ""))
                .filter(line -> !line.startsWith("CREATE TABLE") && !line.startsWith(")"));
    }

    /** A newer program may have migrated the views since. */
    private void requireLikeView(ViewTable table) {
        Set<String> view = parts(table.tableName()).collect(Collectors.toSet());
        Set<String> rebuilt = parts(table.tableName() + SUFFIX).collect(Collectors.toSet());
        if (!view.equals(rebuilt)) {
            throw new ReplayFailedException(
                    "%s has been changed meanwhile by a newer program: replay by that one"
                            .formatted(table.tableName()));
        }
    }

    private void drop() {
        for (ViewTable table : ViewTable.values()) {
            for (String suffix : List.of(SUFFIX, FORMER)) {
                definitions.execute("DROP TABLE IF EXISTS " + table.tableName() + suffix);
            }
        }
    }

    @Override
    public void add(ReplayedTable table, @Nullable Object[] row) {
        Waiting rows = waiting(table.table());
        rows.add(row);
        if (rows.isFull()) {
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
        behind(table.table(), () -> rows.writeTo(named));
    }

    /** Writes what has been added and waits for more; all of it is written at the end of this. */
    void write() {
        waiting.keySet().forEach(this::write);
        finish(0);
    }

    private Waiting waiting(ViewTable table) {
        Waiting rows = waiting.get(table);
        if (rows == null) {
            throw new IllegalArgumentException(table + " is not rebuilt");
        }
        return rows;
    }

    private void write(ViewTable table) {
        List<@Nullable Object[]> rows = waiting(table).take();
        if (!rows.isEmpty()) {
            behind(table, () -> rowWriter.write(table.tableName() + SUFFIX, table, rows));
        }
    }

    /** Does it while the next rows are being made; what concerns one table in order. */
    private void behind(ViewTable table, Runnable work) {
        finish(WRITES_AHEAD);
        CompletableFuture<Void> next =
                last.getOrDefault(table, CompletableFuture.completedFuture(null))
                        .thenRunAsync(() -> inOwnLife(work), writer);
        last.put(table, next);
        writing.add(next);
    }

    private void finish(int remaining) {
        while (writing.size() > remaining) {
            try {
                writing.remove().join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException failure ? failure : e;
            }
        }
    }

    /**
     * @throws ReplayFailedException if the life that writes them is over
     */
    void requireOwnLife() {
        inOwnLife(() -> {});
    }

    private void inOwnLife(Runnable work) {
        if (!ifOwnLife(work)) {
            throw new ReplayFailedException(
                    "another replay has begun, or this one was taken for dead");
        }
    }

    /**
     * Does it unless the life that writes them is over, which it is not before it is done. What
     * changes tables goes by another connection, or it would end the transaction that holds the
     * life.
     *
     * @return false if it is over
     */
    boolean ifOwnLife(Runnable work) {
        return log.inTransaction(() -> {
            boolean lives = !OwnLife.isOver(client, author);
            if (lives) {
                work.run();
            }
            return lives;
        });
    }

    /**
     * Puts them where the views are, all at once; the views as they were are no more. All who want
     * to read the views wait meanwhile, so it does not wait long for those who are reading.
     *
     * @return false if somebody was reading: nothing has changed
     * @throws ReplayFailedException if the life that writes them is over, or the views have other
     *     columns or keys than when they were created
     */
    boolean putInPlace() {
        waiting.keySet().forEach(this::requireLikeView);
        String renaming =
                waiting.keySet().stream()
                        .map(table ->
                                "%1$s TO %1$s%3$s, %1$s%2$s TO %1$s"
                                        .formatted(table.tableName(), SUFFIX, FORMER))
                        .collect(Collectors.joining(", ", "RENAME TABLE ", ""));
        try {
            inOwnLife(() ->
                    definitions.execute(
                            (StatementCallback<Boolean>)
                                    statement -> {
                                        // Nobody keeps this connection, nor what is set there.
                                        statement.execute(SHORT_WAIT);
                                        return statement.execute(renaming);
                                    }));
            return true;
        } catch (ConcurrencyFailureException e) {
            return false;
        }
    }

    /**
     * Drops them, unless they have taken their place, or the life that writes them is over: then
     * they are the next one's. What waits is not written.
     */
    @Override
    public void close() {
        writer.shutdownNow();
        writer.close();
        boolean _ = ifOwnLife(this::drop);
    }
}
