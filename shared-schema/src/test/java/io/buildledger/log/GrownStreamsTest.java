package io.buildledger.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.log.GrownStreams.Growth;
import io.buildledger.testing.TestLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Of a follower that makes rows of {@link MasterStopped} alone. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class GrownStreamsTest {

    private static final String INSERT =
            """
            INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
            VALUES ('%s', 0, '%s', '1', '{}', '{}')
            """;

    private final TestLog test = new TestLog();
    private final long start = test.log.head();
    private LogPosition position = new LogPosition(start, Set.of());
    private final GrownStreams grown =
            new GrownStreams(test.jdbc, () -> position, Set.of(MasterStopped.class), start);

    @AfterEach
    void close() {
        test.close();
    }

    private long followed(String stream) {
        test.jdbc.sql(INSERT.formatted(stream, "master-stopped")).update();
        return test.log.head();
    }

    private long ofNobody(String stream) {
        test.jdbc.sql(INSERT.formatted(stream, "step-started")).update();
        return test.log.head();
    }

    private void many(String type, String streams, int count) {
        String rows =
                IntStream.range(0, count)
                        .mapToObj(i ->
                                "('%s%d', 0, '%s', '1', '{}', '{}')".formatted(streams, i, type))
                        .collect(Collectors.joining(","));
        test.jdbc
                .sql(
                        "INSERT INTO event (stream, sequence_number, type, revision, payload, metadata) VALUES "
                                + rows)
                .update();
    }

    @Test
    void what_the_follower_makes_rows_of_is_told_once_when_it_has_read_it() {
        long first = followed("master/a");
        assertThat(grown.look()).isEqualTo(new Growth(start, start, Set.of()));

        position = new LogPosition(first, Set.of());
        assertThat(grown.look()).isEqualTo(new Growth(first, first, Set.of("master/a")));
        assertThat(grown.look()).isEqualTo(new Growth(first, first, Set.of()));
    }

    @Test
    void what_it_does_not_is_told_at_once_and_the_index_waits_for_the_follower() {
        long first = followed("master/a");
        long second = ofNobody("build/linux/1");

        assertThat(grown.look()).isEqualTo(new Growth(start, second, Set.of("build/linux/1")));
        assertThat(grown.look()).isEqualTo(new Growth(start, start, Set.of()));
        position = new LogPosition(first, Set.of());
        assertThat(grown.look()).isEqualTo(new Growth(first, first, Set.of("master/a")));
        position = new LogPosition(second, Set.of());
        assertThat(grown.look()).isEqualTo(new Growth(second, second, Set.of()));
    }

    @Test
    void whoever_goes_on_from_an_index_hears_of_all_that_came_after_it() {
        followed("master/a");
        long second = ofNobody("build/linux/1");
        Growth before = grown.look();
        position = new LogPosition(second, Set.of());

        GrownStreams later =
                new GrownStreams(
                        test.jdbc, () -> position, Set.of(MasterStopped.class), before.upTo());

        assertThat(later.look().streams()).containsExactly("master/a", "build/linux/1");
    }

    @Test
    void what_commits_after_the_follower_has_passed_its_number_is_told_when_it_is_read()
            throws SQLException {
        try (Connection connection = test.dataSource.getConnection();
                Statement insert = connection.createStatement()) {
            connection.setAutoCommit(false);
            insert.executeUpdate(INSERT.formatted("master/late", "master-stopped"));
            long second = followed("master/b");
            position = new LogPosition(second, Set.of(second - 1));
            assertThat(grown.look()).isEqualTo(new Growth(second - 2, second, Set.of("master/b")));

            connection.commit();
            connection.setAutoCommit(true);
            assertThat(grown.look().streams()).isEmpty();
            position = new LogPosition(second, Set.of());
            assertThat(grown.look()).isEqualTo(new Growth(second, second, Set.of("master/late")));
        }
    }

    @Test
    void what_fills_one_of_two_gaps_is_newer_than_the_other() throws SQLException {
        try (Connection first = test.dataSource.getConnection();
                Statement open = first.createStatement();
                Connection second = test.dataSource.getConnection();
                Statement late = second.createStatement()) {
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            open.executeUpdate(INSERT.formatted("master/open", "master-stopped"));
            late.executeUpdate(INSERT.formatted("master/late", "master-stopped"));
            long third = followed("master/c");
            position = new LogPosition(third, Set.of(third - 2, third - 1));
            assertThat(grown.look().streams()).containsExactly("master/c");

            second.commit();
            position = new LogPosition(third, Set.of(third - 2));
            assertThat(grown.look())
                    .as("who knows all up to the first gap does not know it")
                    .isEqualTo(new Growth(third - 3, third - 1, Set.of("master/late")));
            first.rollback();
            first.setAutoCommit(true);
            second.setAutoCommit(true);
        }
    }

    @Test
    void a_newer_program_s_event_waits_for_the_follower() {
        test.jdbc.sql(INSERT.formatted("build/linux/1", "step-praised")).update();
        long index = test.log.head();
        assertThat(grown.look().streams()).isEmpty();

        position = new LogPosition(index, Set.of());
        assertThat(grown.look().streams()).containsExactly("build/linux/1");
    }

    @Test
    void more_than_is_read_at_once_is_told_by_the_next_looks() {
        test.log.inTransaction(() -> many("master-stopped", "master/m", 12_000));
        position = new LogPosition(test.log.head(), Set.of());

        assertThat(grown.look().streams()).hasSize(5_000).contains("master/m0");
        assertThat(grown.isBehind()).isTrue();
        assertThat(grown.look().streams()).hasSize(5_000);
        assertThat(grown.look().streams()).hasSize(2_000).contains("master/m11999");
        assertThat(grown.isBehind()).isFalse();
        long head = test.log.head();
        assertThat(grown.look()).isEqualTo(new Growth(head, head, Set.of()));
    }

    @Test
    void what_nobody_follows_is_told_however_far_behind_the_follower_is() {
        test.log.inTransaction(() -> many("master-stopped", "master/m", 6_000));
        long step = ofNobody("build/linux/1");

        assertThat(grown.look().streams()).isEmpty();
        assertThat(grown.isBehind()).isTrue();
        assertThat(grown.look()).isEqualTo(new Growth(start, step, Set.of("build/linux/1")));
        assertThat(grown.isBehind()).isFalse();
        assertThat(grown.look().streams()).isEmpty();
    }
}
