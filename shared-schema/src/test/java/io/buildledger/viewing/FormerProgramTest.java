package io.buildledger.viewing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.log.Streams;
import io.buildledger.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** Masters of programs that lacked a table of the present views, when one comes that has it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class FormerProgramTest {

    private static final String NOBODY = "free for whoever takes it";
    private static final Author SCHEDULER = new Author("s", 1);

    private final Database database = TestDatabase.fresh();
    private final HikariDataSource dataSource = database.pool("test", 10);
    private final JdbcClient jdbc = JdbcClient.create(dataSource);
    private final EventLog log =
            new EventLog(dataSource, new JdbcTransactionManager(dataSource), Duration.ofMillis(20));

    @AfterEach
    void close() {
        log.close();
        dataSource.close();
        TestDatabase.drop(database);
    }

    private void migrateAsTheFormerProgram(String schema) {
        Flyway.configure()
                .dataSource(database.url(), database.user(), database.password())
                .target(schema)
                .load()
                .migrate();
    }

    private void migrate() {
        database.open("present", 1).close();
    }

    private void change(long id) {
        ChangeReceived change =
                new ChangeReceived(
                        id,
                        "r",
                        "main",
                        "abc",
                        "",
                        "",
                        null,
                        "ann",
                        "Mend it",
                        List.of(),
                        null,
                        Instant.EPOCH,
                        Map.of(),
                        "base");
        log.inTransaction(() ->
                log.append(SCHEDULER, null, List.of(new Entry(Streams.change(id), 0, change))));
    }

    private Follower follow(String name, String master) {
        return Follower.of(
                        name,
                        Follower.Start.FIRST_EVENT,
                        log,
                        dataSource,
                        new Author(master, 1),
                        new ViewProjector(dataSource))
                .start();
    }

    private void awaitAll(Follower follower, String name) {
        long head = new Views(jdbc).headOfLog();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> follower.position(name).orElse(-1) >= head);
    }

    @ParameterizedTest
    @CsvSource({"6, views", "8, views-2"})
    void neither_one_that_goes_on_nor_one_that_was_just_started_writes_the_views_any_more(
            String schema, String formerFollower) {
        migrateAsTheFormerProgram(schema);
        change(1);
        try (Follower goesOn = follow(formerFollower, "former")) {
            awaitAll(goesOn, formerFollower);

            migrate();
            change(2);
            try (Follower started = follow(formerFollower, "another");
                    Follower present = follow(ViewProjector.FOLLOWER, "present")) {
                awaitAll(present, ViewProjector.FOLLOWER);
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> goesOn.position(formerFollower).isEmpty());

                assertThat(started.position(formerFollower)).isEmpty();
                // Nor will either of them have it later.
                assertThat(ownersOf(formerFollower))
                        .doesNotContain(NOBODY, "former#1", "another#1");
                assertThat(ownersOf(ViewProjector.FOLLOWER)).containsExactly("present#1");
                assertThat(new Views(jdbc).changes(10))
                        .extracting(Views.Change::changeId)
                        .containsExactly(2L, 1L);
            }
        }
    }

    private List<String> ownersOf(String follower) {
        return jdbc.sql("SELECT COALESCE(owner, :nobody) FROM token WHERE processor_name = :name")
                .param("nobody", NOBODY)
                .param("name", follower)
                .query(String.class)
                .list();
    }
}
