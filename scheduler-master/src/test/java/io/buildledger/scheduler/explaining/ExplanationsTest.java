package io.buildledger.scheduler.explaining;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.attaching.WorkerRoster;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.scheduler.scheduling.ConfiguredSchedulers;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.testing.CountedSession;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestOrders;
import io.buildledger.testing.TestStory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an explanation costs where there is much that it is not about. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ExplanationsTest {

    /** As deep as a database lets a statement recur. */
    private static final int OTHERS = 900;

    private static final String FOR_EACH =
            """
            WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < %d)
            """
                    .formatted(OTHERS);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);

    @AfterEach
    void close() {
        test.close();
    }

    private void insert(String into, String select) {
        test.jdbc
                .sql("INSERT INTO %s %s SELECT %s FROM n".formatted(into, FOR_EACH, select))
                .update();
    }

    /** Masters, claims, requests on offer and events that have nothing to do with it. */
    private void muchElse() {
        insert(
                "master (name, epoch, role, state, host, pid, lease_micros, started_at, leased_until)",
                "CONCAT('m', i), 1, 'builder', 'live', 'h', 1, 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)");
        insert("master_builder (builder, master)", "'other', CONCAT('m', i)");
        insert("master_builder (builder, master)", "CONCAT('b', i), CONCAT('m', i)");
        insert(
                "claim (request_id, buildset_id, builder, priority, submitted_at, attempt, build_number, master, epoch)",
                "1000 + i, 1, 'other', 0, UTC_TIMESTAMP(6), 1, i, CONCAT('m', i), 1");
        insert(
                "build_request_queue (request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence)",
                "2000 + i, 1, 'other', 0, UTC_TIMESTAMP(6), 0, 1");
        insert("token (processor_name, segment)", "CONCAT('scheduler/s', i), 0");
        insert(
                "event (stream, sequence_number, type, revision, payload, metadata)",
                "CONCAT('master/m', i), 0, 'master-stopped', '1', '{\"master\":\"x\",\"epoch\":1}', '{}'");
    }

    private long rowsReadBy(Consumer<Explanations> explain) {
        try (CountedSession session = new CountedSession(test);
                EventLog log = session.log()) {
            Explanations explanations =
                    new Explanations(
                            log,
                            session.jdbc,
                            new ConfiguredSchedulers(List.of()),
                            new SchedulerStatuses(log, session.dataSource),
                            new WorkersOfBuilders(ServedLog.file("")));
            return session.rowsReadBy(() -> explain.accept(explanations));
        }
    }

    @Test
    void explaining_a_request_reads_what_is_its_builders() {
        muchElse();
        test.jdbc
                .sql("INSERT INTO master_builder (builder, master) VALUES ('linux', 'm7')")
                .update();
        story.fire(List.of(), "abc", "linux");
        story.fire(List.of(), "abd", "linux");

        assertThat(rowsReadBy(it -> assertThat(it.ofRequest(2).orElseThrow().reasons()).hasSize(2)))
                .isLessThan(50);
    }

    @Test
    void a_builder_none_of_whose_workers_can_build_says_what_keeps_each() {
        Author b1 = register("linux", "mac", "solaris");
        new WorkerRoster(test.log, test.dataSource)
                .list(
                        b1,
                        Stream.of("w", "x", "new")
                                .map(it -> new Listed(it, true, false, 1))
                                .toList());
        insertWorker("w", "paused_by, paused_at", "'ann', UTC_TIMESTAMP(6)");
        insertWorker("x", "master, epoch, attached_at", "'b1', 1, UTC_TIMESTAMP(6)");
        story.fire(List.of(), "abc", "linux", "mac", "solaris");
        Explanations explanations =
                new Explanations(
                        test.log,
                        test.jdbc,
                        new ConfiguredSchedulers(List.of()),
                        new SchedulerStatuses(test.log, test.dataSource),
                        new WorkersOfBuilders(
                                ServedLog.file(
                                        """
                                        builders:
                                          - {name: linux, worker_names: [w, gone, new], factory: []}
                                          - {name: mac, worker_names: [w, x], factory: []}
                                        workers: [name: w, name: x, name: gone, name: new]
                                        """)));
        String linux =
                "no worker of the builder can build: w is paused by ann, gone is in no file of a master that may claim, new is not attached";

        assertThat(explanations.ofQueues(List.of("linux", "mac", "solaris")))
                .containsEntry("linux", linux)
                .hasEntrySatisfying("mac", it -> assertThat(it).startsWith("b1 has the builder"))
                .hasEntrySatisfying("solaris", it -> assertThat(it).startsWith("b1 has the"));
        assertThat(explanations.ofRequest(1).orElseThrow().reasons()).contains(linux);
        assertThat(explanations.ofRequest(2).orElseThrow().reasons())
                .noneMatch(it -> it.startsWith("no worker"));

        test.jdbc.sql("UPDATE worker SET master = 'b3' WHERE name = 'x'").update();
        test.jdbc
                .sql(
                        "INSERT INTO master (name, epoch, role, state, host, pid, lease_micros, started_at, leased_until) SELECT 'b3', 1, role, state, host, pid, lease_micros, started_at, leased_until FROM master WHERE name = 'b1'")
                .update();
        assertThat(explanations.ofQueues(List.of("mac")).get("mac"))
                .endsWith("w is paused by ann, x is attached to b3");
    }

    /** The master b1, which has these builders. */
    private Author register(String... builders) {
        return new MasterRegistry(test.log, test.dataSource, test.dataSource)
                .register(
                        new Registration(
                                "b1",
                                "builder",
                                "host",
                                1,
                                Duration.ofSeconds(30),
                                Arrays.stream(builders)
                                        .collect(Collectors.toMap(it -> it, _ -> "f00d")),
                                null));
    }

    private void insertWorker(String name, String columns, String values) {
        test.jdbc
                .sql(
                        "INSERT INTO worker (name, sequence_number, shut_down, failures, %s) VALUES ('%s', 0, FALSE, 0, %s)"
                                .formatted(columns, name, values))
                .update();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    paused_at         |  0 | all of its workers are paused or in quarantine
                    stop_requested_at |  0 | all of its workers are paused or in quarantine
                    quarantined_until |  9 | all of its workers are paused or in quarantine
                    quarantined_until | -9 | it claims when a worker is there
                    missing_since     |  0 | it claims when a worker is there
                    """)
    void a_master_none_of_whose_workers_may_build_is_told_of(
            String column, int hours, String expected) {
        Author b1 = register("linux");
        new WorkerRoster(test.log, test.dataSource)
                .list(b1, List.of(new Listed("w", true, false, 1)));
        test.jdbc
                .sql(
                        "INSERT INTO worker (name, sequence_number, shut_down, failures, quarantine_reason, %s) VALUES ('w', 0, FALSE, 0, '', UTC_TIMESTAMP(6) + INTERVAL %d HOUR)"
                                .formatted(column, hours))
                .update();
        story.fire(List.of(), "abc", "linux");

        String told =
                String.join(
                        "; ",
                        new Explanations(
                                        test.log,
                                        test.jdbc,
                                        new ConfiguredSchedulers(List.of()),
                                        new SchedulerStatuses(test.log, test.dataSource),
                                        new WorkersOfBuilders(ServedLog.file("")))
                                .ofRequest(1)
                                .orElseThrow()
                                .reasons());

        assertThat(told).contains("b1 has the builder", expected);
    }

    @Test
    void explaining_a_change_reads_of_each_scheduler_from_that_change_to_its_buildset() {
        muchElse();
        insert(
                "event (stream, sequence_number, type, revision, payload, metadata)",
                "'scheduler/main', i - 1, 'scheduler-enabled', '1', '{\"scheduler\":\"main\",\"by\":\"a\",\"reason\":\"b\"}', '{}'");
        test.jdbc
                .sql(
                        """
                        INSERT INTO scheduler_status (name, type, last_sequence, enabled, pending, firings, master)
                        VALUES ('main', 'single_branch', 2, TRUE, 0, 1, 's')
                        """)
                .update();
        long change = story.change("ann", "abc", "Mend it");
        Entry fired =
                new Entry(
                        Streams.scheduler("main"),
                        OTHERS,
                        new SchedulerFired("main", 1, List.of(change), null));
        test.log.inTransaction(() -> {
            test.log.append(TestStory.SCHEDULER, null, List.of(fired));
            test.buildsets.submit(
                    TestStory.SCHEDULER, fired.id(), TestOrders.of(1, "linux"), TestStory.NOON);
        });

        assertThat(
                        rowsReadBy(it ->
                                assertThat(it.ofChange(change).orElseThrow().schedulers())
                                        .extracting(Explanations.OfScheduler::reason)
                                        .containsExactly("built: buildset 1, request 1 for linux")))
                .isLessThan(100);
    }
}
