package io.buildledger.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.testing.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Which programs may work with a schema that another one's migrations have made. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class CompatibilityTest {

    private static final Path MIGRATIONS = Path.of("src", "main", "resources", "db", "migration");

    /** The newest migration of this program. */
    private static final int OWN = migrations().getLast();

    private final Database database = TestDatabase.fresh();

    @AfterEach
    void drop() {
        TestDatabase.drop(database);
    }

    private static List<Integer> migrations() {
        try (Stream<Path> files = Files.list(MIGRATIONS)) {
            return files.map(file -> file.getFileName().toString())
                    .map(name -> Integer.valueOf(name.substring(1, name.indexOf("__"))))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void sql(String statement, Object... values) {
        try (HikariDataSource pool = database.pool("test", 1)) {
            JdbcClient.create(pool).sql(statement).params(values).update();
        }
    }

    /**
     * Has a newer program's migration been.
     *
     * @param oldest what it says of older programs, or null if it says nothing
     */
    private void migrateAsANewerProgram(int version, @Nullable Integer oldest) {
        sql(
                """
                INSERT INTO flyway_schema_history
                       (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
                VALUES (?, ?, 'from the future', 'SQL', 'V__x.sql', 1, 'x', 1, TRUE)
                """,
                version,
                String.valueOf(version));
        if (oldest != null) {
            sql(
                    "INSERT INTO schema_compatibility (version, oldest) VALUES (?, ?)",
                    version,
                    oldest);
        }
    }

    private void liveMaster(String until) {
        sql(
                """
                INSERT INTO master (name, epoch, role, state, host, pid, lease_micros, started_at, leased_until)
                VALUES ('b1', 1, 'builder', 'live', 'host', 1, 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL %s)
                """
                        .formatted(until));
    }

    @Test
    void a_newer_schema_is_worked_with_if_each_of_its_migrations_says_so() {
        database.open("test", 1).close();
        migrateAsANewerProgram(1000, OWN);
        migrateAsANewerProgram(1001, OWN - 1);

        assertThatCode(() -> database.open("test", 1).close()).doesNotThrowAnyException();
        assertThatCode(() -> database.openToRead().close()).doesNotThrowAnyException();
    }

    @Test
    void a_newer_schema_of_which_one_migration_is_not_for_this_program_is_refused() {
        database.open("test", 1).close();
        migrateAsANewerProgram(1000, 1000);
        migrateAsANewerProgram(1001, OWN);

        refused();
    }

    @Test
    void a_newer_schema_of_which_one_migration_says_nothing_is_refused() {
        database.open("test", 1).close();
        migrateAsANewerProgram(1000, OWN);
        migrateAsANewerProgram(1001, null);

        refused();
    }

    private void refused() {
        assertThatThrownBy(() -> database.open("test", 1))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("version 1001")
                .hasMessageContaining("newer than this program and not made for it");
        assertThatThrownBy(database::openToRead)
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("newer than this program");
    }

    @Test
    void a_schema_is_not_taken_away_from_masters_that_live_and_can_t_work_with_the_next() {
        Flyway.configure()
                .dataSource(database.url(), database.user(), database.password())
                .target("5")
                .load()
                .migrate();
        liveMaster("1 HOUR");

        assertThatThrownBy(() -> database.open("test", 1))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessage(
                        "db_url: this program needs version 20 of the schema, with which the program of b1 can't work: stop these masters first, or wait until their leases have ended");

        sql("DELETE FROM master");
        liveMaster("-1 SECOND");
        assertThatCode(() -> database.open("test", 1).close()).doesNotThrowAnyException();
    }

    @Test
    void masters_go_on_while_a_schema_that_they_can_work_with_is_made() {
        Flyway.configure()
                .dataSource(database.url(), database.user(), database.password())
                .target("6")
                .load()
                .migrate();
        liveMaster("1 HOUR");

        assertThatCode(() -> database.open("test", 1).close()).doesNotThrowAnyException();
    }

    /** What is not said can't be found out later. */
    @Test
    void an_older_schema_is_read_by_who_needs_no_more_and_stays_as_it_is() {
        Flyway.configure()
                .dataSource(database.url(), database.user(), database.password())
                .target("17")
                .load()
                .migrate();

        assertThatCode(() -> database.openToRead(17).close()).doesNotThrowAnyException();
        assertThatThrownBy(() -> database.openToRead(18))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("has version 17, which is older than this program");
        assertThatThrownBy(database::openToRead).isInstanceOf(UnusableDatabaseException.class);
    }

    @Test
    void every_migration_says_which_older_programs_can_go_on() throws IOException {
        for (int version : migrations()) {
            if (version >= Compatibility.FIRST_THAT_SAYS) {
                assertThat(Compatibility.oldest(version, text(version)))
                        .as(
                                "V%d: INSERT INTO schema_compatibility (version, oldest) VALUES (%d, …);"
                                        .formatted(version, version))
                        .isPresent();
            }
        }
    }

    private static String text(int version) throws IOException {
        try (Stream<Path> files = Files.list(MIGRATIONS)) {
            return Files.readString(
                    files.filter(it -> it.getFileName().toString().startsWith("V" + version + "__"))
                            .findFirst()
                            .orElseThrow());
        }
    }
}
