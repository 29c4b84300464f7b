package io.buildledger.replaying;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.BuildEvent.CommandStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Ownership;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.replaying.StateMending.Mended;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestStory;
import io.buildledger.verifying.Verdict.Violation;
import io.buildledger.verifying.Verification;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SnapshotKeepingTest {

    private static final int EVERY = 20;

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private Author b1;
    private Author b2;

    @BeforeEach
    void masters() {
        b1 = registry.register(TestMasters.builder("b1"));
        b2 = registry.register(TestMasters.builder("b2"));
    }

    @AfterEach
    void close() {
        test.close();
    }

    private SnapshotKeeping keeping(Author master) {
        return new SnapshotKeeping(test.log, test.database, test.dataSource, master, EVERY);
    }

    /** More than {@link #EVERY} events. */
    private void builds() {
        for (int i = 0; i < 3; i++) {
            story.fire(List.of(story.change("ann", "abc", "x")), "abc", "linux", "docs");
            story.build(b1, "linux", Results.SUCCESS);
        }
    }

    private void age() {
        test.jdbc.sql("UPDATE event SET recorded_at = recorded_at - INTERVAL 5 MINUTE").update();
    }

    private List<Long> kept() {
        return new Snapshots(test.jdbc).indices();
    }

    private static void keepAll(SnapshotKeeping keeping) throws InterruptedException {
        while (keeping.next()) {
            // The next one is due.
        }
    }

    @Test
    void a_state_is_kept_after_every_so_many_events_that_can_t_change_any_more() throws Exception {
        builds();
        SnapshotKeeping keeping = keeping(b1);
        keepAll(keeping);
        assertThat(kept()).isEmpty();
        age();

        keepAll(keeping);

        long head = test.log.head();
        assertThat(kept()).isNotEmpty().allMatch(index -> index <= head);
        assertThat(kept().getFirst()).isEqualTo(EVERY - 1);
        assertThat(kept().getLast()).isGreaterThan(head - EVERY);
        assertThat(Verification.of(test.database).violations()).isEmpty();
    }

    @Test
    void one_master_keeps_them_and_another_goes_on_when_its_life_is_over() throws Exception {
        builds();
        builds();
        age();
        assertThat(keeping(b1).next()).isTrue();
        keepAll(keeping(b2));
        assertThat(kept()).hasSize(1);

        registry.stop(b1);
        keepAll(keeping(b1));
        assertThat(kept()).hasSize(1);

        keepAll(keeping(b2));
        assertThat(kept()).hasSizeGreaterThan(1);
        assertThat(Verification.of(test.database).violations()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE cluster_snapshot SET content = 'x' WHERE part = 'requests'",
                "DELETE FROM cluster_snapshot WHERE part = 'masters'",
                "UPDATE cluster_snapshot SET part = 'scheduler/other' WHERE part = 'scheduler/main'",
                "UPDATE cluster_snapshot SET part = 'others' WHERE part = 'scheduler/main'"
            })
    void a_state_that_somebody_has_touched_is_found_and_made_anew(String sql) throws Exception {
        builds();
        age();
        keepAll(keeping(b1));
        List<Long> before = kept();
        assertThat(test.jdbc.sql(sql).update()).isPositive();

        assertThat(Verification.of(test.database).violations())
                .extracting(Violation::check)
                .isNotEmpty()
                .containsOnly("snapshots");
        assertThat(
                        StateMending.of(test.database, _ -> false, true, ReplayProgress.NONE)
                                .snapshots())
                .hasSize(before.size());
        assertThat(Verification.of(test.database).violations()).isEmpty();
        assertThat(kept()).isEqualTo(before);
    }

    @Test
    void what_masters_work_by_is_mended_from_the_newest_state_that_is_kept() throws Exception {
        builds();
        Won won = story.claim(b1, "docs");
        story.start(b1, won);
        long stdio = story.startStep(b1, won, 1, "test");
        String build = Streams.build("docs", won.claim().buildNumber());
        test.log.inTransaction(() ->
                test.log.append(
                        b1,
                        null,
                        List.of(
                                new Entry(
                                        build,
                                        test.log.lastSequence(build).orElseThrow() + 1,
                                        new CommandStarted("docs", 1, 1, "w", "c")))));
        test.jdbc.sql("INSERT INTO open_command VALUES ('docs', 1, 'w', 'c')").update();
        builds();
        age();
        keepAll(keeping(b1));
        story.finishStep(b1, won, 1, stdio, Results.SUCCESS);
        builds();
        long newest = kept().getLast();
        assertThat(
                        test.jdbc
                                .sql(
                                        "UPDATE number_sequence SET next_number = 1 WHERE name = 'buildset'")
                                .update())
                .isOne();

        Mended found =
                StateMending.fromSnapshot(test.database, _ -> true, false, ReplayProgress.NONE);
        Mended mended =
                StateMending.fromSnapshot(test.database, _ -> true, true, ReplayProgress.NONE);

        assertThat(found.rows())
                .extracting(it -> it.table())
                .containsExactly(StateTable.NUMBERS, StateTable.COMMANDS);
        assertThat(mended).isEqualTo(found);
        assertThat(found.events())
                .isEqualTo(
                        test.count(
                                "SELECT COUNT(*) FROM event WHERE stream = '%s' OR global_index > %d AND stream NOT LIKE 'build/%%'"
                                        .formatted(build, newest)));
        assertThat(Verification.of(test.database).violations()).isEmpty();
    }

    @Test
    void what_was_not_understood_before_a_kept_state_is_not_understood_after_it() throws Exception {
        builds();
        age();
        test.jdbc.sql("UPDATE event SET payload = '[]' WHERE stream = 'build-request/2'").update();
        keepAll(keeping(b1));

        assertThat(kept()).isNotEmpty();
        assertThat(
                        StateMending.fromSnapshot(
                                        test.database, _ -> true, false, ReplayProgress.NONE)
                                .rows())
                .isEqualTo(
                        StateMending.of(test.database, _ -> true, false, ReplayProgress.NONE)
                                .rows())
                .noneMatch(row -> row.streams().contains("build-request/2"));
    }

    @Test
    void a_state_beyond_the_end_of_the_log_is_told_and_forgotten() throws Exception {
        builds();
        age();
        keepAll(keeping(b1));
        int before = kept().size();
        long newest = kept().getLast();
        test.jdbc
                .sql(
                        "UPDATE cluster_snapshot SET global_index = 1000000 WHERE global_index = :index")
                .param("index", newest)
                .update();
        String told = "cluster_snapshot of event 1000000 is beyond the end of the log";

        assertThat(Verification.of(test.database).violations())
                .extracting(Violation::what)
                .containsExactly(told);
        assertThat(
                        StateMending.of(test.database, _ -> false, true, ReplayProgress.NONE)
                                .snapshots())
                .containsExactly(told);
        assertThat(kept()).hasSize(before - 1).doesNotContain(1_000_000L);
    }

    @Test
    void a_state_that_lacks_a_part_is_passed_over_and_no_request_is_lost_by_it() throws Exception {
        builds();
        age();
        keepAll(keeping(b1));
        long waiting = test.count("SELECT COUNT(*) FROM build_request_queue");
        assertThat(waiting).isPositive();
        assertThat(
                        test.jdbc
                                .sql(
                                        "DELETE FROM cluster_snapshot WHERE part = 'requests' AND global_index = :newest")
                                .param("newest", kept().getLast())
                                .update())
                .isPositive();

        assertThat(
                        StateMending.fromSnapshot(
                                        test.database, _ -> true, true, ReplayProgress.NONE)
                                .rows())
                .isEmpty();

        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isEqualTo(waiting);
    }

    @Test
    void a_master_that_can_t_keep_a_state_lets_others_try() throws Exception {
        test.appendOfNewerProgram("worker/w", "worker-painted", "1");
        builds();
        age();

        keepAll(keeping(b1));

        assertThat(kept()).isEmpty();
        assertThat(new Ownership(test.log, test.dataSource, b2).ownerOf("snapshots")).isNull();
    }
}
