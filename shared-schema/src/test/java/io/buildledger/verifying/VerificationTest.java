package io.buildledger.verifying;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.artifacts.ArtifactPath;
import io.buildledger.artifacts.KeptArtifact;
import io.buildledger.attaching.OpenCommands;
import io.buildledger.attaching.WorkerCommands;
import io.buildledger.attaching.WorkerRegister;
import io.buildledger.attaching.WorkerRoster;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.attaching.Backoff;
import io.buildledger.domain.attaching.WorkerEvent.WorkerAttached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerDetached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerMissing;
import io.buildledger.domain.attaching.WorkerEvent.WorkerOff;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStarting;
import io.buildledger.domain.building.BuildEvent.BuildDropped;
import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.locking.LockMode;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.domain.mastering.BuilderDescription;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestExpired;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestGivenUp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.domain.requesting.BuildRequestEvent.Choice;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.locking.Holder;
import io.buildledger.locking.Locks;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.replaying.ReplayProgress;
import io.buildledger.replaying.StateMending;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestSealing;
import io.buildledger.testing.TestStory;
import io.buildledger.verifying.Verdict.Checked;
import io.buildledger.verifying.Verdict.Involved;
import io.buildledger.verifying.Verdict.Violation;
import io.buildledger.viewing.ViewTable;
import io.buildledger.viewing.ViewTable.Column;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class VerificationTest {

    private static final TestLog test = new TestLog();

    private static final List<String> TABLES =
            Stream.concat(
                            Stream.of(
                                    "event",
                                    "token",
                                    "number_sequence",
                                    "master",
                                    "master_builder",
                                    "build_request_queue",
                                    "claim",
                                    "named_lock",
                                    "lock_ticket",
                                    "buildset_progress",
                                    "worker",
                                    "master_worker",
                                    "step_log",
                                    "event_chain",
                                    "step_log_chunk"),
                            Stream.of(ViewTable.values()).map(ViewTable::tableName))
                    .toList();

    private static final String R = "abc";

    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(10), Duration.ofHours(1));

    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final WorkerRegister workers =
            new WorkerRegister(test.log, test.dataSource, new OpenCommands(test.dataSource));
    private TestStory story;
    private Author b1;
    private Author b2;

    @AfterAll
    static void close() {
        test.close();
    }

    @BeforeEach
    void begin() {
        TABLES.forEach(table -> test.jdbc.sql("DELETE FROM " + table).update());
        story = new TestStory(test);
        b1 = register("b1");
        b2 = register("b2");
    }

    private Author register(String name) {
        return registry.register(TestMasters.builder(name));
    }

    private long change() {
        return story.change("a <a@example.org>", R, "x");
    }

    private void fire(String... builders) {
        story.fire(List.of(change()), R, builders);
    }

    private static void append(Author author, String stream, Object event) {
        long sequence = test.log.lastSequence(stream).orElse(-1) + 1;
        test.log.inTransaction(
                () -> test.log.append(author, null, List.of(new Entry(stream, sequence, event))));
    }

    private static void append(Author author, BuildRequestEvent event) {
        append(author, Streams.buildRequest(event.requestId()), event);
    }

    private static void update(String sql) {
        assertThat(test.jdbc.sql(sql).update()).as(sql).isPositive();
    }

    private static Verdict verify() {
        takeTheNumbersOfEvents();
        try {
            return Verification.of(test.database);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What masters would have kept of events that are written by hand. */
    private static void keepTables() {
        try {
            StateMending.of(test.database, _ -> true, true, ReplayProgress.NONE);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As a row's value is told of, by what an SQL statement is given for it. */
    private static String told(String value) {
        return value.startsWith("2026") ? value.replace(' ', 'T') + "Z" : value;
    }

    /** Events that are written by hand have numbers that nobody took. */
    private static void takeTheNumbersOfEvents() {
        update(
                """
                INSERT INTO number_sequence (name, next_number)
                SELECT 'change', 1000 UNION SELECT 'buildset', 1000 UNION SELECT 'build-request', 1000
                 UNION SELECT CONCAT('build/', JSON_VALUE(payload, '$.builder')), 1000
                         FROM event WHERE type = 'build-request-claimed' AND JSON_VALID(payload)
                    ON DUPLICATE KEY UPDATE next_number = 1000
                """);
    }

    private static List<String> told(Verdict verdict) {
        return verdict.violations().stream()
                .map(violation ->
                        "%s: %s %s"
                                .formatted(
                                        violation.check(),
                                        violation.what(),
                                        violation.events().stream().map(Involved::event).toList()))
                .toList();
    }

    private static void assertHealthy() {
        assertThat(told(verify())).isEmpty();
    }

    /** The one violation there is. */
    private static Violation assertViolated(Check check, String what, String... events) {
        Verdict verdict = verify();
        assertThat(told(verdict)).hasSize(1);
        Violation violation = verdict.violations().getFirst();
        assertThat(violation.check()).isEqualTo(check.label());
        assertThat(violation.what()).contains(what);
        assertThat(violation.events()).extracting(Involved::event).containsExactly(events);
        assertThat(verdict.violationsInAll()).isEqualTo(1);
        return violation;
    }

    /** A claim as masters of another time would write it, with its row. */
    private void claim(
            Author master, long request, String builder, long build, int attempts, Choice choice) {
        append(
                master,
                new BuildRequestClaimed(
                        request,
                        builder,
                        build,
                        master.master(),
                        master.epoch(),
                        1,
                        "w",
                        "f00d",
                        attempts,
                        choice));
        update(
                """
                INSERT INTO claim
                       (request_id, buildset_id, builder, priority, submitted_at, attempt, build_number, master, epoch)
                SELECT request_id, buildset_id, builder, priority, submitted_at, attempts + 1, %d, '%s', %d
                  FROM build_request_queue WHERE request_id = %d
                """
                        .formatted(build, master.master(), master.epoch(), request));
        update("DELETE FROM build_request_queue WHERE request_id = " + request);
    }

    @Test
    void workers_come_and_go() {
        append(b1, "worker/w", new WorkerAttached("w", "b1", 1, "3.7.0", "posix", List.of()));
        append(b1, "worker/w", new WorkerDetached("w", "b1", 1, "it has gone"));

        keepTables();

        assertHealthy();
    }

    private static void noLongerQueued(long request) {
        update("DELETE FROM build_request_queue WHERE request_id = " + request);
    }

    /** The rows of a buildset of one request, and the event, when that request has ended. */
    private void complete(long buildset, Results results) {
        update("DELETE FROM buildset_progress WHERE buildset_id = " + buildset);
        append(b1, Streams.buildset(buildset), new BuildsetCompleted(buildset, results));
    }

    /** A bit of everything that may happen. */
    private Won aFullHistory() {
        fire("linux", "docs");
        story.build(b1, "linux", Results.SUCCESS);
        story.build(b2, "docs", Results.FAILURE);
        fire("linux", "docs");
        Won lost = story.claim(b1, "linux");
        story.start(b1, lost);
        story.startStep(b1, lost, 1, "test");
        Author again = register("b1");
        test.claims.releaseAllOf(b2, b1, "master b1 is gone");
        story.build(b2, "linux", Results.SUCCESS);
        aWorkerThatComesAndGoes(again);
        registry.stop(again);
        fire("mac", "win");
        Won mac = story.claim(b2, "mac");
        story.startStep(b2, mac, 1, "test");
        new Locks(test.log, test.dataSource)
                .request(
                        b2,
                        new Holder("mac", 1, mac.claim().requestId(), 1, 1),
                        List.of(new LockUse("port", LockMode.EXCLUSIVE, 1, 1)));
        return lost;
    }

    private void aWorkerThatComesAndGoes(Author master) {
        new WorkerRoster(test.log, test.dataSource)
                .list(master, List.of(new Listed("w", true, false, 1)));
        WorkerCommands commands = new WorkerCommands(test.log, test.dataSource);
        workers.attach(master, "w", "3.7.0", "posix");
        workers.contest(b2, "w", master);
        workers.failed(master, "w", BACKOFF, "it is lost");
        workers.recovered(master, "w");
        commands.pause(b2, "w", "new disk", "ann");
        commands.unpause(b2, "w", "", "ann");
        commands.stop(b2, "w", "it moves", "ann");
        workers.stopped(master, "w");
        workers.detach(master, "w", "it was told to shut down");
        workers.attach(b2, "w", "3.7.0", "posix");
        workers.detach(b2, "w", "gone");
        assertThat(workers.missed(b2, "w", Duration.ofHours(1))).isTrue();
        workers.failed(b2, "b2/local", BACKOFF, "no space left");
        workers.starting(master, "l");
        workers.startFailed(master, "l", new Backoff(Duration.ZERO, Duration.ZERO), "no engine");
        workers.starting(b2, "l");
        workers.attach(b2, "l", "3.7.0", "posix");
        workers.requestStop(b2, "l", "nothing to build");
        workers.stopped(b2, "l");
        workers.ending(b2, "l", "it was shut down");
        workers.detach(b2, "l", "it was told to shut down");
        workers.off(b2, "l");
        workers.starting(master, "l");
        commands.pause(b2, "w", "x".repeat(500), "ann");
    }

    @Test
    void a_healthy_history_has_no_violation_and_all_of_it_is_looked_at() {
        aFullHistory();
        new TestSealing(test, TestStory.SCHEDULER).seal();
        story.project();

        Verdict verdict = verify();

        assertThat(told(verdict)).isEmpty();
        assertThat(verdict.unsealed()).isZero();
        assertThat(verdict.events()).isEqualTo(test.count("SELECT COUNT(*) FROM event"));
        assertThat(verdict.viewsBehind()).isZero();
        assertThat(verdict.checks())
                .filteredOn(check -> check.lookedAt() == 0)
                .extracting(Checked::check)
                .containsExactly("timers", "scheduler-table", "snapshots", "command-table");
        Map<String, Long> lookedAt =
                verdict.checks().stream()
                        .collect(Collectors.toMap(Checked::check, Checked::lookedAt));
        assertThat(lookedAt)
                .containsEntry("streams", verdict.events())
                .containsEntry("claims", 5L)
                .containsEntry("queue", 2L)
                .containsEntry("claim-table", 1L)
                .containsEntry("progress", 2L)
                .containsEntry("masters", 3L)
                .containsEntry("chain", 1L);
    }

    @Test
    void the_log_is_held_against_its_chain() {
        fire("linux", "docs");
        new TestSealing(test, TestStory.SCHEDULER).seal();
        update(
                "UPDATE event SET recorded_at = recorded_at + INTERVAL 1 MICROSECOND WHERE stream = 'build-request/1'");
        fire("linux");

        Violation violation =
                assertViolated(Check.CHAIN, "is not what was sealed", "build-request/1@0");

        assertThat(violation.what()).contains("build-request/1@0");
        assertThat(verify().unsealed()).isPositive();
    }

    @Test
    void an_empty_log_has_no_violation() {
        TABLES.forEach(table -> test.jdbc.sql("DELETE FROM " + table).update());

        Verdict verdict = verify();

        assertThat(told(verdict)).isEmpty();
        assertThat(verdict.head()).isEqualTo(-1);
    }

    @Test
    void requests_may_end_without_a_build_and_change_their_priority() {
        fire("cancelled");
        append(b1, new BuildRequestCancelled(1, "alice", "not needed"));
        noLongerQueued(1);
        complete(1, Results.CANCELLED);
        fire("changed");
        append(b1, new BuildRequestPriorityChanged(2, 5, "alice"));
        update("UPDATE build_request_queue SET priority = 5, next_sequence = 2");
        fire("given up");
        claim(b1, 3, "given up", 1, 1, new Choice(1, 1, null));
        append(b1, new BuildRequestReleased(3, 1, "b1", "no worker", null));
        append(b1, new BuildRequestGivenUp(3, 1, "the last attempt came to nothing"));
        update("DELETE FROM claim WHERE request_id = 3");
        complete(3, Results.EXCEPTION);

        assertHealthy();
    }

    @Test
    void a_claim_that_is_cancelled_ends_and_its_steps_may_come_late() {
        fire("linux");
        Won won = story.claim(b1, "linux");
        story.start(b1, won);
        long log = story.startStep(b1, won, 1, "test");
        append(b2, new BuildRequestCancelled(1, "alice", "not needed"));
        update("DELETE FROM claim");
        complete(1, Results.CANCELLED);
        story.finishStep(b1, won, 1, log, Results.CANCELLED);
        story.project();

        Verdict verdict = verify();

        assertThat(told(verdict)).isEmpty();
        assertThat(verdict.lateSteps()).isEqualTo(1);
    }

    @Test
    void somebody_may_have_what_was_built_built_once_more() {
        aFullHistory();
        test.rebuilds.buildset(TestStory.SCHEDULER, 1, "alice", "flaky");
        test.rebuilds.build(TestStory.SCHEDULER, "mac", 1, "alice", "flaky");

        assertHealthy();
    }

    @Test
    void a_build_that_runs_may_be_stopped_or_retried_by_whoever_asks() {
        fire("linux", "docs");
        story.start(b1, story.claim(b1, "linux"));
        story.start(b1, story.claim(b1, "docs"));

        test.commands.stop(TestStory.SCHEDULER, "linux", 1, "alice", "");
        test.commands.retry(TestStory.SCHEDULER, "docs", 1, "alice", "");

        assertHealthy();
    }

    @Test
    void a_request_may_be_claimed_once_more_than_its_builder_allows_when_somebody_asked_for_it() {
        fire("linux");
        claim(b1, 1, "linux", 1, 1, new Choice(1, 1, null));
        append(b2, new BuildRequestReleased(1, 1, "b2", "", "alice"));
        append(b2, new BuildRequestClaimed(1, "linux", 2, "b2", 1, 2, "w", "f00d", 1, null));
        update("UPDATE claim SET master = 'b2', attempt = 2, build_number = 2, max_attempts = 1");

        assertHealthy();
    }

    @Test
    void a_second_claim_more_than_its_builder_allows_is_found() {
        fire("linux");
        claim(b1, 1, "linux", 1, 1, new Choice(1, 1, null));
        append(b2, new BuildRequestReleased(1, 1, "b2", "", "alice"));
        append(b2, new BuildRequestClaimed(1, "linux", 2, "b2", 1, 2, "w", "f00d", 1, null));
        append(b2, new BuildRequestReleased(1, 2, "b2", "no worker", null));
        append(b2, new BuildRequestClaimed(1, "linux", 3, "b2", 1, 3, "w", "f00d", 1, null));
        update("UPDATE claim SET master = 'b2', attempt = 3, build_number = 3, max_attempts = 1");

        assertViolated(
                Check.CLAIMS,
                "request 1 was claimed again after its last attempt",
                "build-request/1@3",
                "build-request/1@5");
    }

    @Test
    void a_request_that_was_given_up_though_somebody_wants_it_is_found() {
        fire("linux");
        claim(b1, 1, "linux", 1, 1, new Choice(1, 1, null));
        append(b2, new BuildRequestReleased(1, 1, "b2", "", "alice"));
        append(b2, new BuildRequestGivenUp(1, 1, "enough"));
        update("DELETE FROM claim");
        complete(1, Results.EXCEPTION);

        assertViolated(
                Check.TRANSITIONS,
                "request 1 was given up though somebody had asked for a retry",
                "build-request/1@2",
                "build-request/1@3");
    }

    @Test
    void a_rebuild_of_what_was_never_there_is_found() {
        fire("linux");
        test.rebuilds.buildset(TestStory.SCHEDULER, 1, "alice", "");
        update(
                """
                UPDATE event SET payload = JSON_SET(payload, '$.rebuiltFrom.buildsetId', 9)
                 WHERE stream = 'buildset/2' AND sequence_number = 0
                """);

        assertViolated(
                Check.BUILDSETS,
                "buildset 2 repeats buildset 9, which was not there before",
                "buildset/2@0");
    }

    // Streams.

    @Test
    void a_hole_in_a_stream_is_found() {
        append(b1, "master/b1", new MasterDrained("b1", 1, false, "alice"));
        append(b1, "master/b1", new MasterUndrained("b1", 1, "alice"));
        update("DELETE FROM event WHERE stream = 'master/b1' AND sequence_number = 1");

        Violation violation =
                assertViolated(
                        Check.STREAMS, "master/b1 has no 1, but 2", "master/b1@0", "master/b1@2");

        assertThat(violation.events().getFirst().master()).isEqualTo("b1");
        assertThat(violation.events().getFirst().epoch()).isEqualTo(1);
    }

    @Test
    void a_stream_that_does_not_begin_at_0_is_found() {
        update("UPDATE event SET sequence_number = 3 WHERE stream = 'master/b1'");

        assertViolated(Check.STREAMS, "master/b1 has no 0 to 2, but 3", "master/b1@3");
    }

    @Test
    void an_event_that_is_in_the_log_before_the_one_that_it_follows_is_found() {
        append(b1, "master/b1", new MasterDrained("b1", 1, false, "alice"));
        append(b1, "master/b1", new MasterUndrained("b1", 1, "alice"));
        update(
                """
                UPDATE event SET sequence_number = 3 - sequence_number + 10
                 WHERE stream = 'master/b1' AND sequence_number > 0
                """);
        update(
                "UPDATE event SET sequence_number = sequence_number - 10 WHERE sequence_number > 10");

        assertViolated(
                Check.STREAMS,
                "master/b1@1 is in the log after master/b1@2",
                "master/b1@1",
                "master/b1@2");
    }

    // Transitions.

    @Test
    void an_event_after_the_end_of_a_request_is_found() {
        fire("linux");
        story.build(b1, "linux", Results.SUCCESS);
        append(b1, new BuildRequestCompleted(1, 1, Results.SUCCESS, "again"));

        assertViolated(
                Check.TRANSITIONS,
                "build-request-completed of request 1, which has ended",
                "build-request/1@3",
                "build-request/1@4");
    }

    @Test
    void an_event_before_the_beginning_of_a_request_is_found() {
        append(b1, new BuildStarted(7, 1));

        assertViolated(
                Check.TRANSITIONS,
                "build-started of request 7, which has ended or was never requested",
                "build-request/7@0");
    }

    @Test
    void an_event_that_can_t_follow_is_found_and_what_comes_after_it_is_not_judged() {
        fire("linux");
        Won won = story.claim(b1, "linux");
        story.start(b1, won);
        append(b1, new BuildStarted(1, 1));
        append(b1, new BuildStarted(1, 1));

        assertViolated(
                Check.TRANSITIONS,
                "build-started can't follow while request 1 is running on b1#1, attempt 1",
                "build-request/1@2",
                "build-request/1@3");
    }

    @Test
    void an_event_on_a_stream_of_another_is_found() {
        fire("linux");
        append(b1, "build-request/1", new BuildStarted(2, 1));

        assertViolated(
                Check.TRANSITIONS, "build-started belongs on build-request/2", "build-request/1@1");
    }

    @Test
    void an_event_that_is_no_JSON_is_found() {
        fire("linux");
        story.claim(b1, "linux");
        update(
                "UPDATE event SET payload = '{' WHERE stream = 'build-request/1' AND sequence_number = 1");

        assertViolated(Check.TRANSITIONS, "build-request/1@1 can't be read", "build-request/1@1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "7", "\"x\""})
    void an_event_that_is_no_object_is_found(String payload) throws Exception {
        fire("linux");
        for (String revision : List.of("2", "1")) {
            test.jdbc
                    .sql(
                            "UPDATE event SET payload = :payload, revision = :revision WHERE stream = 'buildset/1'")
                    .param("payload", payload)
                    .param("revision", revision)
                    .update();

            assertThat(Verification.of(test.database).violations())
                    .anyMatch(it -> it.what().startsWith("buildset/1@0 can't be read: "));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "$.sourceStamps[0], sourceStamps[0]",
        "$.changeIds[0], changeIds[0]",
        "$.properties.reason, properties[reason]",
        "$.properties.reason.value, properties[reason].value"
    })
    void an_event_with_a_null_in_a_list_or_a_map_is_found(String place, String missing)
            throws Exception {
        fire("linux");
        test.jdbc
                .sql(
                        """
                        UPDATE event
                           SET payload = JSON_SET(JSON_SET(payload, '$.properties', JSON_EXTRACT('{"reason":{"value":"x","source":"y"}}', '$')), :place, NULL)
                         WHERE stream = 'buildset/1'
                        """)
                .param("place", place)
                .update();

        assertThat(Verification.of(test.database).violations())
                .anyMatch(it ->
                        it.what().equals("buildset/1@0 can't be read: it lacks '" + missing + "'"));
    }

    @Test
    void an_event_that_lacks_a_part_is_found() {
        fire("linux");
        update("UPDATE event SET payload = '{\"buildsetId\":1}' WHERE stream = 'buildset/1'");
        test.jdbc.sql("DELETE FROM event WHERE stream LIKE 'build-request/%'").update();
        test.jdbc.sql("DELETE FROM event WHERE stream LIKE 'scheduler/%'").update();
        test.jdbc.sql("DELETE FROM build_request_queue").update();
        test.jdbc.sql("DELETE FROM buildset_progress").update();

        assertViolated(Check.TRANSITIONS, "buildset/1@0 can't be read", "buildset/1@0");
    }

    @Test
    void a_change_that_was_received_twice_is_found() {
        change();
        ChangeReceived change = (ChangeReceived) test.log.read("change/1").getFirst().event();
        append(b1, "change/1", change);

        assertViolated(
                Check.TRANSITIONS,
                "change 1 was received a second time",
                "change/1@0",
                "change/1@1");
    }

    @Test
    void a_request_that_expired_although_it_may_wait_for_ever_is_found() {
        fire("linux");
        append(b1, new BuildRequestExpired(1, 1000));
        noLongerQueued(1);
        complete(1, Results.EXCEPTION);

        assertViolated(
                Check.TRANSITIONS,
                "request 1 expired, but may wait for ever",
                "build-request/1@0",
                "build-request/1@1");
    }

    @Test
    void a_request_that_expired_too_soon_is_found() {
        fire("linux");
        update(
                """
                UPDATE event SET payload = JSON_SET(payload, '$.queueTimeoutMillis', 3600000)
                 WHERE stream = 'build-request/1' AND sequence_number = 0
                """);
        append(b1, new BuildRequestExpired(1, 3_600_000));
        noLongerQueued(1);
        complete(1, Results.EXCEPTION);

        assertViolated(
                Check.TRANSITIONS,
                "request 1 expired before it had waited for 3600000 ms",
                "build-request/1@0",
                "build-request/1@1");
    }

    @Test
    void a_request_that_was_given_up_too_soon_is_found() {
        fire("linux");
        claim(b1, 1, "linux", 1, 3, new Choice(1, 1, null));
        append(b1, new BuildRequestReleased(1, 1, "b1", "no worker", null));
        append(b1, new BuildRequestGivenUp(1, 1, "enough"));
        update("DELETE FROM claim");
        complete(1, Results.EXCEPTION);

        assertViolated(
                Check.TRANSITIONS,
                "request 1 was given up after 1 of 3 attempts",
                "build-request/1@1",
                "build-request/1@3");
    }

    // Claims.

    @Test
    void a_second_claim_while_the_first_lives_is_found() {
        fire("linux");
        story.start(b1, story.claim(b1, "linux"));
        append(b2, new BuildRequestClaimed(1, "linux", 2, "b2", 1, 1, "w", "f00d", null, null));

        Violation violation =
                assertViolated(
                        Check.CLAIMS,
                        "request 1 was claimed by b2#1 while the claim of b1#1 lived",
                        "build-request/1@1",
                        "build-request/1@3");

        assertThat(violation.events()).extracting(Involved::master).containsExactly("b1", "b2");
    }

    @ParameterizedTest
    @CsvSource({"b2, 1", "b1, 2"})
    void a_completion_by_another_than_the_holder_is_found(String master, long epoch) {
        fire("linux");
        Won won = story.claim(b1, "linux");
        story.start(b1, won);
        story.complete(new Author(master, epoch), won, Results.SUCCESS, "");
        test.jdbc.sql("DELETE FROM claim").update();

        assertViolated(
                Check.CLAIMS,
                "build-request-completed of request 1 was recorded by %s#%d, but the claim is b1#1's"
                        .formatted(master, epoch),
                "build-request/1@1",
                "build-request/1@3");
    }

    @Test
    void a_claim_after_the_last_attempt_is_found() {
        fire("linux");
        claim(b1, 1, "linux", 1, 1, new Choice(1, 1, null));
        append(b1, new BuildRequestReleased(1, 1, "b1", "no worker", null));
        append(b2, new BuildRequestClaimed(1, "linux", 2, "b2", 1, 2, "w", "f00d", 3, null));
        update("UPDATE claim SET master = 'b2', attempt = 2, build_number = 2, max_attempts = 3");

        assertViolated(
                Check.CLAIMS,
                "request 1 was claimed again after its last attempt",
                "build-request/1@1",
                "build-request/1@3");
    }

    @Test
    void an_offer_after_the_last_attempt_is_found() {
        fire("linux");
        claim(b1, 1, "linux", 1, 1, new Choice(1, 1, null));
        append(b1, new BuildRequestReleased(1, 1, "b1", "no worker", null));
        update("DELETE FROM claim");
        update(
                """
                INSERT INTO build_request_queue
                       (request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence)
                VALUES (1, 1, 'linux', 0, '2026-01-01 12:00:00', 1, 3)
                """);

        assertViolated(
                Check.QUEUE,
                "request 1 is on offer again after its last attempt",
                "build-request/1@1",
                "build-request/1@2");
    }

    @Test
    void a_claim_in_another_s_name_is_found() {
        fire("linux");
        story.claim(b1, "linux");
        update(
                """
                UPDATE event SET metadata = '{"master":"b2","epoch":1}'
                 WHERE stream = 'build-request/1' AND sequence_number = 1
                """);

        assertViolated(
                Check.CLAIMS,
                "the claim of request 1 is b1#1's, but was recorded by b2#1",
                "build-request/1@1");
    }

    @Test
    void a_claim_for_another_builder_is_found() {
        fire("linux");
        claim(b1, 1, "mac", 1, 3, new Choice(1, 1, null));
        update("UPDATE claim SET builder = 'mac'");

        assertViolated(
                Check.CLAIMS,
                "request 1 is for builder linux, but was claimed for mac",
                "build-request/1@0",
                "build-request/1@1");
    }

    @Test
    void a_claim_that_was_taken_from_a_living_master_is_found() {
        fire("linux");
        story.claim(b1, "linux");
        test.claims.releaseAllOf(b2, b1, "it is slow");

        assertViolated(
                Check.CLAIMS,
                "request 1 was taken from b1#1 by b2#1, though that life was not over",
                "build-request/1@1",
                "build-request/1@2");
    }

    // Choices.

    @Test
    void a_claim_that_jumped_ahead_is_found() {
        fire("linux");
        fire("linux");
        update(
                "UPDATE event SET payload = REPLACE(payload, '\"priority\":0', '\"priority\":3') WHERE stream = 'build-request/1'");
        update("UPDATE build_request_queue SET priority = 3 WHERE request_id = 1");
        claim(b1, 2, "linux", 1, 3, new Choice(1, 2, 1L));

        assertViolated(
                Check.CHOICES,
                "request 2 was claimed although request 1 comes before it",
                "build-request/1@0",
                "build-request/2@1");
    }

    @Test
    void what_was_left_on_offer_may_come_later_in_the_order_or_have_been_changed_meanwhile() {
        fire("linux");
        fire("linux");
        fire("linux");
        claim(b1, 1, "linux", 1, 3, new Choice(1, 3, 2L));
        append(b1, new BuildRequestPriorityChanged(3, 9, "alice"));
        update(
                "UPDATE build_request_queue SET priority = 9, next_sequence = 2 WHERE request_id = 3");
        claim(b1, 2, "linux", 2, 3, new Choice(1, 2, 3L));

        assertHealthy();
    }

    @Test
    void what_was_chosen_may_have_lost_its_priority_after_the_look() {
        fire("linux");
        fire("linux");
        append(b1, new BuildRequestPriorityChanged(1, -5, "alice"));
        update(
                "UPDATE build_request_queue SET priority = -5, next_sequence = 2 WHERE request_id = 1");
        claim(b1, 1, "linux", 1, 3, new Choice(1, 2, 2L));

        assertHealthy();
    }

    // Build numbers.

    @Test
    void a_build_number_that_was_given_twice_is_found() {
        fire("linux");
        fire("linux");
        story.build(b1, "linux", Results.SUCCESS);
        claim(b2, 2, "linux", 1, 3, new Choice(1, 1, null));

        assertViolated(
                Check.BUILD_NUMBERS,
                "build linux/1 was begun a second time",
                "build-request/1@1",
                "build-request/2@1");
    }

    // Steps.

    private Won aBuild() {
        fire("linux");
        Won won = story.claim(b1, "linux");
        story.start(b1, won);
        return won;
    }

    private static StepStarted started(int step) {
        return new StepStarted("linux", 1, step, "test");
    }

    private static StepFinished finished(int step) {
        return new StepFinished("linux", 1, step, Results.SUCCESS, 0, "ok", null);
    }

    @Test
    void a_step_that_starts_within_another_is_found() {
        aBuild();
        append(b1, "build/linux/1", started(1));
        append(b1, "build/linux/1", started(2));

        assertViolated(
                Check.STEPS,
                "step 2 of build linux/1 started while step 1 ran",
                "build/linux/1@0",
                "build/linux/1@1");
    }

    @Test
    void a_step_that_finishes_without_having_started_is_found() {
        aBuild();
        append(b1, "build/linux/1", started(1));
        append(b1, "build/linux/1", finished(1));
        append(b1, "build/linux/1", finished(2));

        assertViolated(
                Check.STEPS,
                "step 2 of build linux/1 finished after step 1 had finished",
                "build/linux/1@1",
                "build/linux/1@2");
    }

    @Test
    void a_step_of_another_master_than_the_build_s_is_found() {
        aBuild();
        append(b2, "build/linux/1", started(1));

        assertViolated(
                Check.STEPS,
                "b2#1 recorded that step 1 of build linux/1 started, but the build is b1#1's",
                "build-request/1@1",
                "build/linux/1@0");
    }

    @Test
    void a_step_after_the_end_of_its_build_is_found() {
        story.complete(b1, aBuild(), Results.SUCCESS, "");
        append(b1, "build/linux/1", started(1));

        assertViolated(
                Check.STEPS,
                "step 1 of build linux/1 started after the build had ended",
                "build-request/1@1",
                "build/linux/1@0");
    }

    @Test
    void a_step_of_no_build_is_found() {
        append(b1, "build/linux/1", started(1));

        assertViolated(
                Check.STEPS,
                "step 1 of build linux/1 started, which no claim began",
                "build/linux/1@0");
    }

    @Test
    void a_build_that_was_completed_within_a_step_is_found() {
        Won won = aBuild();
        append(b1, "build/linux/1", started(1));
        story.complete(b1, won, Results.SUCCESS, "");

        assertViolated(
                Check.STEPS,
                "build linux/1 was completed while its step 1 had not finished",
                "build/linux/1@0",
                "build-request/1@3");
    }

    private static BuildDropped dropped() {
        return new BuildDropped("linux", 1, null, "the claim is over");
    }

    @Test
    void a_build_that_goes_on_after_it_was_dropped_is_found() {
        aBuild();
        append(b1, "build/linux/1", dropped());
        append(b1, "build/linux/1", started(1));

        assertViolated(
                Check.STEPS,
                "step 1 of build linux/1 started after the build was dropped",
                "build/linux/1@0",
                "build/linux/1@1");
    }

    @Test
    void a_build_that_was_completed_though_it_was_dropped_is_found() {
        Won won = aBuild();
        append(b1, "build/linux/1", dropped());
        story.complete(b1, won, Results.SUCCESS, "");

        assertViolated(
                Check.STEPS,
                "build linux/1 was completed though its master had dropped it",
                "build/linux/1@0",
                "build-request/1@3");
    }

    @Test
    void a_build_that_was_dropped_after_its_end_is_found() {
        story.complete(b1, aBuild(), Results.SUCCESS, "");
        append(b1, "build/linux/1", dropped());

        assertViolated(
                Check.STEPS,
                "build linux/1 was dropped after the build had ended",
                "build-request/1@1",
                "build/linux/1@0");
    }

    @Test
    void a_master_that_lost_its_claim_may_go_on_with_the_steps_for_a_while_until_it_drops_them() {
        Won lost = aFullHistory();
        append(
                b1,
                Streams.build("linux", lost.claim().buildNumber()),
                new StepFinished("linux", 2, 1, Results.SUCCESS, 0, "", null));
        append(
                b1,
                Streams.build("linux", lost.claim().buildNumber()),
                new StepStarted("linux", 2, 2, ""));
        append(
                b1,
                Streams.build("linux", lost.claim().buildNumber()),
                new BuildDropped("linux", 2, null, "the claim was released by s"));
        story.project();

        Verdict verdict = verify();

        assertThat(told(verdict)).isEmpty();
        assertThat(verdict.lateSteps()).isEqualTo(2);
        assertThat(verdict.droppedBuilds()).isEqualTo(1);
    }

    // Changes.

    private static ChangeTaken taken(long change) {
        return new ChangeTaken("main", change, "", "main", R, "", "", null, null);
    }

    private static SchedulerFired scheduled(long firing, Long... changes) {
        return new SchedulerFired("main", firing, List.of(changes), null);
    }

    private static void submit(long buildset, long firing, Long... changes) {
        append(
                TestStory.SCHEDULER,
                Streams.buildset(buildset),
                submitted(buildset, firing, Map.of("linux", 77L), changes));
        append(
                TestStory.SCHEDULER,
                new BuildRequested(77, buildset, "linux", 0, TestStory.NOON, null));
        update(
                """
                INSERT INTO build_request_queue
                       (request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence)
                VALUES (77, %d, 'linux', 0, '2026-01-01 12:00:00', 0, 1)
                """
                        .formatted(buildset));
        update("INSERT INTO buildset_progress VALUES (%d, 1, 0)".formatted(buildset));
    }

    private static BuildsetSubmitted submitted(
            long buildset, long firing, Map<String, Long> requests, Long... changes) {
        return new BuildsetSubmitted(
                buildset,
                "main",
                firing,
                "",
                List.of(new SourceStamp("", "main", R, "", "")),
                List.of(changes),
                Map.of(),
                requests,
                TestStory.NOON,
                false,
                null,
                null,
                null);
    }

    @Test
    void a_change_that_was_taken_but_never_received_is_found() {
        append(TestStory.SCHEDULER, "scheduler/main", taken(9));
        append(
                TestStory.SCHEDULER,
                "scheduler/main",
                new TimerArmed("main", 1, TestStory.NOON, null));

        assertViolated(
                Check.CHANGES,
                "scheduler main took change 9, which was never received",
                "scheduler/main@0");
    }

    @Test
    void a_change_that_was_taken_twice_is_found() {
        fire("linux");
        append(TestStory.SCHEDULER, "scheduler/main", taken(1));

        assertViolated(
                Check.CHANGES,
                "scheduler main took change 1 a second time",
                "scheduler/main@0",
                "scheduler/main@2");
    }

    @Test
    void a_change_that_waits_for_nothing_is_found() {
        story.take(change(), R);

        assertViolated(
                Check.CHANGES,
                "change 1 was taken by scheduler main, and is neither scheduled nor waits for a timer",
                "scheduler/main@0");
    }

    @Test
    void a_change_that_was_scheduled_twice_is_found() {
        fire("linux");
        append(TestStory.SCHEDULER, "scheduler/main", scheduled(2, 1L));
        submit(2, 2, 1L);

        assertViolated(
                Check.CHANGES,
                "scheduler main scheduled change 1 a second time",
                "scheduler/main@1",
                "scheduler/main@2");
    }

    @Test
    void a_change_that_was_scheduled_without_being_taken_is_found() {
        change();
        append(TestStory.SCHEDULER, "scheduler/main", scheduled(1, 1L));
        submit(1, 1, 1L);

        assertViolated(
                Check.CHANGES,
                "scheduler main scheduled change 1, which it had not taken",
                "scheduler/main@0");
    }

    @Test
    void a_firing_that_is_not_the_next_one_is_found() {
        story.take(change(), R);
        append(TestStory.SCHEDULER, "scheduler/main", scheduled(2, 1L));
        submit(1, 2, 1L);

        assertViolated(
                Check.CHANGES,
                "firing 2 of scheduler main comes after firing 0",
                "scheduler/main@1");
    }

    @Test
    void a_firing_without_a_buildset_is_found() {
        story.take(change(), R);
        append(TestStory.SCHEDULER, "scheduler/main", scheduled(1, 1L));

        assertViolated(
                Check.CHANGES, "firing 1 of scheduler main has no buildset", "scheduler/main@1");
    }

    @Test
    void a_firing_with_two_buildsets_is_found() {
        fire("linux");
        submit(2, 1, 1L);

        assertViolated(
                Check.CHANGES,
                "buildset 2 is of firing 1 of scheduler main, which has another",
                "scheduler/main@1",
                "buildset/2@0");
    }

    @Test
    void a_buildset_of_other_changes_than_its_firing_is_found() {
        story.take(change(), R);
        append(TestStory.SCHEDULER, "scheduler/main", scheduled(1, 1L));
        submit(1, 1, 1L, 2L);

        assertViolated(
                Check.CHANGES,
                "buildset 1 is of changes [1, 2], its firing of [1]",
                "scheduler/main@1",
                "buildset/1@0");
    }

    // Timers.

    private static void arm(long timer) {
        append(
                TestStory.SCHEDULER,
                "scheduler/main",
                new TimerArmed("main", timer, TestStory.NOON, null));
    }

    private static void fireTimer(long timer) {
        append(
                TestStory.SCHEDULER,
                Streams.timer("main", timer),
                new TimerFired("main", timer, TestStory.NOON));
    }

    @Test
    void timers_that_are_replaced_may_fire_or_not() {
        story.take(change(), R);
        arm(1);
        arm(2);
        arm(3);
        fireTimer(2);
        fireTimer(3);

        assertHealthy();
    }

    @Test
    void a_timer_that_fired_twice_is_found() {
        arm(1);
        fireTimer(1);
        fireTimer(1);

        assertViolated(
                Check.TIMERS,
                "timer 1 of scheduler main fired a second time",
                "timer/main/1@0",
                "timer/main/1@1");
    }

    @Test
    void a_timer_that_fired_without_being_armed_is_found() {
        arm(1);
        fireTimer(2);

        assertViolated(
                Check.TIMERS,
                "timer 2 of scheduler main fired, which was never armed",
                "timer/main/2@0");
    }

    @Test
    void a_timer_that_fired_too_soon_is_found() {
        arm(1);
        append(
                TestStory.SCHEDULER,
                Streams.timer("main", 1),
                new TimerFired("main", 1, TestStory.NOON.minusMillis(1)));

        assertViolated(
                Check.TIMERS,
                "timer 1 of scheduler main fired at 2026-01-01T11:59:59.999Z, but was to fire at 2026-01-01T12:00:00Z",
                "scheduler/main@0",
                "timer/main/1@0");
    }

    @Test
    void a_timer_that_is_not_the_next_one_is_found() {
        arm(1);
        arm(3);

        assertViolated(
                Check.TIMERS, "scheduler main armed timer 3 after timer 1", "scheduler/main@1");
    }

    // Buildsets.

    @Test
    void a_buildset_that_was_submitted_twice_is_found() {
        fire("linux");
        append(TestStory.SCHEDULER, "buildset/1", test.log.read("buildset/1").getFirst().event());

        assertViolated(
                Check.BUILDSETS,
                "buildset 1 was submitted a second time",
                "buildset/1@0",
                "buildset/1@1");
    }

    @Test
    void a_buildset_that_was_completed_twice_is_found() {
        fire("linux");
        story.build(b1, "linux", Results.SUCCESS);
        append(b1, "buildset/1", new BuildsetCompleted(1, Results.SUCCESS));

        assertViolated(
                Check.BUILDSETS,
                "buildset 1 was completed a second time",
                "buildset/1@1",
                "buildset/1@2");
    }

    @Test
    void a_buildset_that_was_completed_before_its_requests_is_found() {
        fire("linux", "docs");
        story.build(b1, "linux", Results.SUCCESS);
        complete(1, Results.SUCCESS);

        assertViolated(
                Check.BUILDSETS,
                "buildset 1 was completed before its requests [2]",
                "buildset/1@0",
                "build-request/1@3",
                "buildset/1@1");
    }

    @Test
    void a_buildset_with_a_better_result_than_its_worst_is_found() {
        fire("linux");
        story.build(b1, "linux", Results.FAILURE);
        update(
                "UPDATE event SET payload = REPLACE(payload, 'FAILURE', 'SUCCESS') WHERE stream = 'buildset/1'");

        assertViolated(
                Check.BUILDSETS,
                "buildset 1 was completed as SUCCESS, but the worst result of its requests is FAILURE",
                "buildset/1@0",
                "build-request/1@3",
                "buildset/1@1");
    }

    @Test
    void a_buildset_that_was_never_completed_is_found() {
        fire("linux");
        story.build(b1, "linux", Results.SUCCESS);
        update("DELETE FROM event WHERE stream = 'buildset/1' AND sequence_number = 1");
        update("INSERT INTO buildset_progress VALUES (1, 0, 1)");

        assertViolated(
                Check.BUILDSETS,
                "all requests of buildset 1 have ended, but it was never completed",
                "buildset/1@0",
                "build-request/1@3");
    }

    @Test
    void a_request_that_its_buildset_does_not_list_is_found() {
        fire("linux");
        append(TestStory.SCHEDULER, new BuildRequested(9, 1, "docs", 0, TestStory.NOON, null));
        update(
                """
                INSERT INTO build_request_queue
                       (request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence)
                VALUES (9, 1, 'docs', 0, '2026-01-01 12:00:00', 0, 1)
                """);

        assertViolated(
                Check.BUILDSETS,
                "request 9 for builder docs is of buildset 1, which does not list it",
                "buildset/1@0",
                "build-request/9@0");
    }

    @Test
    void a_request_that_its_buildset_lists_for_another_builder_is_found() {
        fire("linux");
        update(
                "UPDATE event SET payload = REPLACE(payload, 'linux', 'docs') WHERE stream = 'build-request/1'");
        update("UPDATE build_request_queue SET builder = 'docs'");

        assertViolated(
                Check.BUILDSETS,
                "request 1 for builder docs is of buildset 1, which lists it for builder linux",
                "buildset/1@0",
                "build-request/1@0");
    }

    @Test
    void a_request_that_is_listed_but_not_there_is_found() {
        fire("linux");
        update("DELETE FROM event WHERE stream = 'build-request/1'");
        update("DELETE FROM build_request_queue");

        assertViolated(
                Check.BUILDSETS,
                "buildset 1 lists request 1 for builder linux, which there is not",
                "buildset/1@0");
    }

    @Test
    void a_request_of_no_buildset_is_found() {
        append(TestStory.SCHEDULER, new BuildRequested(9, 8, "docs", 0, TestStory.NOON, null));
        append(b1, new BuildRequestCancelled(9, "alice", ""));

        assertViolated(
                Check.BUILDSETS,
                "request 9 is of buildset 8, which has ended or was never submitted",
                "build-request/9@0");
    }

    // Workers.

    private static WorkerAttached attached(Author master) {
        return new WorkerAttached(
                "w", master.master(), master.epoch(), "3.7.0", "posix", List.of());
    }

    @Test
    void a_worker_that_two_masters_had_at_once_is_found() {
        workers.attach(b1, "w", "3.7.0", "posix");
        append(b2, "worker/w", attached(b2));

        assertViolated(
                Check.WORKERS,
                "worker w was attached to master b2 while master b1 had it",
                "worker/w@0",
                "worker/w@1");
    }

    @Test
    void the_worker_of_a_master_whose_life_is_over_may_be_anothers() {
        workers.attach(b1, "w", "3.7.0", "posix");
        registry.stop(b1);
        workers.attach(b2, "w", "3.7.0", "posix");

        assertHealthy();
    }

    @Test
    void a_worker_of_a_life_that_is_over_is_found() {
        registry.stop(b1);
        append(b1, "worker/w", attached(b1));
        keepTables();

        assertViolated(
                Check.WORKERS,
                "worker w was attached to epoch 1 of master b1, which was over",
                "worker/w@0");
    }

    @Test
    void what_only_the_holder_could_do_is_found_of_another() {
        workers.attach(b1, "w", "3.7.0", "posix");
        append(b2, "worker/w", new WorkerDetached("w", "b2", 1, "gone"));

        assertViolated(
                Check.WORKERS,
                "worker w was detached from epoch 1 of master b2, which did not have it",
                "worker/w@0",
                "worker/w@1");
    }

    @Test
    void a_worker_that_two_masters_start_at_once_is_found() {
        workers.starting(b1, "w");
        append(b2, "worker/w", new WorkerStarting("w", "b2", 1));

        assertViolated(
                Check.WORKERS,
                "worker w was taken in hand by master b2 while master b1 had it in hand",
                "worker/w@0",
                "worker/w@1");
    }

    @Test
    void a_worker_that_is_started_while_a_master_has_it_is_found() {
        workers.attach(b1, "w", "3.7.0", "posix");
        append(b2, "worker/w", new WorkerStarting("w", "b2", 1));

        assertViolated(
                Check.WORKERS,
                "worker w was taken in hand by master b2 while master b1 had it",
                "worker/w@0",
                "worker/w@1");
    }

    @Test
    void a_worker_that_is_let_go_by_who_did_not_have_it_in_hand_is_found() {
        workers.starting(b1, "w");
        append(b2, "worker/w", new WorkerOff("w", "b2", 1));

        assertViolated(
                Check.WORKERS,
                "worker w was let go by epoch 1 of master b2, which did not have it in hand",
                "worker/w@0",
                "worker/w@1");
    }

    @Test
    void a_worker_that_was_told_of_as_missing_and_was_not_is_found() {
        workers.attach(b1, "w", "3.7.0", "posix");
        append(b2, "worker/w", new WorkerMissing("w", "b2", 1, 3_600_000));

        assertViolated(
                Check.WORKERS,
                "worker w was told of as missing while master b1 had it",
                "worker/w@0",
                "worker/w@1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "paused_by = NULL",
                "master = 'b1'",
                "epoch = 7",
                "failures = 3",
                "missing_since = NULL",
                "detached_at = NULL",
                "shut_down = TRUE",
                "quarantined_until = '2026-01-01', quarantine_reason = 'x'",
                "stop_requested_by = 'x', stop_reason = 'x', stop_requested_at = '2026-01-01'"
            })
    void a_table_that_says_something_else_of_a_worker_is_found(String change) {
        aWorkerThatComesAndGoes(b1);
        update("UPDATE worker SET %s WHERE name = 'w'".formatted(change));

        assertViolated(Check.WORKER_TABLE, " where name w, the log says", "worker/w@12");
    }

    @Test
    void a_table_that_tells_of_more_than_the_log_is_found() {
        workers.attach(b1, "w", "3.7.0", "posix");
        update("UPDATE worker SET sequence_number = 1");

        assertViolated(
                Check.WORKER_TABLE,
                "worker has sequence_number 1 where name w, the log says 0",
                "worker/w@0");
    }

    @Test
    void a_table_that_lags_behind_because_of_a_former_program_is_none() {
        workers.attach(b1, "w", "3.7.0", "posix");
        append(b1, "worker/w", new WorkerDetached("w", "b1", 1, "gone"));

        assertHealthy();
    }

    // Masters.

    @Test
    void an_epoch_that_is_not_the_next_one_is_found() {
        registry.stop(b1);
        append(b1, "master/b1", new MasterStarted("b1", 3, "builder", "host", 1, Map.of()));

        assertViolated(
                Check.MASTERS,
                "b1 started in epoch 3, which can't be after epoch 1 ended",
                "master/b1@1",
                "master/b1@2");
    }

    @Test
    void a_master_may_reload_its_configuration_while_it_lives() {
        registry.askToReload(b2, "b1", "alice");
        registry.reloaded(
                b1,
                "master/b1@1",
                new ConfigurationReloaded(
                        "b1", 1, "alice", List.of("builders.docs: added"), Map.of("docs", "f")),
                new Descriptions(
                        Map.of("docs", new BuilderDescription(List.of("slow"), null, null, null)),
                        Map.of()));
        registry.reloadRefused(
                b1,
                null,
                new ConfigurationReloadRefused("b1", 1, "signal", List.of("it is empty")));

        assertHealthy();
    }

    @Test
    void a_reload_after_the_end_is_found() {
        registry.stop(b1);
        append(b1, "master/b1", new ConfigurationReloaded("b1", 1, "signal", List.of(), Map.of()));

        assertViolated(
                Check.MASTERS,
                "b1 reloaded its configuration in epoch 1, which can't be after epoch 1 ended",
                "master/b1@1",
                "master/b1@2");
    }

    @Test
    void a_life_that_ended_twice_is_found() {
        registry.stop(b1);
        append(b1, "master/b1", new MasterStopped("b1", 1));

        assertViolated(
                Check.MASTERS,
                "b1 stopped in epoch 1, which can't be after epoch 1 ended",
                "master/b1@1",
                "master/b1@2");
    }

    @Test
    void a_claim_in_a_life_that_never_began_is_found() {
        fire("linux");
        claim(new Author("b1", 2), 1, "linux", 1, 3, new Choice(1, 1, null));

        assertViolated(
                Check.MASTERS,
                "request 1 was claimed by b1#2, a life that never began",
                "build-request/1@1");
    }

    @Test
    void a_claim_in_a_life_that_was_over_is_found() {
        fire("linux");
        register("b1");
        claim(b1, 1, "linux", 1, 3, new Choice(1, 1, null));

        assertViolated(
                Check.MASTERS,
                "request 1 was claimed by b1#1, a life that was over",
                "build-request/1@1");
    }

    // The queue, the claims and the progress of buildsets.

    @Test
    void a_request_that_is_missing_in_the_queue_is_found() {
        fire("linux");
        noLongerQueued(1);

        assertViolated(
                Check.QUEUE,
                "build_request_queue has no row with request_id 1",
                "build-request/1@0");
    }

    @Test
    void a_request_that_is_in_the_queue_after_its_end_is_found() {
        fire("linux");
        story.build(b1, "linux", Results.SUCCESS);
        update(
                """
                INSERT INTO build_request_queue
                       (request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence)
                VALUES (1, 1, 'linux', 0, '2026-01-01 12:00:00', 0, 1)
                """);

        assertViolated(
                Check.QUEUE,
                "build_request_queue has a row with request_id 1, of which the log knows nothing",
                "build-request/1@3");
    }

    @ParameterizedTest
    @CsvSource({
        "buildset_id, 2",
        "builder, 'docs'",
        "priority, 1",
        "submitted_at, '2026-01-01 12:00:01'",
        "attempts, 1",
        "next_sequence, 2",
        "queue_timeout_micros, 5"
    })
    void a_row_of_the_queue_that_says_something_else_is_found(String column, String value) {
        fire("linux");
        test.jdbc
                .sql("UPDATE build_request_queue SET %s = :value".formatted(column))
                .param("value", value)
                .update();

        assertViolated(
                Check.QUEUE,
                column + " " + told(value) + " where request_id 1",
                "build-request/1@0");
    }

    @Test
    void a_claim_that_is_missing_in_its_table_is_found() {
        fire("linux");
        story.claim(b1, "linux");
        update("DELETE FROM claim");

        assertViolated(
                Check.CLAIM_TABLE, "claim has no row with request_id 1", "build-request/1@1");
    }

    @Test
    void a_claim_that_is_in_its_table_after_its_end_is_found() {
        fire("linux");
        story.build(b1, "linux", Results.SUCCESS);
        update(
                """
                INSERT INTO claim
                       (request_id, buildset_id, builder, priority, submitted_at, attempt, build_number, master, epoch)
                VALUES (1, 1, 'linux', 0, '2026-01-01 12:00:00', 1, 1, 'b1', 1)
                """);

        assertViolated(
                Check.CLAIM_TABLE,
                "claim has a row with request_id 1, of which the log knows nothing",
                "build-request/1@3");
    }

    @ParameterizedTest
    @CsvSource({
        "buildset_id, 2",
        "builder, 'docs'",
        "priority, 1",
        "submitted_at, '2026-01-01 12:00:01'",
        "attempt, 2",
        "build_number, 2",
        "master, 'b2'",
        "epoch, 2",
        "max_attempts, 9",
        "queue_timeout_micros, 5"
    })
    void a_row_of_the_claims_that_says_something_else_is_found(String column, String value) {
        fire("linux");
        story.claim(b1, "linux");
        test.jdbc
                .sql("UPDATE claim SET %s = :value".formatted(column))
                .param("value", value)
                .update();

        assertViolated(
                Check.CLAIM_TABLE,
                column + " " + told(value) + " where request_id 1",
                "build-request/1@1");
    }

    @ParameterizedTest
    @CsvSource({
        "DELETE FROM buildset_progress, has no row with buildset_id 1",
        "UPDATE buildset_progress SET remaining = 2, 'has remaining 2 where buildset_id 1, the log says 1'",
        "UPDATE buildset_progress SET worst = 3, 'has worst 3 where buildset_id 1, the log says 1'"
    })
    void a_buildset_that_is_counted_otherwise_than_the_log_counts_it_is_found(
            String sql, String what) {
        fire("linux", "docs");
        story.build(b1, "linux", Results.SUCCESS);
        update(sql);

        assertViolated(Check.PROGRESS, what, "buildset/1@0", "build-request/2@0");
    }

    @Test
    void a_buildset_that_is_counted_after_its_end_is_found() {
        fire("linux");
        story.build(b1, "linux", Results.SUCCESS);
        update("INSERT INTO buildset_progress VALUES (1, 0, 1)");

        assertViolated(
                Check.PROGRESS,
                "buildset_progress has a row with buildset_id 1, of which the log knows nothing",
                "buildset/1@1");
    }

    // Views.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "change_view | change_id = 1 | comments = 'y' | comments is 'y', the log says 'x' | change/1@0",
                "buildset_view | buildset_id = 2 | results = 'SUCCESS' | results is 'SUCCESS', the log says null | buildset/2@0",
                "request_view | request_id = 3 | attempt = 1 | attempt is 1, the log says 2 |"
                        + " build-request/3@0 build-request/3@1 build-request/3@2 build-request/3@3"
                        + " build-request/3@4 build-request/3@5 build-request/3@6",
                "build_view | request_id = 1 | master = 'b2' | master is 'b2', the log says 'b1' |"
                        + " build-request/1@1 build-request/1@2 build-request/1@3"
            })
    void a_row_of_a_view_that_says_something_else_is_found(
            String table, String row, String change, String what, String events) {
        aFullHistory();
        story.project();
        update("UPDATE %s SET %s WHERE %s".formatted(table, change, row));

        assertViolated(Check.VIEWS, what, events.split(" "));
    }

    @ParameterizedTest
    @EnumSource
    void a_row_that_is_missing_in_a_view_is_found(ViewTable table) {
        fire("linux");
        aBuildThatLeavesAFile();
        story.project();
        update("DELETE FROM " + table.tableName());

        Verdict verdict = verify();

        assertThat(told(verdict)).hasSize(1);
        assertThat(told(verdict).getFirst())
                .startsWith("views: " + table.tableName())
                .contains("the view lacks the row");
        assertThat(verdict.violations().getFirst().events()).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_row_of_a_view_that_the_log_does_not_give_is_found(ViewTable table) {
        fire("linux");
        aBuildThatLeavesAFile();
        story.project();
        String columns =
                table.columns().stream().map(Column::name).collect(Collectors.joining(", "));
        String number = table.key().getLast().name();
        update(
                "INSERT INTO %s (%s) SELECT %s FROM %s"
                        .formatted(
                                table.tableName(),
                                columns,
                                columns.replaceFirst(number, "5000"),
                                table.tableName()));

        assertViolated(Check.VIEWS, number + " 5000: the log does not give this row");
    }

    private void aBuildThatLeavesAFile() {
        Won won = story.claim(b1, "linux");
        story.start(b1, won);
        long log = story.startStep(b1, won, 1, "test");
        story.store(
                b1,
                won,
                1,
                1,
                new KeptArtifact(new ArtifactPath("a.txt"), 3, "f00d", "disk", "linux/1/a.txt"));
        story.finishStep(b1, won, 1, log, Results.SUCCESS);
        story.complete(b1, won, Results.SUCCESS, "build successful");
    }

    @Test
    void rows_that_no_follower_wrote_are_found() {
        update(
                "INSERT INTO artifact_view VALUES ('linux', 1, 1, 1, 'x', 1, 'x', 'x', 'x', '2026-01-01 12:00:00')");

        assertViolated(
                Check.VIEWS,
                "artifact_view builder linux, build_number 1, artifact 1: the log does not give this row");
    }

    @Test
    void views_that_are_behind_are_checked_as_far_as_they_are() {
        fire("linux");
        story.project();
        story.build(b1, "linux", Results.SUCCESS);

        Verdict verdict = verify();

        assertThat(told(verdict)).isEmpty();
        // Claimed, started, a step started and finished, completed, and the buildset.
        assertThat(verdict.viewsBehind()).isEqualTo(6);
    }

    @Test
    void what_the_follower_of_the_views_has_not_seen_is_not_asked_of_them() {
        fire("linux");
        long gap = test.count("SELECT MAX(global_index) FROM event");
        change();
        story.project();
        update("DELETE FROM request_view");
        update(
                "UPDATE token SET token = REPLACE(token, '\"gaps\":[', '\"gaps\":[%d')"
                        .formatted(gap));

        assertHealthy();

        update(
                "UPDATE token SET token = REPLACE(token, '\"gaps\":[%d', '\"gaps\":[')"
                        .formatted(gap));
        assertViolated(Check.VIEWS, "request_id 1: the view lacks the row", "build-request/1@0");
    }

    // What is no violation.

    @Test
    void events_of_a_newer_program_are_counted_and_what_follows_them_is_not_judged() {
        fire("linux");
        update(
                """
                INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
                VALUES ('build-request/1', 1, 'build-request-paused', '1', '{}', '{}'),
                       ('weather/1', 0, 'rained', '1', '{}', '{}')
                """);
        append(b1, new BuildStarted(1, 1));

        Verdict verdict = verify();

        assertThat(told(verdict)).isEmpty();
        assertThat(verdict.unknownEvents())
                .containsExactly(Map.entry("build-request-paused", 1L), Map.entry("rained", 1L));
    }

    @Test
    void what_is_not_committed_yet_is_no_violation_though_later_events_are_there() {
        fire("linux");
        test.transactionTemplate()
                .executeWithoutResult(_ -> {
                    test.insertRaw("master/x");
                    Thread other =
                            Thread.ofPlatform()
                                    .start(() -> story.build(b1, "linux", Results.SUCCESS));
                    try {
                        other.join();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    assertHealthy();
                });

        assertViolated(
                Check.MASTERS,
                "x stopped in epoch 1, which can't be after no life at all",
                "master/x@0");
    }

    @Test
    void of_many_violations_of_a_kind_a_hundred_are_named_and_all_are_counted() {
        for (int i = 1; i <= 120; i++) {
            append(b1, new BuildStarted(i, 1));
        }

        Verdict verdict = verify();

        assertThat(verdict.violations()).hasSize(100);
        assertThat(verdict.violationsInAll()).isEqualTo(120);
    }
}
