package io.buildledger.attaching;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.attaching.WorkerRegister.Outcome.Attached;
import io.buildledger.attaching.WorkerRegister.Outcome.Held;
import io.buildledger.attaching.WorkerRegister.Outcome.Over;
import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.attaching.WorkerEvent.WorkerAttached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerContested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerDetached;
import io.buildledger.domain.building.BuildEvent.CommandStarted;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WorkerRegisterTest {

    private static final TestLog TEST = new TestLog();
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final OpenCommands commands = new OpenCommands(TEST.dataSource);
    private final WorkerRegister register = new WorkerRegister(TEST.log, TEST.dataSource, commands);
    private final MasterRegistry masters =
            new MasterRegistry(TEST.log, TEST.dataSource, TEST.dataSource);
    private String worker;
    private Author b1;
    private Author b2;

    @BeforeEach
    void start() {
        int number = NAMES.incrementAndGet();
        worker = "w" + number;
        b1 = begin("b1-" + number);
        b2 = begin("b2-" + number);
    }

    @AfterAll
    static void close() {
        TEST.close();
    }

    private Author begin(String master) {
        return masters.register(TestMasters.builder(master));
    }

    private WorkerRegister.Outcome attach(Author master) {
        return register.attach(master, worker, "3.7.0", "posix");
    }

    private List<WorkerEvent> events() {
        return TEST.log.read(Streams.worker(worker)).stream()
                .map(Recorded::event)
                .map(WorkerEvent.class::cast)
                .toList();
    }

    @Test
    void a_worker_is_attached_to_one_living_master_until_it_lets_go() {
        assertThat(attach(b1)).isEqualTo(new Attached(List.of()));
        assertThat(attach(b2)).isEqualTo(new Held(b1));
        register.detach(b2, worker, "it never had it");
        assertThat(attach(b2)).isEqualTo(new Held(b1));

        register.detach(b1, worker, "gone");
        register.detach(b1, worker, "gone");

        assertThat(attach(b2)).isEqualTo(new Attached(List.of()));
        assertThat(events().stream().map(Object::getClass))
                .containsExactly(WorkerAttached.class, WorkerDetached.class, WorkerAttached.class);
    }

    @Test
    void the_worker_of_a_master_whose_life_is_over_is_free() {
        attach(b1);
        Author later = begin(b1.master());

        assertThat(attach(b1)).isEqualTo(new Over());
        assertThat(attach(b2)).isEqualTo(new Attached(List.of()));
        assertThat(attach(later)).isEqualTo(new Held(b2));
    }

    @Test
    void the_same_master_may_attach_it_again_without_having_let_go() {
        attach(b1);

        assertThat(attach(b1)).isEqualTo(new Attached(List.of()));
    }

    @Test
    void a_contest_is_recorded_for_who_has_it_and_for_nobody_else() {
        attach(b1);

        register.contest(b2, worker, b1);
        register.contest(b1, worker, b2);

        assertThat(events())
                .filteredOn(WorkerContested.class::isInstance)
                .containsExactly(new WorkerContested(worker, b1.master(), b1.epoch(), b2.master()));
    }

    @Test
    void what_the_log_shows_as_running_on_it_is_an_orphan_until_it_was_ended() throws Exception {
        String builder = "linux-" + worker;
        try (GroupCommit commit = new GroupCommit(TEST.log, b1)) {
            write(commit, builder, 1, new StepStarted(builder, 1, 1, "test"), 0);
            open(commit, builder, 1, "7.1.1.1", 1);
            open(commit, builder, 1, "7.1.1.2", 2);
            open(commit, builder, 2, "8.2.1.1", 0);
            CommandStarted third = new CommandStarted(builder, 3, 1, worker, "9.3.1.1");
            open(commit, builder, 3, "9.3.1.1", 0);
            Entry end = new Entry(Streams.build(builder, 3), 1, third);
            commit.submit(commands.closing(end, third)).get();
        }

        assertThat(attach(b1)).isEqualTo(new Attached(List.of("7.1.1.2", "8.2.1.1")));
        register.ended(worker, List.of("7.1.1.2"));
        assertThat(attach(b1)).isEqualTo(new Attached(List.of("8.2.1.1")));
        register.ended(worker, List.of());
        assertThat(commands.on(worker)).containsExactly("8.2.1.1");
    }

    private void open(GroupCommit commit, String builder, long build, String id, long place)
            throws Exception {
        CommandStarted started = new CommandStarted(builder, build, 1, worker, id);
        commit.submit(
                        commands.opening(
                                new Entry(Streams.build(builder, build), place, started), started))
                .get();
    }

    private static void write(
            GroupCommit commit, String builder, long build, Object event, long place)
            throws Exception {
        commit.submit(Submission.of(new Entry(Streams.build(builder, build), place, event))).get();
    }

    @Test
    void of_masters_that_want_it_at_once_one_gets_it() throws Exception {
        int rounds = 30;
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int i = 0; i < rounds; i++) {
                worker = "w-race-" + i;
                List<Callable<WorkerRegister.Outcome>> both =
                        List.of(() -> attach(b1), () -> attach(b2));
                long attached = 0;
                for (Future<WorkerRegister.Outcome> outcome : threads.invokeAll(both)) {
                    attached += outcome.get() instanceof Attached ? 1 : 0;
                }
                assertThat(attached).isEqualTo(1);
            }
        }
        assertThat(TEST.count("SELECT COUNT(*) FROM event WHERE stream LIKE 'worker/w-race-%'"))
                .isEqualTo(rounds);
    }
}
