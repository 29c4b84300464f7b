package io.buildledger.replaying;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.attaching.WorkerCommands;
import io.buildledger.attaching.WorkerRoster;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.database.ReadingConnection;
import io.buildledger.domain.building.BuildEvent.CommandStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockEvent.LockRequested;
import io.buildledger.domain.locking.LockMode;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerConfigured;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.replaying.StateMending.Mended;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestStory;
import io.buildledger.verifying.Verdict;
import io.buildledger.verifying.Verification;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StateMendingTest {

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private Author b1;

    @BeforeEach
    void master() {
        b1 = registry.register(TestMasters.builder("b1"));
    }

    @AfterEach
    void close() {
        test.close();
    }

    private void append(String stream, Object event) {
        long sequence = test.log.lastSequence(stream).orElse(-1) + 1;
        test.log.inTransaction(
                () -> test.log.append(b1, null, List.of(new Entry(stream, sequence, event))));
    }

    /** A build that has ended, one that runs a command and holds a lock, and one that waits. */
    private void somethingOfEverything() throws InterruptedException {
        append(
                Streams.scheduler("nightly"),
                new SchedulerConfigured("nightly", "nightly", "0", List.of("linux", "mac"), null));
        long change = story.change("ann", "abc", "Mend it");
        story.fire(List.of(change), "abc", "linux", "mac", "docs");
        story.build(b1, "linux", Results.SUCCESS);
        Won won = story.claim(b1, "mac");
        story.start(b1, won);
        story.startStep(b1, won, 1, "test");
        append(
                Streams.lock("gpu"),
                new LockRequested(
                        "gpu", 0, "mac", 1, 2, 1, null, LockMode.EXCLUSIVE, 1, 1, "b1", 1));
        append(Streams.lock("gpu"), new LockGranted("gpu", 0, "mac", 1, null));
        append(Streams.build("mac", 1), new CommandStarted("mac", 1, 1, "w", "c-1"));
        test.jdbc.sql("INSERT INTO open_command VALUES ('mac', 1, 'w', 'c-1')").update();
        new WorkerRoster(test.log, test.dataSource)
                .list(b1, List.of(new Listed("w", true, false, 1)));
        new WorkerCommands(test.log, test.dataSource).pause(b1, "w", "new disk", "ann");
        story.project();
        // What the story writes by hand nobody has kept.
        mend();
    }

    private List<StateDifference> mend() throws InterruptedException {
        return StateMending.of(test.database, _ -> true, true, ReplayProgress.NONE).rows();
    }

    /** As {@link #mend} finds it, but without what happened inside of builds. */
    private Mended find() throws InterruptedException {
        return StateMending.find(test.database, _ -> true, ReplayProgress.NONE);
    }

    private Map<StateTable, List<Map<String, Object>>> rows() {
        Map<StateTable, List<Map<String, Object>>> rows = new HashMap<>();
        for (StateTable table : StateTable.values()) {
            rows.put(
                    table,
                    test.jdbc
                            .sql(
                                    "SELECT %s FROM %s ORDER BY 1, 2"
                                            .formatted(columns(table), table.tableName()))
                            .query()
                            .listOfRows());
        }
        return rows;
    }

    /** The times of a worker are by a clock that the log does not have. */
    private static String columns(StateTable table) {
        return table == StateTable.WORKERS
                ? "name, sequence_number, master, failures, paused_by, pause_reason, paused_at IS NULL"
                : "*";
    }

    @Test
    void a_log_that_masters_wrote_needs_no_mending() throws Exception {
        somethingOfEverything();

        assertThat(mend()).isEmpty();
        assertThat(rows()).allSatisfy((_, rows) -> assertThat(rows).isNotEmpty());
        assertThat(Verification.of(test.database).violations()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "QUEUE, DELETE FROM build_request_queue",
        "QUEUE, UPDATE build_request_queue SET priority = 9",
        "QUEUE, 'UPDATE build_request_queue SET builder = ''linux'', next_sequence = 7'",
        "QUEUE, 'INSERT INTO build_request_queue (request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence) VALUES (1, 1, ''linux'', 0, ''2026-01-01'', 0, 1)'",
        "CLAIMS, DELETE FROM claim",
        "CLAIMS, 'UPDATE claim SET master = ''b2'', epoch = 9'",
        "CLAIMS, 'INSERT INTO claim (request_id, buildset_id, builder, priority, submitted_at, attempt, build_number, master, epoch) VALUES (3, 1, ''docs'', 0, ''2026-01-01'', 1, 1, ''b1'', 1)'",
        "PROGRESS, DELETE FROM buildset_progress",
        "PROGRESS, UPDATE buildset_progress SET remaining = 1",
        "PROGRESS, 'INSERT INTO buildset_progress VALUES (7, 1, 0)'",
        "WORKERS, UPDATE worker SET paused_by = NULL",
        "WORKERS, DELETE FROM worker",
        "LOCKS, UPDATE named_lock SET next_sequence = 1",
        "LOCKS, DELETE FROM named_lock",
        "TICKETS, UPDATE lock_ticket SET held = FALSE",
        "TICKETS, DELETE FROM lock_ticket",
        "SCHEDULERS, 'UPDATE scheduler_status SET pending = 3, enabled = FALSE'",
        "SCHEDULERS, DELETE FROM scheduler_status",
        "SCHEDULERS, 'INSERT INTO scheduler_status VALUES (''other'', ''nightly'', 0, TRUE, 0, 0, NULL, NULL, ''b1'')'",
        "NUMBERS, UPDATE number_sequence SET next_number = 1 WHERE name = 'buildset'",
        "NUMBERS, DELETE FROM number_sequence WHERE name = 'build-request'",
        "COMMANDS, UPDATE open_command SET command_id = 'c-2'",
        "COMMANDS, 'INSERT INTO open_command VALUES (''linux'', 1, ''w'', ''c-0'')'"
    })
    void a_row_that_somebody_has_touched_is_found_and_mended(StateTable table, String sql)
            throws Exception {
        somethingOfEverything();
        Map<StateTable, List<Map<String, Object>>> before = rows();
        assertThat(test.jdbc.sql(sql).update()).isPositive();
        List<Map<String, Object>> touched = rows().get(table);

        Verdict found = Verification.of(test.database);
        List<StateDifference> sooner = find().rows();
        List<StateDifference> mended = mend();

        assertThat(touched).isNotEqualTo(before.get(table));
        assertThat(found.violations()).isNotEmpty();
        assertThat(mended).isNotEmpty().allSatisfy(it -> assertThat(it.table()).isEqualTo(table));
        assertThat(mended)
                .extracting(StateDifference::what)
                .containsExactlyInAnyOrderElementsOf(
                        found.violations().stream().map(it -> it.what()).toList());
        assertThat(sooner).isEqualTo(mended);
        assertThat(rows()).isEqualTo(before);
        assertThat(Verification.of(test.database).violations()).isEmpty();
    }

    @Test
    void of_builds_only_those_are_read_that_have_a_command_there() throws Exception {
        somethingOfEverything();
        long ofLinux = test.count("SELECT COUNT(*) FROM event WHERE stream = 'build/linux/1'");
        long ofMac = test.count("SELECT COUNT(*) FROM event WHERE stream = 'build/mac/1'");
        long all = test.count("SELECT COUNT(*) FROM event");
        assertThat(ofLinux).isPositive();

        assertThat(find().events()).isEqualTo(all - ofLinux);
        test.jdbc.sql("DELETE FROM open_command").update();
        assertThat(find().events()).isEqualTo(all - ofLinux - ofMac);
    }

    @Test
    void what_is_not_asked_for_stays_as_it_is() throws Exception {
        somethingOfEverything();
        test.jdbc.sql("DELETE FROM build_request_queue").update();
        test.jdbc.sql("DELETE FROM claim").update();

        List<StateDifference> mended =
                StateMending.of(
                                test.database,
                                it -> it.table() == StateTable.CLAIMS,
                                false,
                                ReplayProgress.NONE)
                        .rows();

        assertThat(mended)
                .extracting(StateDifference::what)
                .containsExactly("claim has no row with request_id 2");
        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isZero();
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isOne();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "scheduler/nightly",
                "buildset/1",
                "build-request/2",
                "build/mac/1",
                "lock/gpu",
                "worker/w",
                "master/b1"
            })
    void of_events_that_lack_their_parts_nothing_is_mended_and_nothing_fails(String stream)
            throws Exception {
        somethingOfEverything();
        assertThat(
                        test.jdbc
                                .sql("UPDATE event SET payload = '{}' WHERE stream = :stream")
                                .param("stream", stream)
                                .update())
                .isPositive();
        Map<StateTable, List<Map<String, Object>>> before = rows();

        assertThat(find().rows()).isEqualTo(mend());
        try (ReadingConnection connection = test.database.openToRead()) {
            new PastStates(connection).atEvent(test.log.head());
        }

        assertThat(rows()).isEqualTo(before);
        assertThat(Verification.of(test.database).violations())
                .anyMatch(it -> it.what().contains(stream + "@0 can't be read: "));
    }

    @Test
    void masters_go_on_while_rows_are_mended() throws Exception {
        somethingOfEverything();
        for (int i = 0; i < 50; i++) {
            long change = story.change("ann", "r" + i, "Mend it");
            story.fire(List.of(change), "r" + i, "mac", "linux");
        }
        AtomicBoolean isOver = new AtomicBoolean();
        Thread master =
                Thread.startVirtualThread(() -> {
                    while (!isOver.get()) {
                        long change = story.change("bob", "s", "Another");
                        story.fire(List.of(change), "s", "busy");
                        story.build(b1, "busy", Results.SUCCESS);
                    }
                });
        for (int i = 0; i < 5; i++) {
            test.jdbc.sql("DELETE FROM build_request_queue WHERE builder = 'mac'").update();
            test.jdbc
                    .sql("UPDATE build_request_queue SET priority = 5 WHERE builder = 'linux'")
                    .update();
            test.jdbc
                    .sql("UPDATE buildset_progress SET remaining = 9 WHERE remaining = 2")
                    .update();
            mend();
        }
        isOver.set(true);
        master.join();
        story.project();

        assertThat(Verification.of(test.database).violations()).isEmpty();
        assertThat(
                        test.count(
                                "SELECT COUNT(*) FROM build_request_queue WHERE builder IN ('mac', 'linux')"))
                .isEqualTo(100);
    }
}
