package io.buildledger.viewing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import io.buildledger.domain.acting.Actor;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.RebuiltFrom;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerDisabled;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.log.Streams;
import io.buildledger.testing.TestDatabase;
import io.buildledger.verifying.Verification;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** Masters of programs whose views were other tables, when one comes that has the present ones. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class FormerProgramTest {

    private static final String NOBODY = "free for whoever takes it";
    private static final Author SCHEDULER = new Author("s", 1);

    /** The migration that made the archive's tables. */
    private static final int ARCHIVE = 21;

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
        // The former program is this one's classes, which ask what is in the archive.
        if (Integer.parseInt(schema) < ARCHIVE) {
            jdbc.sql("CREATE TABLE archive_segment (first_index BIGINT, last_index BIGINT)")
                    .update();
        }
    }

    private void migrate(String former) {
        if (Integer.parseInt(former) < ARCHIVE) {
            jdbc.sql("DROP TABLE archive_segment").update();
        }
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
        return follow(name, master, new ViewProjector(dataSource));
    }

    /** As the former programs do it, which know nothing of the tables that came last. */
    private Follower followAsTheFormerProgram(String name, String master) {
        return follow(
                name,
                master,
                new ViewProjector(
                        dataSource,
                        EnumSet.complementOf(
                                EnumSet.of(ViewTable.ACTIONS, ViewTable.CHANGE_BUILDSETS))));
    }

    private Follower follow(String name, String master, ViewProjector views) {
        return Follower.of(
                        name,
                        Follower.Start.FIRST_EVENT,
                        log,
                        dataSource,
                        new Author(master, 1),
                        views)
                .start();
    }

    private void awaitAll(Follower follower, String name) {
        long head = new Views(jdbc).headOfLog();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> follower.position(name).orElse(-1) >= head);
    }

    @ParameterizedTest
    @CsvSource({"6, views", "8, views-2", "17, views-3", "22, views-4"})
    void neither_one_that_goes_on_nor_one_that_was_just_started_writes_the_views_any_more(
            String schema, String formerFollower) {
        migrateAsTheFormerProgram(schema);
        change(1);
        try (Follower goesOn = followAsTheFormerProgram(formerFollower, "former")) {
            awaitAll(goesOn, formerFollower);

            migrate(schema);
            change(2);
            try (Follower started = followAsTheFormerProgram(formerFollower, "another");
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

    /** Of each kind of event one, whose rows in the new tables are then what a replay makes. */
    @Test
    void what_the_former_program_has_read_is_filled_into_the_new_tables_and_nothing_twice()
            throws InterruptedException {
        migrateAsTheFormerProgram("17");
        change(1);
        log.inTransaction(() -> log.append(SCHEDULER, null, actions()));
        try (Follower former = followAsTheFormerProgram("views-3", "former")) {
            awaitAll(former, "views-3");
        }
        // Not read yet.
        change(2);

        migrate("17");
        try (Follower present = follow(ViewProjector.FOLLOWER, "present")) {
            awaitAll(present, ViewProjector.FOLLOWER);
        }

        assertThat(jdbc.sql("SELECT COUNT(*) FROM action_view").query(Long.class).single())
                .isEqualTo(2 + actions().stream().filter(it -> hasActor(it.event())).count());
        assertThat(
                        jdbc.sql("SELECT change_id, buildset_id FROM change_buildset_view")
                                .query((row, _) -> row.getLong(1) + " in " + row.getLong(2))
                                .list())
                .containsExactlyInAnyOrder("1 in 7", "2 in 7", "3 in 7");
        assertThat(Verification.of(database).violations())
                .filteredOn(it -> it.what().contains("_view "))
                .isEmpty();
    }

    private static boolean hasActor(Object event) {
        return Actor.of(event).isPresent();
    }

    private static List<Entry> actions() {
        return List.of(
                new Entry(
                        "scheduler-command/main",
                        0,
                        new SchedulerSwitched("main", false, "ann", "why")),
                new Entry(
                        "scheduler-command/main",
                        1,
                        new BuildTriggered(
                                "main",
                                List.of(),
                                Map.of(),
                                true,
                                new ParentBuild("lin/ux", 12, "Triggered from"),
                                null,
                                null)),
                new Entry(
                        "scheduler-command/main",
                        2,
                        new BuildTriggered("main", List.of(), Map.of(), true, null, null, null)),
                new Entry("scheduler/main", 0, new SchedulerDisabled("main", "ann", "why")),
                new Entry("build-request/1", 0, new BuildRequestCancelled(1, "a \"ü\"", "why")),
                new Entry("build-request/2", 0, new BuildRequestPriorityChanged(2, 3, "bob")),
                new Entry("build-request/3", 0, new BuildRequestReleased(3, 1, "s", "lost", null)),
                new Entry("build-request/3", 1, new BuildRequestReleased(3, 2, "s", "", "cho")),
                new Entry("worker/w", 0, new WorkerPaused("w", "why", "dee")),
                new Entry("master/b", 0, new MasterDrained("b", 1, true, "eli")),
                new Entry("buildset/7", 0, buildset(List.of(3L, 1L, 2L))));
    }

    private static BuildsetSubmitted buildset(List<Long> changes) {
        return new BuildsetSubmitted(
                7,
                "main",
                1,
                "why",
                List.of(new SourceStamp("r", "main", "abc", "", "")),
                changes,
                Map.of(),
                Map.of("linux", 1L),
                Instant.parse("2026-01-01T12:00:00Z"),
                false,
                null,
                null,
                new RebuiltFrom(6, null, null, "fay"));
    }

    private List<String> ownersOf(String follower) {
        return jdbc.sql("SELECT COALESCE(owner, :nobody) FROM token WHERE processor_name = :name")
                .param("nobody", NOBODY)
                .param("name", follower)
                .query(String.class)
                .list();
    }
}
