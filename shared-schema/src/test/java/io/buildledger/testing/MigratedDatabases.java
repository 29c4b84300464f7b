package io.buildledger.testing;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/**
 * Databases with this program's schema and nothing in it. Migrating takes longer than most tests
 * do, so a test gets what another one has given back, made as it was before: each table that is not
 * empty is made anew and filled with what the migrations have put into it. A database that somebody
 * still uses, or whose tables have other columns than they should, is dropped.
 */
final class MigratedDatabases {

    private static final Queue<Database> READY = new ConcurrentLinkedQueue<>();

    private MigratedDatabases() {}

    static Database take() {
        Database ready = READY.poll();
        return ready == null ? migrated() : ready;
    }

    /** Lets another test have it; who gives it back uses it no longer. */
    static void giveBack(Database database) {
        if (Template.INSTANCE.makesAnew(database)) {
            READY.add(database);
        } else {
            TestDatabase.drop(database);
        }
    }

    private static Database migrated() {
        Database database = TestDatabase.fresh();
        if (TestDatabase.isLasting()) {
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> TestDatabase.drop(database), "drop"));
        }
        try (HikariDataSource _ = database.open("migration", 1)) {
            return database;
        }
    }

    /** A database that no test has had. */
    private static final class Template {

        static final Template INSTANCE = new Template();

        private final Database database = migrated();
        private final String name;
        private final List<String> tables;
        private final List<String> filledByMigrations;

        private Template() {
            try (Connection connection = connect(database);
                    Statement statement = connection.createStatement()) {
                tables =
                        names(
                                statement,
                                """
                                SELECT table_name FROM information_schema.tables
                                 WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'
                                """);
                filledByMigrations = filled(statement);
                name = connection.getCatalog();
            } catch (SQLException e) {
                throw new IllegalStateException("can't read the tables of " + database, e);
            }
        }

        /** Whether the database is like this one now. */
        boolean makesAnew(Database used) {
            try (Connection connection = connect(used);
                    Statement statement = connection.createStatement()) {
                if (isInUse(statement)
                        || !columns(statement, connection.getCatalog())
                                .equals(columns(statement, name))) {
                    return false;
                }
                statement.execute("SET foreign_key_checks = 0");
                for (String table : filled(statement)) {
                    statement.execute("TRUNCATE TABLE " + table);
                }
                for (String table : filledByMigrations) {
                    statement.execute(
                            "INSERT INTO %2$s SELECT * FROM %1$s.%2$s".formatted(name, table));
                }
                return true;
            } catch (SQLException e) {
                throw new IllegalStateException("can't empty " + used, e);
            }
        }

        private static boolean isInUse(Statement statement) throws SQLException {
            return !names(
                            statement,
                            """
                            SELECT id FROM information_schema.processlist
                             WHERE db = DATABASE() AND id <> CONNECTION_ID()
                            """)
                    .isEmpty();
        }

        private static List<String> columns(Statement statement, String schema)
                throws SQLException {
            return names(
                    statement,
                    """
                    SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable, column_default, extra)
                      FROM information_schema.columns
                     WHERE table_schema = '%s'
                     ORDER BY table_name, ordinal_position
                    """
                            .formatted(schema));
        }

        private List<String> filled(Statement statement) throws SQLException {
            return names(
                    statement,
                    tables.stream()
                            .map("(SELECT '%1$s' FROM %1$s LIMIT 1)"::formatted)
                            .collect(Collectors.joining(" UNION ALL ")));
        }

        private static List<String> names(Statement statement, String query) throws SQLException {
            List<String> names = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(query)) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            return names;
        }

        private static Connection connect(Database to) throws SQLException {
            return DriverManager.getConnection(to.url(), to.user(), to.password());
        }
    }
}
