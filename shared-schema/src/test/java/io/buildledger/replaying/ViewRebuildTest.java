package io.buildledger.replaying;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.buildledger.artifacts.ArtifactPath;
import io.buildledger.artifacts.KeptArtifact;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.log.Follower;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import io.buildledger.viewing.ViewProjector;
import io.buildledger.viewing.ViewTable;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ViewRebuildTest {

    private static final Set<ViewTable> ALL = EnumSet.allOf(ViewTable.class);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private Author s1;
    private Author b1;

    @BeforeEach
    void masters() {
        s1 = master("s1", "scheduler");
        b1 = master("b1", "builder");
    }

    @AfterEach
    void close() {
        test.close();
    }

    private Author master(String name, String role) {
        return registry.register(
                new Registration(name, role, "host", 1, Duration.ofMinutes(1), Map.of(), null));
    }

    /** Builds that have ended, one that runs, and a request that waits. */
    private void builds() {
        for (int i = 0; i < 5; i++) {
            long change = story.change("ann", "abc" + i, "Mend it " + i);
            story.fire(List.of(change), "abc" + i, "linux", "mac");
            story.build(b1, "linux", i % 2 == 0 ? Results.SUCCESS : Results.FAILURE);
        }
        Won won = story.claim(b1, "mac");
        story.start(b1, won);
        story.startStep(b1, won, 1, "test");
        story.store(
                b1,
                won,
                1,
                1,
                new KeptArtifact(new ArtifactPath("a.txt"), 3, "f00d", "disk", "mac/a.txt"));
    }

    private void age() {
        test.jdbc.sql("UPDATE event SET recorded_at = recorded_at - INTERVAL 5 MINUTE").update();
    }

    private Follower views() {
        return Follower.of(
                ViewProjector.FOLLOWER,
                Follower.Start.FIRST_EVENT,
                test.log,
                test.dataSource,
                s1,
                new ViewProjector(test.dataSource));
    }

    private void awaitAll(Follower follower) {
        long head = test.log.head();
        await().until(() -> follower.position(ViewProjector.FOLLOWER).orElse(-1) >= head);
    }

    private Map<ViewTable, List<Map<String, Object>>> rows() {
        Map<ViewTable, List<Map<String, Object>>> rows = new EnumMap<>(ViewTable.class);
        for (ViewTable table : ViewTable.values()) {
            rows.put(table, rows(table));
        }
        return rows;
    }

    private List<Map<String, Object>> rows(ViewTable table) {
        return test.jdbc
                .sql(
                        "SELECT * FROM %s ORDER BY %s"
                                .formatted(
                                        table.tableName(),
                                        table.key().stream()
                                                .map(ViewTable.Column::name)
                                                .collect(Collectors.joining(", "))))
                .query()
                .listOfRows();
    }

    private void rebuild(Set<ViewTable> views) throws InterruptedException {
        rebuild(views, ReplayProgress.NONE);
    }

    /**
     * @param meanwhile is run while the old part of the log is being replayed
     */
    private void rebuild(Set<ViewTable> views, ReplayProgress meanwhile)
            throws InterruptedException {
        ViewRebuild.of(test.database, views, "host", meanwhile);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void views_are_made_anew_as_they_were_while_a_master_goes_on(boolean isOld) throws Exception {
        builds();
        if (isOld) {
            age();
        }
        try (Follower views = views().start()) {
            awaitAll(views);
            builds();
            awaitAll(views);
            Map<ViewTable, List<Map<String, Object>>> before = rows();
            test.jdbc.sql("UPDATE build_view SET results = 'WARNINGS'").update();
            test.jdbc.sql("DELETE FROM change_view WHERE change_id = 2").update();
            test.jdbc
                    .sql("UPDATE build_view SET worker = 'other' WHERE finished_at IS NULL")
                    .update();

            rebuild(ALL);

            awaitAll(views);
            assertThat(rows()).isEqualTo(before);
            builds();
            awaitAll(views);
            assertThat(rows(ViewTable.CHANGES)).hasSize(15);
        }
        assertThat(test.jdbc.sql("SHOW TABLES LIKE '%\\_rebuilt'").query().listOfRows()).isEmpty();
        assertThat(test.jdbc.sql("SHOW TABLES LIKE '%\\_former'").query().listOfRows()).isEmpty();
        assertThat(test.count("SELECT COUNT(*) FROM token WHERE processor_name LIKE '%rebuilt'"))
                .isZero();
    }

    @ParameterizedTest
    @EnumSource(ViewTable.class)
    void one_view_is_made_anew_and_the_others_stay_as_they_are(ViewTable table) throws Exception {
        builds();
        age();
        story.project();
        Map<ViewTable, List<Map<String, Object>>> before = rows();
        for (ViewTable each : ViewTable.values()) {
            test.jdbc.sql("DELETE FROM " + each.tableName()).update();
        }

        rebuild(EnumSet.of(table));

        for (ViewTable each : ViewTable.values()) {
            assertThat(rows(each)).isEqualTo(each == table ? before.get(each) : List.of());
        }
    }

    @Test
    void nothing_is_missed_or_written_twice_while_masters_write() throws Exception {
        builds();
        age();
        AtomicBoolean isOver = new AtomicBoolean();
        try (Follower views = views().start()) {
            Thread writer =
                    Thread.startVirtualThread(() -> {
                        while (!isOver.get()) {
                            builds();
                        }
                    });
            for (int i = 0; i < 5; i++) {
                rebuild(ALL);
            }
            isOver.set(true);
            writer.join();
            awaitAll(views);
        }
        assertThatRowsAreAsProjectedAnew();
    }

    @Test
    void there_is_one_replay_at_a_time() {
        master("replay", "replay");

        assertThatThrownBy(() -> rebuild(ALL))
                .isInstanceOf(ReplayFailedException.class)
                .hasMessage(
                        "a replay is going on, on host as process 1: let it end; one that was killed is forgotten after 30 s");
    }

    @Test
    void an_event_that_can_t_be_read_is_named_and_the_views_stay_as_they_are() {
        builds();
        age();
        story.project();
        Map<ViewTable, List<Map<String, Object>>> before = rows();
        test.jdbc.sql("UPDATE event SET payload = '[' WHERE stream = 'change/3'").update();

        assertThatThrownBy(() -> rebuild(ALL))
                .isInstanceOf(ReplayFailedException.class)
                .hasMessageStartingWith("change/3@0 can't be read: ");

        assertThat(rows()).isEqualTo(before);
        assertThat(test.count("SELECT COUNT(*) FROM token WHERE owner IS NOT NULL")).isZero();
    }

    private void assertThatRowsAreAsProjectedAnew() {
        Map<ViewTable, List<Map<String, Object>>> rebuilt = rows();
        new ViewProjector(test.dataSource).clear();
        test.jdbc.sql("DELETE FROM token").update();
        story.project();
        assertThat(rebuilt).isEqualTo(rows());
    }

    @ParameterizedTest
    @EnumSource(
            value = ViewTable.class,
            names = {"CHANGES", "REQUESTS"})
    void a_row_at_which_the_views_own_reader_stands_still_is_no_obstacle(ViewTable table)
            throws Exception {
        builds();
        age();
        story.project();
        builds();
        // There is no event of it yet that the reader has seen.
        String others =
                ViewTable.CHANGES.columns().stream()
                        .map(ViewTable.Column::name)
                        .filter(name -> !name.equals("change_id"))
                        .collect(Collectors.joining(", "));
        test.jdbc
                .sql(
                        "INSERT INTO change_view (change_id, %1$s) SELECT 6, %1$s FROM change_view WHERE change_id = 1"
                                .formatted(others))
                .update();

        rebuild(EnumSet.of(table));

        assertThatRowsAreAsProjectedAnew();
    }

    @Test
    void a_replay_ends_where_the_log_can_t_be_followed_and_the_views_stay_as_they_are() {
        builds();
        age();
        story.project();
        builds();
        story.project();
        Map<ViewTable, List<Map<String, Object>>> before = rows();
        test.jdbc.sql("UPDATE event SET payload = '[' WHERE stream = 'change/6'").update();

        assertThatThrownBy(() ->
                        ViewRebuild.of(
                                test.database,
                                ALL,
                                "host",
                                ReplayProgress.NONE,
                                Duration.ofSeconds(1)))
                .isInstanceOf(ReplayFailedException.class)
                .hasMessageContaining(" has not got beyond event ")
                .hasMessageContaining(": Cannot deserialize value")
                .hasMessageEndingWith("; the views are as they were");

        assertThat(rows()).isEqualTo(before);
    }

    @Test
    void views_that_somebody_reads_are_replaced_when_he_has_read_them() throws Exception {
        builds();
        age();
        story.project();
        Map<ViewTable, List<Map<String, Object>>> before = rows();
        test.jdbc.sql("UPDATE change_view SET author = 'other'").update();
        Thread replay;
        CompletableFuture<Void> replayed = new CompletableFuture<>();
        try (Connection reader = test.dataSource.getConnection();
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.executeQuery("SELECT * FROM change_view").close();
            replay =
                    Thread.startVirtualThread(() -> {
                        try {
                            rebuild(ALL);
                            replayed.complete(null);
                        } catch (InterruptedException | RuntimeException e) {
                            replayed.completeExceptionally(e);
                        }
                    });
            // It waits, and then others read the views again.
            await().until(() -> renamings() == 1);
            await().until(() -> renamings() == 0);
            assertThat(replayed).isNotDone();
            reader.rollback();
            reader.setAutoCommit(true);
        }
        replayed.join();
        replay.join();
        assertThat(rows()).isEqualTo(before);
    }

    private long renamings() {
        return test.count(
                "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'RENAME TABLE%'");
    }

    @Test
    void a_replay_whose_life_is_over_leaves_everything_to_the_next() throws Exception {
        builds();
        age();
        story.project();
        Map<ViewTable, List<Map<String, Object>>> before = rows();

        assertThatThrownBy(() ->
                        rebuild(
                                ALL,
                                (_, _) ->
                                        test.jdbc
                                                .sql(
                                                        "UPDATE master SET epoch = epoch + 1 WHERE name = 'replay'")
                                                .update()))
                .isInstanceOf(ReplayFailedException.class)
                .hasMessage("another replay has begun, or this one was taken for dead");

        assertThat(test.jdbc.sql("SHOW TABLES LIKE '%\\_rebuilt'").query().listOfRows())
                .hasSize(ALL.size());
        assertThat(rows()).isEqualTo(before);
    }

    /** Of a number that nobody has: the views' own reader waits for it, its like gives it up. */
    @Test
    void a_number_that_was_lost_is_no_obstacle() throws Exception {
        builds();
        test.transactionTemplate()
                .executeWithoutResult(transaction -> {
                    test.insertRaw("master/lost");
                    transaction.setRollbackOnly();
                });
        builds();
        story.project();
        age();
        long old = test.log.head();
        // So many that the replay's reader reads some of them before it takes the views' own along.
        for (int i = 0; i < 12; i++) {
            builds();
        }
        story.project();
        assertThat(ViewProjector.position(test.jdbc).gaps()).hasSize(1);
        test.jdbc.sql("DELETE FROM build_view").update();

        // The first of what was young when the old part ended is old when it is read.
        rebuild(
                ALL,
                (_, _) ->
                        test.jdbc
                                .sql(
                                        """
                                        UPDATE event SET recorded_at = recorded_at - INTERVAL 5 MINUTE
                                         WHERE recorded_at > UTC_TIMESTAMP(6) - INTERVAL 4 MINUTE
                                           AND global_index <= :last
                                        """)
                                .param("last", old + 100)
                                .update());

        assertThatRowsAreAsProjectedAnew();
    }

    @Test
    void views_that_are_migrated_meanwhile_keep_what_they_have_been_given() {
        builds();
        age();
        story.project();
        AtomicBoolean isMigrated = new AtomicBoolean();
        try {
            assertThatThrownBy(() ->
                            rebuild(
                                    ALL,
                                    (_, _) -> {
                                        if (!isMigrated.getAndSet(true)) {
                                            test.jdbc
                                                    .sql(
                                                            "ALTER TABLE artifact_view ADD COLUMN newer BIGINT")
                                                    .update();
                                        }
                                    }))
                    .isInstanceOf(ReplayFailedException.class)
                    .hasMessage(
                            "artifact_view has been changed meanwhile by a newer program: replay by that one");
            assertThat(
                            test.jdbc
                                    .sql("SHOW COLUMNS FROM artifact_view LIKE 'newer'")
                                    .query()
                                    .listOfRows())
                    .hasSize(1);
        } finally {
            test.jdbc.sql("ALTER TABLE artifact_view DROP COLUMN newer").update();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void views_that_a_newer_program_could_fill_better_stay_as_they_are(boolean isOld) {
        builds();
        if (!isOld) {
            age();
        }
        test.appendOfNewerProgram("build/linux/1", "artifact-stored", "99");
        if (isOld) {
            age();
        }
        story.project();
        Map<ViewTable, List<Map<String, Object>>> before = rows();

        assertThatThrownBy(() ->
                        ViewRebuild.of(
                                test.database,
                                ALL,
                                "host",
                                ReplayProgress.NONE,
                                Duration.ofSeconds(1)))
                .isInstanceOf(ReplayFailedException.class)
                .hasMessageContaining(
                        " is artifact-stored, revision 99, which a newer program wrote");

        assertThat(rows()).isEqualTo(before);
    }

    @Test
    void what_no_view_shows_of_a_newer_program_is_no_obstacle() throws Exception {
        builds();
        age();
        test.appendOfNewerProgram("build/linux/1", "step-finished", "99");
        story.project();
        Map<ViewTable, List<Map<String, Object>>> before = rows();

        rebuild(ALL);

        assertThat(rows()).isEqualTo(before);
    }
}
