package io.buildledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.log.GroupCommit.Outcome;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.testing.TestLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.axonframework.eventhandling.Segment;
import org.axonframework.eventhandling.TrackingEventStream;
import org.axonframework.eventhandling.tokenstore.UnableToClaimTokenException;
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
    void a_batch_of_events_is_one_statement() {
        long before = statements();
        Entry[] entries = new Entry[100];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = entry("x", i);
        }
        append(B1, entries);

        // The counter's own two readings, BEGIN, INSERT, COMMIT, and what the pool asks.
        assertThat(statements() - before).isLessThan(12);
    }

    private long statements() {
        return test.jdbc
                .sql("SHOW GLOBAL STATUS LIKE 'Questions'")
                .query((row, _) -> row.getLong(2))
                .single();
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

    @Test
    void a_shared_follower_reads_every_event_once_in_order_and_goes_on_where_another_stopped() {
        List<Long> read = Collections.synchronizedList(new ArrayList<>());
        Follower.Reader reader = recorded -> read.add(recorded.sequence());
        try (Follower follower = follower("f", B1, reader).start()) {
            append(B1, entry("x", 0), entry("x", 1));
            await().untilAsserted(() -> assertThat(read).containsExactly(0L, 1L));
            assertThat(follower.position()).hasValue(2);
        }
        append(B1, entry("x", 2));
        try (Follower _ = follower("f", B2, reader).start()) {
            await().untilAsserted(() -> assertThat(read).containsExactly(0L, 1L, 2L));
        }
    }

    @Test
    void a_follower_passes_over_what_does_not_concern_its_reader() {
        List<Object> read = Collections.synchronizedList(new ArrayList<>());
        Follower.Reader reader =
                new Follower.Reader() {
                    @Override
                    public boolean concerns(Object event) {
                        return !(event instanceof MasterStopped);
                    }

                    @Override
                    public void read(Recorded recorded) {
                        read.add(recorded);
                    }
                };
        try (Follower follower = follower("f", B1, reader).start()) {
            append(B1, entry("x", 0), entry("x", 1));

            await().untilAsserted(() -> assertThat(follower.position()).hasValue(2));
        }
        assertThat(read).isEmpty();
    }

    @Test
    void a_follower_is_told_the_time_of_an_event_as_the_log_has_it() {
        List<Recorded> read = Collections.synchronizedList(new ArrayList<>());
        append(B1, entry("x", 0));
        test.jdbc.sql("UPDATE event SET recorded_at = '2026-01-01 12:00:00.123456'").update();

        try (Follower _ = follower("f", B1, read::add).start()) {
            await().until(() -> !read.isEmpty());
        }

        assertThat(read).isEqualTo(test.log.read("master/x"));
        assertThat(read.getFirst().at()).isEqualTo(Instant.parse("2026-01-01T12:00:00.123456Z"));
    }

    @Test
    void while_its_owner_lives_a_shared_follower_of_the_same_name_stands_by() {
        AtomicInteger first = new AtomicInteger();
        AtomicInteger second = new AtomicInteger();
        try (Follower owner = follower("f", B1, _ -> first.incrementAndGet()).start()) {
            append(B1, entry("x", 0));
            await().until(() -> first.get() == 1);
            try (Follower standby = follower("f", B2, _ -> second.incrementAndGet()).start()) {
                append(B1, entry("x", 1));
                await().until(() -> first.get() == 2);
                assertThat(standby.position()).isEmpty();
                assertThat(owner.position()).hasValue(2);
            }
        }
        assertThat(second).hasValue(0);
    }

    @Test
    void what_is_recorded_once_a_follower_has_started_is_read_even_from_the_head() {
        append(B1, entry("x", 0));
        List<Long> read = Collections.synchronizedList(new ArrayList<>());
        try (Follower _ =
                Follower.of(
                                "h",
                                Follower.Start.HEAD,
                                test.log,
                                test.dataSource,
                                B1,
                                recorded -> read.add(recorded.sequence()))
                        .start()) {
            append(B1, entry("x", 1));

            await().untilAsserted(() -> assertThat(read).containsExactly(1L));
        }
    }

    @Test
    void followers_are_told_to_look_when_a_timer_has_fired_and_when_others_say_so() {
        AtomicInteger told = new AtomicInteger();
        try (TrackingEventStream stream = test.log.store().openStream(null)) {
            stream.setOnAvailableCallback(told::incrementAndGet);
            assertThat(stream.hasNextAvailable()).isFalse();

            append(B1, entry("x", 0));
            assertThat(told).hasValue(0);

            TimerFired fired = new TimerFired("main", 1, Instant.EPOCH);
            append(B1, new Entry(Streams.timer("main", 1), 0, fired), entry("x", 1));
            assertThat(told).hasValue(1);
            assertThat(stream.hasNextAvailable()).isTrue();

            test.log.lookNow();
            assertThat(told).hasValue(2);
        }
    }

    @Test
    void what_a_reader_writes_and_its_place_in_the_log_commit_together() {
        AtomicInteger failures = new AtomicInteger();
        Follower.Reader reader =
                recorded -> {
                    if (recorded.stream().equals("master/x")) {
                        test.log.append(
                                B1, recorded.id(), List.of(entry("derived", recorded.sequence())));
                        if (failures.getAndIncrement() == 0) {
                            throw new IllegalStateException("the first time it fails");
                        }
                    }
                };
        try (Follower _ = follower("f", B1, reader).start()) {
            append(B1, entry("x", 0));
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(test.log.read("master/derived")).hasSize(1));
        }
        assertThat(failures).hasValueGreaterThanOrEqualTo(2);
    }

    @Test
    void a_life_that_is_over_and_does_not_know_it_neither_writes_nor_moves_its_place()
            throws Exception {
        MasterRegistry registry = new MasterRegistry(test.log, test.dataSource, test.dataSource);
        Author first = registry.register(registration("s"));
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        AtomicInteger rolledBack = new AtomicInteger();
        Follower.Reader reader =
                new Follower.Reader() {
                    @Override
                    public void read(Recorded recorded) {
                        if (recorded.stream().equals("master/x")) {
                            test.log.append(first, recorded.id(), List.of(entry("derived", 0)));
                            reading.countDown();
                            awaitUninterruptibly(over);
                        }
                    }

                    @Override
                    public void rolledBack() {
                        rolledBack.incrementAndGet();
                    }
                };
        try (Follower _ = follower("f", first, reader).start()) {
            append(B1, entry("x", 0));
            reading.await();
            Author second = registry.register(registration("s"));
            assertThat(second.epoch()).isEqualTo(2);
            over.countDown();

            await().until(() -> rolledBack.get() > 0);
        }

        assertThat(test.log.read("master/derived")).isEmpty();
        assertThat(test.count("SELECT COUNT(*) FROM token WHERE owner IS NOT NULL")).isZero();
        List<String> read = Collections.synchronizedList(new ArrayList<>());
        try (Follower _ =
                follower("f", new Author("s", 2), recorded -> read.add(recorded.stream()))
                        .start()) {
            await().until(() -> read.contains("master/x"));
        }
    }

    @Test
    void a_life_that_is_over_takes_no_follower_that_is_free() {
        MasterRegistry registry = new MasterRegistry(test.log, test.dataSource, test.dataSource);
        Author first = registry.register(registration("s"));
        LivingTokenStore tokens = LivingTokenStore.of(test.dataSource, first);
        test.log.inTransaction(
                () -> tokens.initializeTokenSegments("f", 1, test.log.store().createTailToken()));
        Author second = registry.register(registration("s"));

        assertThatThrownBy(() -> test.log.inTransaction(() -> tokens.fetchToken("f", 0)))
                .isInstanceOf(UnableToClaimTokenException.class);
        assertThatThrownBy(() ->
                        test.log.inTransaction(() -> tokens.fetchToken("f", Segment.ROOT_SEGMENT)))
                .isInstanceOf(UnableToClaimTokenException.class);
        assertThat(test.count("SELECT COUNT(*) FROM token WHERE owner IS NULL")).isEqualTo(1);

        test.log.inTransaction(
                () -> LivingTokenStore.of(test.dataSource, second).fetchToken("f", 0));
        assertThat(test.count("SELECT COUNT(*) FROM token WHERE owner = 's#2'")).isEqualTo(1);
    }

    private static Registration registration(String name) {
        return new Registration(
                name, "scheduler", "host", 1, Duration.ofSeconds(30), Map.of(), null);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void an_event_whose_transaction_commits_late_is_not_skipped() throws Exception {
        List<String> read = Collections.synchronizedList(new ArrayList<>());
        try (Follower _ = follower("f", B1, recorded -> read.add(recorded.stream())).start()) {
            CountDownLatch inserted = new CountDownLatch(1);
            Thread late =
                    Thread.ofPlatform()
                            .start(() ->
                                    test.transactionTemplate()
                                            .executeWithoutResult(_ -> {
                                                test.insertRaw("master/late");
                                                inserted.countDown();
                                                await().until(() -> read.contains("master/early"));
                                            }));
            inserted.await();
            // Takes a later index and commits first.
            append(B2, entry("early", 0));
            late.join();
            await().untilAsserted(
                            () -> assertThat(read).containsExactly("master/early", "master/late"));
        }
    }

    private Follower follower(String name, Author owner, Follower.Reader reader) {
        return Follower.of(
                name, Follower.Start.FIRST_EVENT, test.log, test.dataSource, owner, reader);
    }
}
