package io.buildledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.log.LogTail.Subscription;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LogTailTest {

    private static final Duration NEVER = Duration.ofDays(1);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final AtomicLong nanoTime = new AtomicLong();
    private final List<String> told = new ArrayList<>();
    private final AtomicInteger noticed = new AtomicInteger();
    private final LogTail tail =
            LogTail.fromNow(
                    "test",
                    test.dataSource,
                    new Subscription(
                            Set.of(MasterStopped.class),
                            recorded -> told.add(recorded.stream()),
                            Set.of(BuildRequested.class),
                            noticed::incrementAndGet),
                    NEVER,
                    nanoTime::get);

    @AfterEach
    void close() {
        tail.close();
        test.close();
    }

    /** A transaction that has inserted events, and has neither committed nor rolled back yet. */
    private final class Open implements AutoCloseable {

        private final Connection connection;

        Open(String... streams) throws SQLException {
            connection = test.dataSource.getConnection();
            connection.setAutoCommit(false);
            for (String stream : streams) {
                try (Statement insert = connection.createStatement()) {
                    insert.executeUpdate(
                            """
                            INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
                            VALUES ('%s', 0, 'master-stopped', '1', '{"master":"x","epoch":1}', '{}')
                            """
                                    .formatted(stream));
                }
            }
        }

        void commit() throws SQLException {
            connection.commit();
        }

        @Override
        public void close() throws SQLException {
            connection.rollback();
            connection.setAutoCommit(true);
            connection.close();
        }
    }

    @Test
    void what_was_there_before_is_not_told_and_what_comes_is_told_once() {
        try (LogTail later =
                LogTail.fromNow(
                        "later",
                        test.dataSource,
                        Subscription.toAll(recorded -> told.add("later " + recorded.stream())),
                        NEVER,
                        nanoTime::get)) {
            test.insertRaw("master/a");
            tail.runOnce();
            test.insertRaw("master/b");
            tail.runOnce();
            tail.runOnce();

            assertThat(told).containsExactly("master/a", "master/b");
            later.runOnce();
            assertThat(told).endsWith("later master/a", "later master/b");
        }
    }

    @Test
    void a_tail_may_begin_in_the_past() {
        test.insertRaw("master/a");
        test.insertRaw("master/b");
        try (LogTail earlier =
                new LogTail(
                        "earlier",
                        test.dataSource,
                        test.log.lastIndex("master/a"),
                        Subscription.toAll(recorded -> told.add(recorded.stream())),
                        NEVER,
                        nanoTime::get)) {
            earlier.runOnce();
        }

        assertThat(told).containsExactly("master/b");
    }

    @Test
    void of_some_types_it_is_only_noticed_that_there_are_events_and_of_others_not_even_that() {
        story.change("a", "r", "c");
        tail.runOnce();
        assertThat(noticed).hasValue(0);

        story.fire(List.of(), "r", "linux", "docs", "mac");
        tail.runOnce();
        assertThat(noticed).hasValue(1);

        tail.runOnce();
        assertThat(noticed).hasValue(1);
        assertThat(told).isEmpty();
    }

    @Test
    void an_event_whose_transaction_commits_late_is_told_once() throws Exception {
        try (Open late = new Open("master/late")) {
            test.insertRaw("master/early");
            tail.runOnce();
            tail.runOnce();
            assertThat(told).containsExactly("master/early");

            late.commit();
            tail.runOnce();
            tail.runOnce();

            assertThat(told).containsExactly("master/early", "master/late");
        }
    }

    @Test
    void a_hole_may_be_filled_in_parts() throws Exception {
        try (Open first = new Open("master/1");
                Open second = new Open("master/2", "master/3");
                Open third = new Open("master/4")) {
            test.insertRaw("master/5");
            tail.runOnce();

            second.commit();
            tail.runOnce();
            assertThat(told).containsExactly("master/5", "master/2", "master/3");
            first.commit();
            third.commit();
            tail.runOnce();
            tail.runOnce();

            assertThat(told)
                    .containsExactly("master/5", "master/2", "master/3", "master/1", "master/4");
        }
    }

    @Test
    void a_hole_is_looked_into_until_no_transaction_can_fill_it_any_more() throws Exception {
        try (Open late = new Open("master/late");
                Open tooLate = new Open("master/too-late")) {
            test.insertRaw("master/early");
            tail.runOnce();

            nanoTime.addAndGet(EventTable.HOLES_ARE_FILLED_WITHIN.toNanos());
            late.commit();
            tail.runOnce();
            assertThat(told).containsExactly("master/early", "master/late");

            nanoTime.addAndGet(1);
            tail.runOnce();
            tooLate.commit();
            tail.runOnce();
            assertThat(told).containsExactly("master/early", "master/late");
        }
    }

    @Test
    void what_was_filled_in_while_this_process_slept_is_told() throws Exception {
        try (Open late = new Open("master/late")) {
            test.insertRaw("master/early");
            tail.runOnce();

            late.commit();
            nanoTime.addAndGet(Duration.ofMinutes(5).toNanos());
            tail.runOnce();

            assertThat(told).containsExactly("master/early", "master/late");
        }
    }

    @Test
    void an_event_that_is_taken_back_is_never_told() throws Exception {
        try (Open _ = new Open("master/never")) {
            test.insertRaw("master/early");
            tail.runOnce();
        }
        test.insertRaw("master/next");
        tail.runOnce();

        assertThat(told).containsExactly("master/early", "master/next");
    }

    @Test
    void more_than_a_page_is_told_in_order_and_once() {
        int events = 1 << 15;
        test.insertRaw("master/many");
        for (int rows = 1; rows < events; rows *= 2) {
            // The server takes numbers in blocks for this, which leaves holes, too.
            test.jdbc
                    .sql(
                            """
                            INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
                            SELECT stream, sequence_number + :rows, type, revision, payload, metadata
                              FROM event ORDER BY sequence_number
                            """)
                    .param("rows", rows)
                    .update();
        }
        List<Long> sequences = new ArrayList<>();
        try (LogTail all =
                new LogTail(
                        "all",
                        test.dataSource,
                        0,
                        Subscription.toAll(recorded -> sequences.add(recorded.sequence())),
                        NEVER,
                        nanoTime::get)) {
            all.runOnce();
            all.runOnce();
        }

        assertThat(sequences).hasSize(events).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void what_a_reader_could_not_take_is_told_again() {
        AtomicInteger failures = new AtomicInteger(1);
        try (LogTail failing =
                LogTail.fromNow(
                        "failing",
                        test.dataSource,
                        new Subscription(
                                Set.of(MasterStopped.class, BuildRequestReleased.class),
                                recorded -> {
                                    if (failures.getAndDecrement() > 0) {
                                        throw new IllegalStateException("not now");
                                    }
                                    told.add(recorded.stream());
                                },
                                Set.of(),
                                () -> {}),
                        NEVER,
                        nanoTime::get)) {
            test.insertRaw("master/a");
            assertThatThrownBy(failing::runOnce).hasMessage("not now");

            failing.runOnce();

            assertThat(told).containsExactly("master/a");
        }
    }

    @Test
    void in_order_it_waits_for_what_is_written_and_not_committed() throws SQLException {
        try (LogTail ordered = ordered();
                Open open = new Open("master/a")) {
            test.insertRaw("master/b");
            ordered.runOnce();
            assertThat(told).isEmpty();
            assertThat(ordered.isWaiting()).isTrue();

            open.commit();
            ordered.runOnce();
            assertThat(told).containsExactly("master/a", "master/b");
            assertThat(ordered.isWaiting()).isFalse();
        }
    }

    @Test
    void in_order_it_waits_no_longer_than_ten_seconds_and_tells_late_what_comes_after_that()
            throws SQLException {
        try (LogTail ordered = ordered();
                Open open = new Open("master/a")) {
            test.insertRaw("master/b");
            ordered.runOnce();
            nanoTime.addAndGet(Duration.ofSeconds(11).toNanos());
            ordered.runOnce();
            assertThat(told).containsExactly("master/b");
            assertThat(ordered.isWaiting()).isFalse();

            open.commit();
            ordered.runOnce();
            ordered.runOnce();
            assertThat(told).containsExactly("master/b", "master/a");
        }
    }

    private LogTail ordered() {
        return LogTail.inOrder(
                "ordered",
                test.dataSource,
                test.log.head(),
                Subscription.toAll(recorded -> told.add(recorded.stream())),
                NEVER,
                nanoTime::get);
    }
}
