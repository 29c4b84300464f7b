package io.buildledger.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.database.ReadingConnection;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRetired;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Streams;
import io.buildledger.log.WholeLog;
import io.buildledger.replaying.ClusterState;
import io.buildledger.replaying.Snapshots;
import io.buildledger.testing.CountedSession;
import io.buildledger.testing.TestLog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SchedulerStreamsTest {

    private static final Author S = new Author("s", 1);

    private final TestLog test = new TestLog();
    private final Snapshots snapshots = new Snapshots(test.jdbc);
    private final SchedulerStreams streams = new SchedulerStreams(test.log, snapshots);
    private final Map<String, Long> next = new HashMap<>();
    private long changes;

    @AfterEach
    void close() {
        test.close();
    }

    private long append(SchedulerEvent event) {
        long sequence = next.merge(event.scheduler(), 1L, Long::sum) - 1;
        test.log.inTransaction(() ->
                test.log.append(
                        S,
                        null,
                        List.of(new Entry(Streams.scheduler(event.scheduler()), sequence, event))));
        return sequence;
    }

    private void take(String scheduler) {
        append(new ChangeTaken(scheduler, ++changes, "r", "main", "rev", "", "", null, null));
    }

    /** Some firings, and a change that waits for the next. */
    private void work(String scheduler, int firings) {
        for (int i = 0; i < firings; i++) {
            take(scheduler);
            append(new SchedulerFired(scheduler, changes, List.of(changes), null));
        }
        take(scheduler);
    }

    private void rename(String from, String to) {
        long upTo = append(new SchedulerRetired(from, to));
        append(new SchedulerRenamed(to, from, upTo, 0L, changes));
    }

    private long keep() throws InterruptedException {
        long head = test.log.head();
        ClusterState state = new ClusterState();
        try (ReadingConnection connection = test.database.connectToRead()) {
            new WholeLog(connection).read(head, event -> state.next(event.recorded()));
        }
        test.log.inTransaction(() -> snapshots.keep(head, state));
        return head;
    }

    private SchedulerStream fromTheBeginning(String scheduler) {
        test.jdbc.sql("DELETE FROM cluster_snapshot").update();
        return streams.read(scheduler);
    }

    private long rowsToRead(String scheduler) {
        try (CountedSession session = new CountedSession(test);
                EventLog log = session.log()) {
            SchedulerStreams counted = new SchedulerStreams(log, new Snapshots(session.jdbc));
            return session.rowsReadBy(() -> counted.read(scheduler));
        }
    }

    private long statementsToRead(String scheduler) {
        try (CountedSession session = new CountedSession(test);
                EventLog log = session.log()) {
            SchedulerStreams counted = new SchedulerStreams(log, new Snapshots(session.jdbc));
            return session.statementsOf(() -> counted.read(scheduler));
        }
    }

    @Test
    void what_it_costs_to_read_a_scheduler_does_not_grow_with_its_history() throws Exception {
        work("main", 5);
        keep();
        work("main", 2);
        long rows = rowsToRead("main");
        long statements = statementsToRead("main");
        assertThat(rows).isBetween(5L, 30L);

        work("main", 200);
        keep();
        work("main", 2);

        assertThat(rowsToRead("main")).isEqualTo(rows);
        assertThat(statementsToRead("main")).isEqualTo(statements);
        SchedulerStream read = streams.read("main");
        assertThat(read).isEqualTo(fromTheBeginning("main"));
        assertThat(read.nextSequence()).isEqualTo(next.get("main"));
    }

    @Test
    void what_somebody_knows_is_read_on_from_or_from_what_is_kept_if_that_is_newer()
            throws Exception {
        work("main", 2);
        SchedulerStream known = streams.read("main");
        keep();
        work("main", 2);
        SchedulerStream newer = streams.read("main");
        assertThat(streams.readOn(known, "main")).isEqualTo(newer);
        assertThat(streams.readOn(newer, "main")).isEqualTo(newer);

        keep();
        work("main", 1);

        assertThat(streams.readOn(known, "main")).isEqualTo(fromTheBeginning("main"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void a_scheduler_that_had_other_names_knows_the_same_wherever_a_state_is_kept(int keptAfter)
            throws Exception {
        work("one", 3);
        keepIf(keptAfter == 0);
        work("one", 1);
        rename("one", "two");
        keepIf(keptAfter == 1);
        work("two", 2);
        rename("two", "one");
        keepIf(keptAfter == 2);
        work("one", 2);
        keepIf(keptAfter == 3);
        take("one");

        SchedulerStream one = streams.read("one");
        SchedulerStream two = streams.read("two");

        assertThat(one.state().pending()).hasSize(5);
        assertThat(two.state().renamedTo()).isEqualTo("one");
        assertThat(one).isEqualTo(fromTheBeginning("one"));
        assertThat(two).isEqualTo(fromTheBeginning("two"));
    }

    private void keepIf(boolean isWanted) throws InterruptedException {
        if (isWanted) {
            keep();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE cluster_snapshot SET content = 'x' WHERE global_index = :index",
                "UPDATE cluster_snapshot SET format = '0' WHERE global_index = :index",
                "DELETE FROM cluster_snapshot WHERE global_index = :index"
            })
    void what_is_kept_and_can_t_be_read_is_passed_over(String sql) throws Exception {
        work("main", 40);
        keep();
        work("main", 2);
        long rows = rowsToRead("main");
        long index = keep();
        assertThat(test.jdbc.sql(sql).param("index", index).update()).isPositive();

        // From the one before it, and not from the beginning.
        assertThat(rowsToRead("main")).isLessThan(rows + 20);
        assertThat(streams.read("main")).isEqualTo(fromTheBeginning("main"));
    }
}
