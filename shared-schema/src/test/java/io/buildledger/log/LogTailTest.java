package io.buildledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.log.LogTail.Subscription;
import io.buildledger.testing.TestLog;
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

    private static final Author B1 = new Author("b1", 1);

    private final TestLog test = new TestLog();
    private final List<String> told = new ArrayList<>();
    private final AtomicInteger noticed = new AtomicInteger();
    private final AtomicLong nanoTime = new AtomicLong();

    @AfterEach
    void close() {
        test.close();
    }

    private LogTail tail() {
        return new LogTail(
                "t",
                test.dataSource,
                0,
                new Subscription(
                        Set.of(MasterStopped.class),
                        recorded -> told.add(recorded.stream()),
                        Set.of(MasterLost.class),
                        noticed::incrementAndGet),
                Duration.ofHours(1),
                nanoTime::get);
    }

    private void stopped(String... masters) {
        test.log.inTransaction(() -> {
            for (String master : masters) {
                Entry entry = new Entry("master/" + master, 0, new MasterStopped(master, 1));
                test.log.append(B1, null, List.of(entry));
            }
        });
    }

    private void lost(String... masters) {
        test.log.inTransaction(() -> {
            for (String master : masters) {
                MasterLost lost = new MasterLost(master, 1, "b2", "");
                test.log.append(B1, null, List.of(new Entry("master/" + master, 0, lost)));
            }
        });
    }

    /** Takes the next number in the log in a transaction that is still open. */
    private Connection anOpenAppend(String stream) throws SQLException {
        Connection connection = test.dataSource.getConnection();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    """
                    INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
                    VALUES ('%s', 0, 'master-stopped', '1', '{"master":"x","epoch":1}', '{}')
                    """
                            .formatted(stream));
        }
        return connection;
    }

    private static void end(Connection connection, boolean commit) throws SQLException {
        if (commit) {
            connection.commit();
        } else {
            connection.rollback();
        }
        connection.setAutoCommit(true);
        connection.close();
    }

    @Test
    void each_event_of_the_types_that_are_wanted_is_told_once_in_order() {
        LogTail tail = tail();
        stopped("a", "b");
        tail.runOnce();
        stopped("c");
        tail.runOnce();
        tail.runOnce();

        assertThat(told).containsExactly("master/a", "master/b", "master/c");
        assertThat(noticed).hasValue(0);
    }

    @Test
    void of_types_that_are_noticed_it_is_only_said_that_there_are_some() {
        LogTail tail = tail();
        lost("a", "b", "c");

        tail.runOnce();
        tail.runOnce();

        assertThat(told).isEmpty();
        assertThat(noticed).hasValue(1);
    }

    @Test
    void an_event_whose_transaction_commits_late_is_told_when_it_does_and_once() throws Exception {
        LogTail tail = tail();
        Connection late = anOpenAppend("master/late");
        stopped("a");
        tail.runOnce();
        assertThat(told).containsExactly("master/a");

        end(late, true);
        tail.runOnce();
        tail.runOnce();

        assertThat(told).containsExactly("master/a", "master/late");
    }

    @Test
    void of_two_transactions_that_commit_late_the_one_that_comes_last_is_told_too()
            throws Exception {
        LogTail tail = tail();
        Connection first = anOpenAppend("master/first");
        Connection second = anOpenAppend("master/second");
        stopped("a");
        tail.runOnce();

        end(second, true);
        tail.runOnce();
        end(first, true);
        tail.runOnce();

        assertThat(told).containsExactly("master/a", "master/second", "master/first");
    }

    @Test
    void what_was_filled_in_while_this_process_slept_is_told() throws Exception {
        LogTail tail = tail();
        Connection late = anOpenAppend("master/late");
        stopped("a");
        tail.runOnce();

        end(late, true);
        nanoTime.addAndGet(Duration.ofMinutes(5).toNanos());
        tail.runOnce();

        assertThat(told).containsExactly("master/a", "master/late");
    }

    @Test
    void a_number_that_was_rolled_back_is_not_looked_for_for_ever() throws Exception {
        LogTail tail = tail();
        Connection rolledBack = anOpenAppend("master/never");
        stopped("a");
        tail.runOnce();
        end(rolledBack, false);
        nanoTime.addAndGet(Duration.ofSeconds(61).toNanos());
        tail.runOnce();

        assertThat(tail.holes()).isZero();
        assertThat(told).containsExactly("master/a");
    }

    @Test
    void after_an_outage_it_goes_on_where_it_was() throws Exception {
        LogTail tail = tail();
        stopped("a");
        tail.runOnce();
        test.jdbc.sql("RENAME TABLE event TO away").update();
        assertThatThrownBy(tail::runOnce).isInstanceOf(RuntimeException.class);
        test.jdbc.sql("RENAME TABLE away TO event").update();
        stopped("b");

        tail.runOnce();

        assertThat(told).containsExactly("master/a", "master/b");
    }

    @Test
    void a_hole_may_be_filled_in_parts() throws Exception {
        LogTail tail = tail();
        Connection first = anOpenAppend("master/1");
        Connection second = anOpenAppend("master/2");
        Connection third = anOpenAppend("master/3");
        stopped("4");
        tail.runOnce();

        end(second, true);
        tail.runOnce();
        assertThat(told).containsExactly("master/4", "master/2");
        end(first, true);
        end(third, true);
        tail.runOnce();
        tail.runOnce();

        assertThat(told)
                .startsWith("master/4", "master/2")
                .containsExactlyInAnyOrder("master/1", "master/2", "master/3", "master/4");
    }

    @Test
    void a_tail_that_begins_now_is_not_told_of_what_was() {
        stopped("a");
        LogTail tail =
                LogTail.fromNow(
                        "t",
                        test.dataSource,
                        Subscription.toAll(recorded -> told.add(recorded.stream())),
                        Duration.ofHours(1),
                        nanoTime::get);
        stopped("b");

        tail.runOnce();

        assertThat(told).containsExactly("master/b");
    }

    @Test
    void more_than_a_page_is_told_in_order_and_once() {
        int events = 1 << 15;
        stopped("many");
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
        LogTail tail =
                new LogTail(
                        "t",
                        test.dataSource,
                        0,
                        Subscription.toAll(recorded -> sequences.add(recorded.sequence())),
                        Duration.ofHours(1),
                        nanoTime::get);

        tail.runOnce();
        tail.runOnce();

        assertThat(sequences).hasSize(events).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void what_a_reader_could_not_take_is_told_again() {
        AtomicInteger failures = new AtomicInteger(1);
        LogTail tail =
                new LogTail(
                        "t",
                        test.dataSource,
                        0,
                        Subscription.toAll(recorded -> {
                            if (failures.getAndDecrement() > 0) {
                                throw new IllegalStateException("not now");
                            }
                            told.add(recorded.stream());
                        }),
                        Duration.ofHours(1),
                        nanoTime::get);
        stopped("a");
        assertThatThrownBy(tail::runOnce).hasMessage("not now");

        tail.runOnce();

        assertThat(told).containsExactly("master/a");
    }
}
