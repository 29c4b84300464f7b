package io.buildledger.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.testing.TestLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class HolesTest {

    private final TestLog test = new TestLog();
    private long now;
    private final Holes holes = new Holes(test.dataSource, () -> now);

    @AfterEach
    void close() {
        test.close();
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    /** Without a commit. */
    private static void write7(Connection writing) throws SQLException {
        writing.setAutoCommit(false);
        try (Statement statement = writing.createStatement()) {
            statement.executeUpdate(
                    """
                    INSERT INTO event (global_index, stream, sequence_number, type, revision, payload, metadata)
                    VALUES (7, 'master/x', 0, 'master-stopped', '1', '{"master":"x","epoch":1}', '{}')
                    """);
        }
    }

    @Test
    void a_number_that_nobody_has_written_is_lost_after_a_while_and_stays_so() {
        assertThat(holes.areLost(1, 3)).isFalse();
        pass(Duration.ofMillis(199));
        assertThat(holes.areLost(1, 3)).isFalse();
        pass(Duration.ofMillis(1));
        assertThat(holes.areLost(1, 3)).isTrue();
        assertThat(holes.areLost(1, 3)).isTrue();
        assertThat(holes.areLost(5, 5)).isFalse();
    }

    @Test
    void what_is_written_and_not_committed_is_waited_for_much_longer() throws SQLException {
        try (Connection writing = test.dataSource.getConnection()) {
            write7(writing);
            assertThat(holes.areLost(5, 8)).isFalse();
            pass(Duration.ofMillis(9_999));
            assertThat(holes.areLost(5, 8)).isFalse();
            pass(Duration.ofMillis(1));
            assertThat(holes.areLost(5, 8)).isTrue();
            writing.rollback();
        }
    }

    @Test
    void what_was_rolled_back_is_waited_for_no_longer() throws SQLException {
        try (Connection writing = test.dataSource.getConnection()) {
            write7(writing);
            assertThat(holes.areLost(7, 7)).isFalse();
            pass(Duration.ofSeconds(1));
            assertThat(holes.areLost(7, 7)).isFalse();
            writing.rollback();
            assertThat(holes.areLost(7, 7)).isTrue();
        }
    }
}
