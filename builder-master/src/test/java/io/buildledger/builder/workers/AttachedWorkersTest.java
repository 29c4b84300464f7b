package io.buildledger.builder.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.attaching.OpenCommands;
import io.buildledger.attaching.WorkerRegister;
import io.buildledger.attaching.WorkerStanding;
import io.buildledger.builder.attaching.Credentials;
import io.buildledger.builder.attaching.ListenSettings;
import io.buildledger.builder.attaching.SimulatedWorker;
import io.buildledger.builder.attaching.SimulatedWorker.Command;
import io.buildledger.builder.attaching.SimulatedWorker.Script;
import io.buildledger.builder.attaching.WorkerConnection;
import io.buildledger.builder.attaching.WorkerServer;
import io.buildledger.domain.attaching.WorkerEvent.WorkerContested;
import io.buildledger.log.Author;
import io.buildledger.log.Recorded;
import io.buildledger.testing.TestLog;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class AttachedWorkersTest {

    private static final Author MASTER = new Author("b1", 1);

    /** Answers all that it is asked, until it is told not to answer pings any more. */
    private static final class Answering implements Script {

        private final AtomicBoolean mute = new AtomicBoolean();
        private final AtomicBoolean stays = new AtomicBoolean();

        @Override
        public void start(Command command) {
            throw new AssertionError("nobody starts a command here");
        }

        @Override
        public boolean answers(String op) {
            return !(mute.get() && op.equals("print")) && !(stays.get() && op.equals("shutdown"));
        }
    }

    private final TestLog test = new TestLog();
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final WorkerRegister register =
            new WorkerRegister(test.log, test.dataSource, new OpenCommands(test.dataSource));
    private final AttachedWorkers workers =
            new AttachedWorkers(
                    register,
                    MASTER,
                    task -> Thread.ofVirtual().start(task),
                    System::nanoTime,
                    Duration.ofMillis(300));
    private WorkerServer server;

    @BeforeEach
    void listen() throws Exception {
        server =
                WorkerServer.start(
                        new ListenSettings(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null),
                        Credentials.of(Map.of("w", "pass")),
                        workers);
    }

    @AfterEach
    void close() {
        server.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        test.close();
    }

    private SimulatedWorker connect(Script script) throws Exception {
        return SimulatedWorker.connect(
                        loops,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()),
                        "w",
                        "pass",
                        script)
                .get(30, TimeUnit.SECONDS);
    }

    private WorkerConnection attach(Script script) throws Exception {
        connect(script);
        await().until(() -> workers.find("w").isPresent());
        return workers.find("w").orElseThrow();
    }

    private long events(String type) {
        return test.count("SELECT COUNT(*) FROM event WHERE type = '" + type + "'");
    }

    @Test
    void a_second_connection_is_refused_while_the_first_answers() throws Exception {
        WorkerConnection first = attach(new Answering());

        SimulatedWorker second = connect(new Answering());

        second.closed().get(30, TimeUnit.SECONDS);
        assertThat(workers.find("w")).contains(first);
        assertThat(first.closed()).isNotDone();
        assertThat(events("worker-attached")).isEqualTo(1);
        assertThat(events("worker-detached")).isZero();
    }

    @Test
    void one_that_does_not_answer_gives_way_and_its_end_leaves_the_next_one_attached()
            throws Exception {
        Answering first = new Answering();
        WorkerConnection former = attach(first);
        first.mute.set(true);

        connect(new Answering());

        await().until(() -> workers.find("w").filter(it -> it != former).isPresent());
        assertThat(former.closed().get(30, TimeUnit.SECONDS)).contains("does not answer");
        server.close();
        assertThat(register.holder("w")).isEmpty();
        assertThat(events("worker-attached")).isEqualTo(2);
        // Its own, and where the former one's came first, that.
        assertThat(events("worker-detached")).isBetween(1L, 2L);
        assertThat(test.log.read("worker/w").getLast().event().getClass().getSimpleName())
                .isEqualTo("WorkerDetached");
    }

    @Test
    void many_connections_at_once_leave_one_that_the_log_knows() throws Exception {
        for (int i = 0; i < 8; i++) {
            connect(new Answering());
        }

        await().until(() -> workers.find("w").isPresent());
        await().untilAsserted(() -> assertThat(events("worker-attached")).isEqualTo(1));
        assertThat(register.holder("w")).contains(MASTER);
        assertThat(events("worker-detached")).isZero();
    }

    @Test
    void a_contest_ends_a_connection_that_does_not_answer_and_no_other() throws Exception {
        Answering script = new Answering();
        WorkerConnection connection = attach(script);
        WorkerContested contested = new WorkerContested("w", "b1", 1, "b2");

        workers.contested(new WorkerContested("w", "b1", 2, "b2"));
        workers.contested(new WorkerContested("w", "b3", 1, "b2"));
        workers.contested(contested);
        assertThat(connection.closed()).isNotDone();

        script.mute.set(true);
        workers.contested(contested);

        await().until(() -> register.holder("w").isEmpty());
        assertThat(connection.closed().get(30, TimeUnit.SECONDS)).contains("has come to master b2");
    }

    @Test
    void a_contest_for_one_that_is_gone_lets_go_of_what_the_log_still_shows() {
        register.attach(MASTER, "w", "3.7.0", "posix");

        workers.contested(new WorkerContested("w", "b1", 1, "b2"));

        await().until(() -> register.holder("w").isEmpty());
    }

    @Test
    void a_worker_that_is_shut_down_is_not_ready_any_more_and_is_recorded_as_stopped()
            throws Exception {
        WorkerConnection connection = attach(new Answering());
        AtomicReference<WorkerStanding> told = new AtomicReference<>(WorkerStanding.NEW);

        workers.shutDown("w", told::set);

        assertThat(workers.isReady("w")).isFalse();
        await().until(() -> register.holder("w").isEmpty());
        assertThat(connection.closed()).isDone();
        assertThat(Objects.requireNonNull(told.get()).state().isStopped()).isTrue();
        assertThat(test.log.read("worker/w").stream().map(Recorded::event))
                .extracting(it -> it.getClass().getSimpleName())
                .containsExactly("WorkerAttached", "WorkerStopped", "WorkerDetached");
        assertThat(workers.isReady("w")).isFalse();
        attach(new Answering());
        assertThat(workers.isReady("w")).isTrue();
    }

    @Test
    void one_that_does_not_answer_to_a_shutdown_is_disconnected_and_not_recorded_as_stopped()
            throws Exception {
        Answering script = new Answering();
        WorkerConnection connection = attach(script);
        script.stays.set(true);

        workers.shutDown("w", _ -> {});

        assertThat(connection.closed().get(30, TimeUnit.SECONDS)).contains("does not shut down");
        await().until(() -> register.holder("w").isEmpty());
        assertThat(events("worker-stopped")).isZero();
    }

    @Test
    void nobody_is_shut_down_who_is_not_here() {
        workers.shutDown("w", _ -> {});

        assertThat(events("worker-stopped")).isZero();
    }
}
