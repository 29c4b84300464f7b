package io.buildledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.log.GroupCommit.Outcome;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.testing.CountedSession;
import io.buildledger.testing.TestLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class EventLogTest {

    private static final Author B1 = new Author("b1", 1);
    private static final Author B2 = new Author("b2", 1);

    private final TestLog test = new TestLog();

    @AfterEach
    void close() {
        test.close();
    }

    private static Entry entry(String stream, long sequence) {
        return new Entry("master/" + stream, sequence, new MasterStopped(stream, sequence));
    }

    private void append(Author author, Entry... entries) {
        test.log.inTransaction(() -> test.log.append(author, "cause", List.of(entries)));
    }

    @Test
    void what_was_appended_is_read_back_with_its_author_and_the_database_s_time() {
        append(B1, entry("x", 0), entry("x", 1), entry("y", 0));

        List<Recorded> recorded = test.log.read("master/x");

        assertThat(recorded).extracting(Recorded::sequence).containsExactly(0L, 1L);
        assertThat(recorded.getFirst().event()).isEqualTo(new MasterStopped("x", 0));
        assertThat(recorded.getFirst().metadata())
                .containsEntry("master", "b1")
                .containsEntry("epoch", 1)
                .containsEntry("cause", "cause");
        assertThat(Duration.between(recorded.getFirst().at(), Instant.now()).abs())
                .isLessThan(Duration.ofMinutes(1));
        assertThat(test.log.lastSequence("master/x")).hasValue(1);
        assertThat(test.log.lastSequence("master/z")).isEmpty();
    }

    @Test
    void of_two_that_write_at_the_same_place_one_is_refused_with_all_that_it_wrote() {
        append(B1, entry("x", 0));

        assertThatThrownBy(() -> append(B2, entry("y", 0), entry("x", 0)))
                .isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> append(B2, entry("x", 0))).isInstanceOf(ConflictException.class);
        assertThat(test.log.read("master/y")).isEmpty();
    }

    @Test
    void names_that_differ_in_case_are_two_streams() {
        append(B1, entry("linux", 0), entry("Linux", 0), entry("lïnux", 0));

        assertThat(test.log.read("master/linux")).hasSize(1);
    }

    @Test
    void the_newest_event_of_a_type_is_found_among_others_and_between_places() {
        append(
                B1,
                entry("x", 0),
                new Entry("master/x", 1, new MasterUndrained("x", 1, "ann")),
                entry("x", 2),
                new Entry("master/x", 3, new MasterUndrained("x", 1, "bob")),
                entry("y", 0));

        assertThat(test.log.findLast("master/x", MasterStopped.class))
                .hasValueSatisfying(
                        it -> assertThat(it.event()).isEqualTo(new MasterStopped("x", 2)));
        assertThat(test.log.findLast("master/y", MasterUndrained.class)).isEmpty();
        assertThat(test.log.findLast("master/z", MasterStopped.class)).isEmpty();
        assertThat(test.log.findLast("master/x", MasterUndrained.class, -1, 2))
                .hasValueSatisfying(it -> assertThat(it.sequence()).isEqualTo(1));
        assertThat(test.log.findLast("master/x", MasterUndrained.class, 1, 2)).isEmpty();
    }

    @Test
    void an_event_that_had_another_name_once_is_found_by_its_type() {
        test.jdbc
                .sql(
                        """
                        INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
                        VALUES ('scheduler/main', 0, 'changes-scheduled', '1',
                                '{"scheduler":"main","firing":1,"changeIds":[1]}', '{}')
                        """)
                .update();

        assertThat(test.log.findLast("scheduler/main", SchedulerFired.class))
                .map(Recorded::event)
                .contains(new SchedulerFired("main", 1, List.of(1L), null));
    }

    @Test
    void the_newest_event_of_a_type_is_looked_for_on_its_stream_alone_however_short_the_log_is() {
        looksBackOnOneStream();
        for (int i = 0; i < 30; i++) {
            Entry[] entries = new Entry[100];
            for (int j = 0; j < entries.length; j++) {
                entries[j] = entry("x" + i % 3, i / 3 * 100 + j);
            }
            append(B1, entries);
        }
        looksBackOnOneStream();
        test.jdbc.sql("ANALYZE TABLE event").query().listOfRows();
        looksBackOnOneStream();
    }

    private void looksBackOnOneStream() {
        String sql =
                EventLog.LAST_OF_TYPE
                        .replace(":stream", "'master/x1'")
                        .replace(":after", "-1")
                        .replace(":upTo", String.valueOf(Long.MAX_VALUE))
                        .replace(":types", "'master-stopped', 'master-started'");
        // MySQL 9 would draw a tree.
        List<Map<String, Object>> plan =
                test.jdbc.sql("EXPLAIN FORMAT=TRADITIONAL " + sql).query().listOfRows();
        assertThat(plan)
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.get("key")).isEqualTo("event_stream_sequence");
                    assertThat(it.get("type")).isIn("range", "ref");
                    assertThat(String.valueOf(it.get("Extra"))).doesNotContain("filesort");
                });
    }

    @Test
    void a_batch_of_events_is_one_statement() {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            entries.add(entry("x", i));
        }
        try (CountedSession session = new CountedSession(test);
                EventLog log = session.log()) {
            // BEGIN, INSERT, COMMIT, and what the driver sets before and after.
            assertThat(
                            session.statementsOf(
                                    () -> log.inTransaction(() -> log.append(B1, null, entries))))
                    .isLessThanOrEqualTo(5);
        }
    }

    @Test
    void a_conflict_in_a_group_costs_its_neighbours_nothing() throws Exception {
        append(B2, entry("taken", 0));
        List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
        try (GroupCommit commit = new GroupCommit(test.log, B1)) {
            for (int i = 0; i < 20; i++) {
                outcomes.add(commit.submit(Submission.of(entry(i == 7 ? "taken" : "free" + i, 0))));
            }
        }

        for (int i = 0; i < 20; i++) {
            assertThat(outcomes.get(i).get())
                    .isEqualTo(i == 7 ? Outcome.CONFLICT : Outcome.APPENDED);
        }
    }

    @Test
    void an_append_whose_answer_was_lost_is_recognised_as_done() throws Exception {
        append(B1, entry("x", 0));
        try (GroupCommit commit = new GroupCommit(test.log, B1)) {
            assertThat(commit.submit(Submission.of(entry("x", 0))).get())
                    .isEqualTo(Outcome.APPENDED);
        }
    }

    @Test
    void a_bug_in_one_submission_is_its_own() throws Exception {
        try (GroupCommit commit = new GroupCommit(test.log, B1)) {
            CompletableFuture<Outcome> bad =
                    commit.submit(
                            new Submission<>(
                                    List.of(entry("x", 0)),
                                    _ -> {
                                        throw new IllegalArgumentException("bug");
                                    },
                                    1));
            assertThat(commit.submit(Submission.of(entry("y", 0))).get())
                    .isEqualTo(Outcome.APPENDED);
            assertThat(bad).failsWithin(Duration.ofSeconds(10));
        }
        assertThat(test.log.read("master/x")).isEmpty();
    }

    @Test
    void nobody_waits_for_ever_for_what_ended_in_an_error() throws Exception {
        append(B1, entry("x", 0));
        try (GroupCommit commit = new GroupCommit(test.log, B1)) {
            CompletableFuture<Outcome> bad =
                    commit.submit(
                            new Submission<>(
                                    List.of(entry("y", 0)),
                                    _ -> {
                                        throw new AssertionError("bug");
                                    },
                                    1));
            assertThat(bad).failsWithin(Duration.ofSeconds(10));

            assertThat(commit.submit(Submission.of(entry("z", 0))).get())
                    .isEqualTo(Outcome.APPENDED);
        }
    }

    @Test
    void a_transaction_that_says_nothing_any_more_is_ended_before_followers_give_its_events_up() {
        assertThat(
                        test.jdbc
                                .sql("SHOW SESSION VARIABLES LIKE 'wait_timeout'")
                                .query((row, _) -> row.getInt(2))
                                .single())
                .isLessThan(60);
    }
}
