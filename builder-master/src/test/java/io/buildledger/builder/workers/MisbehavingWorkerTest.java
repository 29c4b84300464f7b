package io.buildledger.builder.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.attaching.OpenCommands;
import io.buildledger.attaching.WorkerRegister;
import io.buildledger.builder.attaching.CommandListener.Update;
import io.buildledger.builder.attaching.Credentials;
import io.buildledger.builder.attaching.ListenSettings;
import io.buildledger.builder.attaching.SimulatedWorker;
import io.buildledger.builder.attaching.SimulatedWorker.Command;
import io.buildledger.builder.attaching.SimulatedWorker.Script;
import io.buildledger.builder.attaching.WorkerServer;
import io.buildledger.builder.running.BuildBench;
import io.buildledger.builder.running.BuildOutcome;
import io.buildledger.builder.running.ScriptStep;
import io.buildledger.builder.running.WrittenSteps;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.stepping.FileStatus;
import io.buildledger.stepping.FileStatus.Kind;
import io.buildledger.testing.TestLog;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Builds on workers that keep to the protocol, and say in it what no worker says. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class MisbehavingWorkerTest {

    private static final TestLog DATABASE = new TestLog();

    /** Does the same with each command, but ends those that are interrupted. */
    private record Acting(Consumer<Command> act, BlockingQueue<String> interrupted)
            implements Script {

        @Override
        public void start(Command command) {
            act.accept(command);
        }

        @Override
        public void interrupt(SimulatedWorker worker, String commandId, String why) {
            interrupted.add(why);
        }
    }

    @TempDir Path directory;
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final AttachedWorkers workers =
            new AttachedWorkers(
                    new WorkerRegister(
                            DATABASE.log,
                            DATABASE.dataSource,
                            new OpenCommands(DATABASE.dataSource)),
                    new Author("b1", 1),
                    task -> Thread.ofVirtual().start(task),
                    System::nanoTime);
    private final BlockingQueue<String> interrupted = new LinkedBlockingQueue<>();
    private WorkerServer server;
    private BuildBench bench;

    @BeforeEach
    void listen() throws Exception {
        server =
                WorkerServer.start(
                        new ListenSettings(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null),
                        Credentials.of(Map.of("w", "pass")),
                        workers);
        bench =
                new BuildBench(
                        DATABASE,
                        directory,
                        new AttachedWorkplaces(workers),
                        directory.resolve("nowhere"));
    }

    @AfterEach
    void close() {
        bench.close();
        server.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    private void attach(Consumer<Command> act) throws Exception {
        SimulatedWorker.connect(
                        loops,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()),
                        "w",
                        "pass",
                        new Acting(act, interrupted))
                .get(30, TimeUnit.SECONDS);
        await().until(() -> workers.find("w").isPresent());
    }

    private static ScriptStep shell() {
        return ScriptStep.script("test", "make").following(Map.of("tests", "tests.log"));
    }

    static Stream<Arguments> misbehaviour() {
        return Stream.of(
                Arguments.of("stdout", 7, "it sends output that is no text"),
                Arguments.of("stderr", List.of(), "it sends output that is no text"),
                Arguments.of("log", "text", "it sends a log file without its name"),
                Arguments.of("log", List.of(7, "text"), "it sends a log file without its name"),
                Arguments.of("log", List.of("tests", 7), "it sends output that is no text"),
                Arguments.of(
                        "log",
                        List.of("other\n", "text"),
                        "it sends the log file 'other ', which its command does not follow"),
                Arguments.of(
                        "log",
                        List.of("stdio", "text"),
                        "it sends the log file 'stdio', which its command does not follow"));
    }

    @ParameterizedTest
    @MethodSource("misbehaviour")
    void what_no_command_says_is_the_workers_fault_and_ends_the_command(
            String key, Object value, String misbehaviour) throws Exception {
        attach(command -> command.update(key, value));

        BuildOutcome outcome = bench.run(shell());

        isWorkersFault(outcome, misbehaviour);
        assertThat(interrupted.poll(30, TimeUnit.SECONDS)).isEqualTo("its master can't follow it");
    }

    private static void isWorkersFault(BuildOutcome outcome, String misbehaviour) {
        assertThat(outcome.results()).isEqualTo(Results.EXCEPTION);
        assertThat(outcome.workerFailure()).isEqualTo("worker w misbehaves: " + misbehaviour);
    }

    @Test
    void an_upload_in_a_shell_command_is_the_workers_fault() throws Exception {
        attach(command -> command.request("update_upload_file_write", new byte[3]));

        isWorkersFault(bench.run(shell()), "it uploads a file, which its command does not");
    }

    @Test
    void a_log_that_was_asked_for_is_written_and_no_other_is_begun() throws Exception {
        attach(command -> {
            command.update("log", List.of("tests", "1 passed\n"));
            for (int i = 0; i < 1000; i++) {
                command.update("log", List.of("log " + i, "text\n"));
            }
        });

        BuildOutcome outcome = bench.run(shell());

        assertThat(outcome.results()).isEqualTo(Results.EXCEPTION);
        assertThat(bench.lines(1, "tests")).containsExactly(new Line(Source.STDOUT, "1 passed"));
        assertThat(
                        DATABASE.jdbc
                                .sql(
                                        """
                                        SELECT name FROM step_log
                                        WHERE builder = 'linux' AND build_number = ? AND step = 1
                                        ORDER BY name
                                        """)
                                .param(bench.build())
                                .query(String.class)
                                .list())
                .containsExactly("stdio", "tests");
    }

    static Stream<Arguments> answers() {
        String stat = "its stat is not the numbers that Python's has";
        return Stream.of(
                Arguments.of("stat", "text", stat),
                Arguments.of("stat", List.of(), stat),
                Arguments.of("stat", Collections.nCopies(6, 0100644), stat),
                Arguments.of("stat", Collections.nCopies(10, "text"), stat),
                Arguments.of("stat", Collections.nCopies(10, -1), stat),
                Arguments.of("stat", Collections.nCopies(10, 0.5), stat),
                Arguments.of("other", 1, "it does not say what is at a"),
                Arguments.of("files", "text", "its files are no list"),
                Arguments.of("files", List.of("a", 7), "its files are not all text"));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void an_answer_that_no_worker_gives_is_the_workers_fault(
            String key, Object value, String misbehaviour) throws Exception {
        attach(command -> {
            command.update(key, value);
            command.update("rc", 0);
            command.complete(null);
        });

        BuildOutcome outcome =
                bench.run(BuildBench.HEAD, WrittenSteps.of(directory, "- file_exists: {file: a}"));

        isWorkersFault(outcome, misbehaviour);
    }

    @Test
    void files_that_are_not_told_are_the_workers_fault() throws Exception {
        attach(command -> {
            command.update("rc", 0);
            command.complete(null);
        });

        BuildOutcome outcome =
                bench.run(
                        BuildBench.HEAD,
                        WrittenSteps.of(
                                directory,
                                "- multiple_file_upload:"
                                        + " {workersrcs: ['*'], masterdest: x, glob: true}"));

        isWorkersFault(outcome, "it does not say what is at build/*");
    }

    @Test
    void what_nobody_asks_for_is_not_kept() throws Exception {
        AnswerListener answer = new AnswerListener();
        byte[] invented = new byte[1024];
        WeakReference<byte[]> kept = new WeakReference<>(invented);

        answer.update(List.of(new Update("invented", invented)));
        answer.update(
                List.of(
                        new Update("files", List.of("b", "a")),
                        new Update("stat", Collections.nCopies(10, 0100644L)),
                        new Update("rc", 3L)));
        invented = null;

        await().until(() -> {
            System.gc();
            return kept.refersTo(null);
        });
        assertThat(answer.code()).isEqualTo(3);
        assertThat(answer.files()).containsExactly("a", "b");
        assertThat(answer.status()).isEqualTo(new FileStatus(Kind.FILE, 0100644));
    }
}
