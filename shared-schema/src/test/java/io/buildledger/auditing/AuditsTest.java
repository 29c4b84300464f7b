package io.buildledger.auditing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.auditing.Audit.AuditEntry;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.commanding.SchedulerCommands;
import io.buildledger.database.UtcColumn;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.testing.CountedSession;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestOrders;
import io.buildledger.testing.TestStory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AuditsTest {

    private static final Author B1 = new Author("b1", 3);
    private static final Author B2 = new Author("b2", 1);
    private static final String REVISION = "0123456789abcdef0123456789abcdef01234567";

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final Audits audits = new Audits(test.log, test.jdbc);

    @AfterEach
    void close() {
        test.close();
    }

    /** Request 1 is claimed by b1, which is lost, and by b2; request 2 is cancelled by ann. */
    private void aHistory() {
        long change = story.change("cho@example.org", REVISION, "Mend it");
        story.fire(List.of(change), REVISION, "linux", "docs");
        Won lost = story.claim(B1, "linux");
        story.start(B1, lost);
        story.startStep(B1, lost, 1, "test");
        test.claims.releaseAllOf(B2, B1, "master b1 was lost: its lease ended");
        story.build(B2, "linux", Results.SUCCESS);
        long docs = request("docs");
        test.commands.changePriority(TestStory.SCHEDULER, docs, 5, "bob");
        test.commands.cancel(TestStory.SCHEDULER, docs, "ann", "no need");
        story.project();
    }

    private long request(String builder) {
        return test.jdbc
                .sql("SELECT request_id FROM build_request_queue WHERE builder = :builder")
                .param("builder", builder)
                .query(Long.class)
                .single();
    }

    private List<String> told(String kind, String name) {
        return told(audits.of(Subject.of(kind, name), Period.NEWEST).orElseThrow());
    }

    private static List<String> told(Audit audit) {
        return audit.entries().stream().map(AuditEntry::what).toList();
    }

    @Test
    void of_a_master_its_claims_are_told_with_what_ended_them() {
        aHistory();

        Audit lost = audits.of(Subject.of("master", "b1"), Period.NEWEST).orElseThrow();

        assertThat(told(lost)).containsExactly("claimed", "started", "released");
        AuditEntry claimed = lost.entries().getFirst();
        assertThat(claimed.master()).isEqualTo("b1");
        assertThat(claimed.epoch()).isEqualTo(3);
        assertThat(claimed.attempt()).isEqualTo(1);
        assertThat(claimed.fingerprint()).isEqualTo("f00d");
        assertThat(claimed.type()).isEqualTo("build-request-claimed");
        assertThat(claimed.event()).isEqualTo("build-request/%d@1".formatted(claimed.requestId()));
        assertThat(lost.entries().getLast().master()).isEqualTo("b2");
        assertThat(told("master", "b2")).containsExactly("claimed", "started", "completed");
    }

    @Test
    void what_was_cancelled_under_a_claim_is_the_end_of_that_claim() {
        story.fire(List.of(), REVISION, "linux");
        Won won = story.claim(B1, "linux");
        test.commands.cancel(TestStory.SCHEDULER, won.claim().requestId(), "ann", "no need");
        story.project();

        Audit audit = audits.of(Subject.of("master", "b1"), Period.NEWEST).orElseThrow();

        assertThat(told(audit)).containsExactly("claimed", "cancelled");
        AuditEntry cancelled = audit.entries().getLast();
        assertThat(cancelled.attempt()).isEqualTo(1);
        assertThat(cancelled.buildNumber()).isEqualTo(1);
        assertThat(cancelled.actor()).isEqualTo("ann");
        assertThat(audits.of(Subject.of("build", "linux/1"), Period.NEWEST).orElseThrow().entries())
                .extracting(AuditEntry::what)
                .contains("claimed", "cancelled");
    }

    @Test
    void of_a_worker_its_builds_are_told_and_what_people_wanted_of_it() {
        aHistory();
        WorkerPaused paused = new WorkerPaused("b1-worker", "new disk", "dee");
        test.log.inTransaction(
                () -> test.log.append(B2, null, List.of(new Entry("worker/b1-worker", 0, paused))));

        assertThat(told("worker", "b1-worker"))
                .containsExactly("claimed", "started", "released", "worker paused");
        assertThat(told("worker", "b2/b2-worker"))
                .containsExactly("claimed", "started", "completed");
        assertThat(audits.of(Subject.of("worker", "b1/b2-worker"), Period.NEWEST)).isEmpty();
    }

    @Test
    void of_a_builder_all_requests_are_told_claimed_or_not() {
        aHistory();

        assertThat(told("builder", "linux"))
                .containsExactly(
                        "requested",
                        "claimed",
                        "started",
                        "released",
                        "claimed",
                        "started",
                        "completed");
        assertThat(told("builder", "docs"))
                .containsExactly("requested", "priority changed", "cancelled");
    }

    @Test
    void of_a_build_what_led_to_it_is_told_and_no_other_attempt() {
        aHistory();

        Audit first = audits.of(Subject.of("build", "linux/1"), Period.NEWEST).orElseThrow();

        assertThat(told(first))
                .containsExactly(
                        "change 1",
                        "scheduled",
                        "buildset submitted",
                        "requested",
                        "claimed",
                        "started",
                        "step 1 started",
                        "released",
                        "buildset completed");
        assertThat(first.summary()).contains("attempt 1, by b1#3 on worker b1-worker: ended");
        assertThat(told("build", "linux/2")).contains("step 1 finished").doesNotContain("released");
    }

    @Test
    void of_a_change_it_is_told_who_took_it_and_what_came_of_it() {
        aHistory();

        assertThat(told("change", "1"))
                .containsSubsequence(
                        "change 1",
                        "change taken",
                        "scheduled",
                        "buildset submitted",
                        "requested",
                        "claimed",
                        "released",
                        "claimed",
                        "completed")
                .contains("cancelled")
                .containsOnlyOnce("change taken", "scheduled");
    }

    @Test
    void of_a_scheduler_commands_and_decisions_are_told_with_what_came_of_them() {
        aHistory();
        new SchedulerCommands(test.log, System::nanoTime)
                .ask(TestStory.SCHEDULER, new SchedulerSwitched("main", false, "dee", "it fails"));

        Audit audit = audits.of(Subject.of("scheduler", "main"), Period.NEWEST).orElseThrow();

        assertThat(told(audit))
                .containsExactly(
                        "change taken",
                        "scheduled",
                        "buildset submitted",
                        "buildset completed",
                        "asked to disable");
        assertThat(audit.entries().getLast().actor()).isEqualTo("dee");
        assertThat(audit.entries().getLast().details())
                .isEqualTo("scheduler main: it fails; no master has come to it yet");
    }

    @ParameterizedTest
    @CsvSource({
        "ann, cancelled",
        "bob, priority changed",
    })
    void of_a_user_it_is_told_what_they_had_done(String user, String what) {
        aHistory();

        Audit audit = audits.of(Subject.of("user", user), Period.NEWEST).orElseThrow();

        assertThat(told(audit)).containsExactly(what);
        assertThat(audit.entries().getFirst().actor()).isEqualTo(user);
    }

    @Test
    void whom_a_change_names_as_its_author_is_told_as_that_and_not_as_who_did_something() {
        aHistory();
        story.change("ann", "def", "planted");
        story.project();

        Audit audit = audits.of(Subject.of("user", "ann"), Period.NEWEST).orElseThrow();

        assertThat(told(audit)).containsExactly("cancelled", "change 2");
        assertThat(audit.entries()).extracting(AuditEntry::actor).containsExactly("ann", null);
        assertThat(audit.entries().getLast().details()).contains(", author ann", ": planted");
    }

    @ParameterizedTest
    @CsvSource({
        "request, 99",
        "change, 99",
        "build, linux/99",
        "scheduler, nobody",
        "builder, nobody",
        "master, nobody",
        "worker, nobody",
        "worker, b1/nobody",
        "user, nobody"
    })
    void there_is_no_story_of_what_never_was(String kind, String name) {
        aHistory();

        assertThat(audits.of(Subject.of(kind, name), Period.NEWEST)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "request, x, 'x' is not a request",
                "request, -1, '-1' is not a request",
                "request, 12345678901234567890, is not a request",
                "change, linux/1, 'linux/1' is not a change",
                "build, linux, 'linux' is not a build: BUILDER/NUMBER",
                "build, /1, '/1' is not a build",
                "user, ` `, ' ' is not a user",
                "lock, x, `there is no story of a 'lock': it is one of request, change, build`"
            })
    void what_can_be_no_subject_is_refused(String kind, String name, String message) {
        assertThatThrownBy(() -> Subject.of(kind, name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void what_is_too_long_for_one_answer_is_told_piece_by_piece_and_nothing_twice() {
        for (int i = 1; i <= 7; i++) {
            story.fire(List.of(story.change("a", REVISION, "c")), REVISION, "linux");
            story.build(B1, "linux", Results.SUCCESS);
        }
        story.project();
        Subject b1 = Subject.of("master", "b1");
        List<String> events = new ArrayList<>();
        Instant until = null;
        int pieces = 0;
        do {
            Audit piece = audits.of(b1, new Period(null, until, 3)).orElseThrow();
            assertThat(piece.entries().stream().filter(it -> it.what().equals("claimed")))
                    .hasSizeLessThanOrEqualTo(3);
            events.addAll(piece.entries().stream().map(AuditEntry::event).toList());
            until = piece.more();
            pieces++;
        } while (until != null);

        assertThat(pieces).isEqualTo(3);
        assertThat(events).hasSize(21).doesNotHaveDuplicates();
    }

    @Test
    void a_time_is_told_and_nothing_before_or_after_it() {
        for (int i = 1; i <= 3; i++) {
            story.fire(List.of(story.change("a", REVISION, "c")), REVISION, "linux");
            story.build(B1, "linux", Results.SUCCESS);
        }
        story.project();
        Subject scheduler = Subject.of("scheduler", "main");
        List<AuditEntry> all = audits.of(scheduler, Period.NEWEST).orElseThrow().entries();
        AuditEntry first =
                all.stream()
                        .filter(it -> it.event().equals("scheduler/main@2"))
                        .findFirst()
                        .orElseThrow();
        AuditEntry last =
                all.stream()
                        .filter(it -> it.event().equals("scheduler/main@3"))
                        .findFirst()
                        .orElseThrow();

        List<AuditEntry> told =
                audits.of(scheduler, new Period(first.at(), last.at(), 50)).orElseThrow().entries();

        assertThat(told)
                .extracting(AuditEntry::event)
                .contains("scheduler/main@2", "scheduler/main@3")
                .doesNotContain("scheduler/main@1", "scheduler/main@4");
    }

    /** As a database writes them whose clock was set back. */
    @Test
    void what_was_recorded_out_of_order_does_not_hide_that_there_is_more() {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            entries.add(new Entry("worker/w", i, new WorkerPaused("w", "reason " + i, "dee")));
        }
        test.log.inTransaction(() -> test.log.append(B2, null, entries));
        List<Integer> seconds = List.of(0, 1, 2, 3, 10, 4);
        for (int i = 0; i < 6; i++) {
            test.jdbc
                    .sql(
                            "UPDATE event SET recorded_at = :at WHERE stream = 'worker/w' AND sequence_number = :i")
                    .param("at", UtcColumn.of(TestStory.NOON.plusSeconds(seconds.get(i))))
                    .param("i", i)
                    .update();
        }
        Subject worker = Subject.of("worker", "w");

        Audit newest =
                audits.of(worker, new Period(TestStory.NOON, TestStory.NOON.plusSeconds(5), 2))
                        .orElseThrow();

        assertThat(newest.more()).isEqualTo(TestStory.NOON.plusSeconds(3));
        assertThat(newest.entries()).extracting(AuditEntry::event).containsExactly("worker/w@5");
        assertThat(audits.of(worker, new Period(TestStory.NOON, newest.more(), 5)).orElseThrow())
                .satisfies(rest -> {
                    assertThat(rest.more()).isNull();
                    assertThat(rest.entries()).hasSize(4);
                });
    }

    @Test
    void a_forced_build_leads_back_to_who_forced_it() {
        Entry command =
                new Entry(
                        "scheduler-command/main",
                        0,
                        new BuildForced(
                                "main", "eli", "now", List.of(), List.of(), Map.of(), null));
        Entry fired =
                new Entry("scheduler/main", 0, new SchedulerFired("main", 1, List.of(), null));
        test.log.inTransaction(() -> test.log.append(TestStory.SCHEDULER, null, List.of(command)));
        test.log.inTransaction(() -> {
            test.log.append(TestStory.SCHEDULER, command.id(), List.of(fired));
            test.buildsets.submit(
                    TestStory.SCHEDULER,
                    fired.id(),
                    TestOrders.of(
                            1,
                            List.of(),
                            new SourceStamp("r", "main", null, "", ""),
                            0,
                            null,
                            "linux"),
                    TestStory.NOON);
        });

        Audit audit = audits.of(Subject.of("request", "1"), Period.NEWEST).orElseThrow();

        assertThat(told(audit))
                .containsExactly("forced", "scheduled", "buildset submitted", "requested");
        assertThat(audit.entries().getFirst().actor()).isEqualTo("eli");
        assertThat(audit.entries().getFirst().details()).endsWith("buildset 1, request 1");
        assertThat(audit.entries().get(1).cause()).isEqualTo("scheduler-command/main@0");
    }

    /** A request and a build: no more statements and no more rows in a longer history. */
    @Test
    void the_story_of_a_request_costs_the_same_in_any_history() {
        List<Subject> subjects =
                List.of(Subject.of("request", "2"), Subject.of("build", "linux/2"));
        builds(3);
        Map<Subject, Cost> few = costs(subjects, Period.NEWEST);

        builds(60);

        assertThat(costs(subjects, Period.NEWEST))
                .isEqualTo(few)
                .allSatisfy((_, cost) -> assertThat(cost.statements()).isLessThan(12));
    }

    /** The others look for a place in a stream by halves, and read no more than they tell. */
    @Test
    void a_long_story_costs_what_is_told_of_it() {
        List<Subject> subjects =
                List.of(
                        Subject.of("scheduler", "main"),
                        Subject.of("builder", "linux"),
                        Subject.of("master", "b1"),
                        Subject.of("worker", "b1-worker"),
                        Subject.of("user", "a@example.org"),
                        Subject.of("change", "2"));
        Period newest = new Period(null, null, 2);
        builds(10);
        Map<Subject, Cost> few = costs(subjects, newest);

        builds(90);

        assertThat(costs(subjects, newest))
                .allSatisfy((subject, cost) -> {
                    Cost before = few.getOrDefault(subject, new Cost(0, 0));
                    assertThat(cost.statements()).isLessThanOrEqualTo(before.statements() + 6);
                    assertThat(cost.rows()).isLessThanOrEqualTo(before.rows() + 150);
                });
    }

    /** What a story takes of the server. */
    private record Cost(long statements, long rows) {}

    private Map<Subject, Cost> costs(List<Subject> subjects, Period period) {
        return subjects.stream()
                .collect(
                        Collectors.toMap(
                                Function.identity(),
                                it -> new Cost(statements(it, period), rows(it, period))));
    }

    private void builds(int count) {
        for (int i = 0; i < count; i++) {
            story.fire(List.of(story.change("a@example.org", REVISION, "c")), REVISION, "linux");
            story.build(B1, "linux", Results.SUCCESS);
        }
        story.project();
        // Stories here are all of one noon.
        test.jdbc
                .sql(
                        "UPDATE request_view SET submitted_at = TIMESTAMPADD(SECOND, request_id, '2026-01-01')")
                .update();
    }

    private long statements(Subject subject, Period period) {
        try (CountedSession session = new CountedSession(test);
                EventLog log = session.log()) {
            Audits counted = new Audits(log, session.jdbc);
            return session.statementsOf(() -> assertThat(counted.of(subject, period)).isPresent());
        }
    }

    private long rows(Subject subject, Period period) {
        try (CountedSession session = new CountedSession(test);
                EventLog log = session.log()) {
            Audits counted = new Audits(log, session.jdbc);
            return session.rowsReadBy(() -> assertThat(counted.of(subject, period)).isPresent());
        }
    }
}
