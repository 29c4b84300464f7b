package io.buildledger.attaching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.buildledger.attaching.WorkerCommands.Answer;
import io.buildledger.attaching.WorkerRegister.Outcome.Attached;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.domain.attaching.Backoff;
import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.attaching.WorkerEvent.WorkerAttached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerDetached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerMissing;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.attaching.WorkerEvent.WorkerQuarantined;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopRequested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopped;
import io.buildledger.domain.attaching.WorkerEvent.WorkerUnpaused;
import io.buildledger.domain.attaching.WorkerState;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.viewing.Views;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What people ask of workers and masters find out about them, and how they are shown. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class WorkerCommandsTest {

    private static final Author PEOPLE = new Author("s", 1);
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(10), Duration.ofHours(1));
    private static final Duration HOUR = Duration.ofHours(1);

    private final TestLog test = new TestLog();
    private final WorkerRegister register =
            new WorkerRegister(test.log, test.dataSource, new OpenCommands(test.dataSource));
    private final WorkerCommands commands = new WorkerCommands(test.log, test.dataSource);
    private final WorkerRoster roster = new WorkerRoster(test.log, test.dataSource);
    private final WorkerTable table = new WorkerTable(test.jdbc);
    private final Views views = new Views(test.jdbc);
    private final MasterRegistry masters =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final Author b1 = begin("b1");
    private final Author b2 = begin("b2");

    @AfterEach
    void close() {
        test.close();
    }

    private Author begin(String master) {
        Author author = masters.register(TestMasters.builder(master));
        roster.list(
                author,
                List.of(
                        new Listed("w", true, false, 2),
                        new Listed(master + "/local", false, false, 1)));
        return author;
    }

    private List<WorkerEvent> events(String worker) {
        return test.log.read(Streams.worker(worker)).stream()
                .map(Recorded::event)
                .map(WorkerEvent.class::cast)
                .toList();
    }

    private void attach(Author master) {
        assertThat(register.attach(master, "w", "3.7.0", "posix"))
                .isEqualTo(new Attached(List.of()));
    }

    private Views.Worker shown() {
        return views.worker("w").orElseThrow();
    }

    private WorkerStanding standing() {
        return Objects.requireNonNull(table.all().get("w"));
    }

    private WorkerState state() {
        return standing().state();
    }

    @Test
    void a_pause_holds_until_it_is_taken_back_whoever_has_the_worker() {
        assertThat(commands.pause(PEOPLE, "w", "new disk", "ann")).isEqualTo(Answer.DONE);
        assertThat(commands.pause(PEOPLE, "w", "again", "joe")).isEqualTo(Answer.NO_CHANGE);
        attach(b1);
        register.detach(b1, "w", "gone");
        attach(b2);

        assertThat(state().mayBuild(Instant.now())).isFalse();
        assertThat(shown().state()).isEqualTo("paused");
        assertThat(shown().why()).isEqualTo("by ann: new disk");
        assertThat(shown().master()).isEqualTo("b2");

        assertThat(commands.unpause(PEOPLE, "w", "it is in", "joe")).isEqualTo(Answer.DONE);
        assertThat(commands.unpause(PEOPLE, "w", "", "joe")).isEqualTo(Answer.NO_CHANGE);

        assertThat(shown().state()).isEqualTo("idle");
        assertThat(events("w"))
                .filteredOn(it -> it instanceof WorkerPaused || it instanceof WorkerUnpaused)
                .containsExactly(
                        new WorkerPaused("w", "new disk", "ann"),
                        new WorkerUnpaused("w", "it is in", "joe"));
    }

    @Test
    void a_worker_that_no_master_has_in_its_file_is_unknown() {
        assertThat(commands.pause(PEOPLE, "x", "", "ann")).isEqualTo(Answer.UNKNOWN);
        assertThat(commands.unpause(PEOPLE, "local", "", "ann")).isEqualTo(Answer.UNKNOWN);
        assertThat(commands.stop(PEOPLE, "b3/local", "", "ann")).isEqualTo(Answer.UNKNOWN);
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE stream LIKE 'worker/%'")).isZero();
        assertThat(test.count("SELECT COUNT(*) FROM worker")).isZero();
    }

    @Test
    void only_a_worker_that_a_living_master_has_can_be_stopped_and_it_is_so_until_it_comes_back() {
        assertThat(commands.stop(PEOPLE, "w", "", "ann")).isEqualTo(Answer.NOT_ATTACHED);
        assertThat(commands.stop(PEOPLE, "b1/local", "", "ann")).isEqualTo(Answer.LOCAL);
        attach(b1);
        assertThat(commands.stop(PEOPLE, "w", "it moves", "ann")).isEqualTo(Answer.DONE);
        assertThat(commands.stop(PEOPLE, "w", "it moves", "ann")).isEqualTo(Answer.NO_CHANGE);
        assertThat(shown().state()).isEqualTo("stopping");

        register.stopped(b1, "w");
        assertThat(commands.stop(PEOPLE, "w", "", "ann")).isEqualTo(Answer.NOT_ATTACHED);
        register.detach(b1, "w", "it was told to shut down");

        assertThat(shown().state()).isEqualTo("stopped");
        assertThat(events("w"))
                .hasSize(4)
                .endsWith(
                        new WorkerStopRequested("w", "it moves", "ann"),
                        new WorkerStopped("w", "b1", 1),
                        new WorkerDetached("w", "b1", 1, "it was told to shut down"));
        attach(b2);
        assertThat(shown().state()).isEqualTo("idle");
    }

    @Test
    void the_worker_of_a_master_whose_life_is_over_can_not_be_stopped() {
        attach(b1);
        masters.stop(b1);

        assertThat(commands.stop(PEOPLE, "w", "", "ann")).isEqualTo(Answer.NOT_ATTACHED);
        assertThat(shown().state()).isEqualTo("absent");
        assertThat(shown().master()).isNull();
    }

    @Test
    void a_quarantine_grows_with_each_failure_and_ends_with_a_good_build_or_a_wish() {
        attach(b1);
        Instant before = masters.now();
        register.failed(b1, "w", BACKOFF, "lost");
        // Of another build that ran on it then.
        register.failed(b1, "w", BACKOFF, "lost, too");

        WorkerQuarantined first = (WorkerQuarantined) events("w").getLast();
        assertThat(first.failures()).isEqualTo(1);
        assertThat(Duration.between(before, first.until()))
                .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(20));
        assertThat(shown().state()).isEqualTo("quarantined");
        assertThat(shown().quarantine())
                .isEqualTo(
                        new Views.Quarantined(
                                first.until().truncatedTo(ChronoUnit.MICROS), 1, "lost"));

        over();
        assertThat(shown().state()).isEqualTo("idle");
        register.failed(b2, "w", BACKOFF, "lost again");
        assertThat(((WorkerQuarantined) events("w").getLast()).failures()).isEqualTo(2);
        assertThat(commands.unpause(PEOPLE, "w", "", "ann")).isEqualTo(Answer.DONE);
        assertThat(state().failures()).isZero();

        register.failed(b1, "w", BACKOFF, "lost");
        assertThat(register.recovered(b1, "w").state().mayBuild(before)).isTrue();
        assertThat(register.recovered(b1, "w").state().failures()).isZero();
        assertThat(events("w")).hasSize(6);
    }

    /** As if the quarantine had begun long ago. */
    private void over() {
        test.jdbc
                .sql("UPDATE worker SET quarantined_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")
                .update();
    }

    @Test
    void what_a_former_program_has_written_is_made_up_for() {
        attach(b1);
        test.log.inTransaction(() ->
                test.log.append(
                        b1,
                        null,
                        List.of(
                                new Entry("worker/w", 1, new WorkerDetached("w", "b1", 1, "gone")),
                                new Entry(
                                        "worker/w",
                                        2,
                                        new WorkerAttached(
                                                "w", "b2", 1, "3.7.0", "posix", List.of())))));
        assertThat(register.holder("w")).contains(b2);
        commands.pause(PEOPLE, "w", "", "ann");

        assertThat(shown().master()).isEqualTo("b2");
        assertThat(standing().sequence()).isEqualTo(3);
    }

    @Test
    void absent_are_those_that_no_living_master_has_and_nobody_told_of() {
        assertThat(roster.absent(b1)).containsExactly("w");
        attach(b2);
        assertThat(roster.absent(b1)).isEmpty();
        register.detach(b2, "w", "gone");
        assertThat(roster.absent(b2)).containsExactly("w");
        attach(b2);
        masters.stop(b2);
        assertThat(roster.absent(b1)).containsExactly("w");

        assertThat(register.missed(b1, "w", HOUR)).isTrue();
        assertThat(roster.absent(b1)).isEmpty();
        attach(b1);
        register.detach(b1, "w", "gone");
        assertThat(roster.absent(b1)).containsExactly("w");

        attach(b1);
        register.stopped(b1, "w");
        register.detach(b1, "w", "it was told to shut down");
        assertThat(roster.absent(b1)).isEmpty();
    }

    @Test
    void an_absence_is_told_of_once() {
        attach(b2);
        assertThat(register.missed(b1, "w", HOUR)).isFalse();
        register.detach(b2, "w", "gone");

        assertThat(register.missed(b1, "w", HOUR)).isTrue();
        assertThat(register.missed(b2, "w", HOUR)).isFalse();

        assertThat(shown().state()).isEqualTo("missing");
        assertThat(shown().missingSince()).isNotNull();
        attach(b1);
        assertThat(shown().missingSince()).isNull();
        assertThat(events("w"))
                .filteredOn(WorkerMissing.class::isInstance)
                .containsExactly(new WorkerMissing("w", "b1", 1, 3_600_000));
    }

    @Test
    void of_masters_that_miss_it_at_once_one_tells_of_it() throws Exception {
        int rounds = 20;
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int i = 0; i < rounds; i++) {
                String worker = "race-" + i;
                List<Callable<Boolean>> both =
                        List.of(
                                () -> register.missed(b1, worker, HOUR),
                                () -> register.missed(b2, worker, HOUR));
                long told = 0;
                for (Future<Boolean> outcome : threads.invokeAll(both)) {
                    told += outcome.get() ? 1 : 0;
                }
                assertThat(told).isEqualTo(1);
            }
        }
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'worker-missing'"))
                .isEqualTo(rounds);
        assertThat(
                        test.count(
                                "SELECT COUNT(*) FROM worker WHERE sequence_number = 0 AND missing_since IS NOT NULL"))
                .isEqualTo(rounds);
    }

    @Test
    void wishes_for_one_worker_at_once_are_all_kept_and_the_table_says_the_last() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Answer>> all =
                    List.of(
                            () -> commands.pause(PEOPLE, "w", "", "ann"),
                            () -> commands.pause(PEOPLE, "w", "", "joe"),
                            () -> {
                                attach(b1);
                                return Answer.DONE;
                            },
                            () -> {
                                register.failed(b1, "w", BACKOFF, "lost");
                                return Answer.DONE;
                            });
            for (Future<Answer> outcome : threads.invokeAll(all)) {
                outcome.get();
            }
        }

        assertThat(events("w")).hasSize(3);
        assertThat(state().pause()).isNotNull();
        assertThat(state().failures()).isEqualTo(1);
        assertThat(state().isAttachedTo("b1", 1)).isTrue();
        assertThat(standing().sequence()).isEqualTo(2);
    }

    @Test
    void workers_are_shown_once_if_they_attach_and_for_each_living_master_if_they_are_local() {
        masters.stop(begin("b3"));
        attach(b1);
        commands.pause(PEOPLE, "b2/local", "", "ann");

        assertThat(views.workers(10))
                .extracting(
                        Views.Worker::name,
                        Views.Worker::attaches,
                        Views.Worker::state,
                        Views.Worker::master,
                        Views.Worker::version,
                        Views.Worker::maxBuilds)
                .containsExactly(
                        tuple("b1/local", false, "idle", "b1", null, 1),
                        tuple("b2/local", false, "paused", "b2", null, 1),
                        tuple("w", true, "idle", "b1", "3.7.0", 2));
        assertThat(views.workers(2)).hasSize(2);
        assertThat(views.worker("local")).isEmpty();
        assertThat(shown().lastSeen()).isAfterOrEqualTo(shown().since());
    }

    @Test
    void a_master_that_has_no_worker_any_more_lists_none() {
        roster.list(b1, List.of());
        assertThat(views.workers(10))
                .extracting(Views.Worker::name)
                .containsExactly("b2/local", "w");
        masters.stop(b2);
        roster.list(b2, List.of(new Listed("late", true, false, 1)));
        assertThat(roster.has("late")).isFalse();
    }
}
