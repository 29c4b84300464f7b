package io.buildledger.builder.claiming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.artifacts.DiskArtifacts;
import io.buildledger.attaching.OpenCommands;
import io.buildledger.attaching.WorkerCommands;
import io.buildledger.attaching.WorkerCommands.Answer;
import io.buildledger.attaching.WorkerRegister;
import io.buildledger.attaching.WorkerRoster;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.attaching.WorkerTable;
import io.buildledger.builder.attaching.Credentials;
import io.buildledger.builder.attaching.HeldCommands;
import io.buildledger.builder.attaching.ListenSettings;
import io.buildledger.builder.attaching.SimulatedWorker;
import io.buildledger.builder.attaching.SimulatedWorker.Command;
import io.buildledger.builder.attaching.SimulatedWorker.Script;
import io.buildledger.builder.attaching.WorkerServer;
import io.buildledger.builder.logging.LogShipper;
import io.buildledger.builder.processes.LocalWorkplaces;
import io.buildledger.builder.running.BuildRunner;
import io.buildledger.builder.running.TestSecrets;
import io.buildledger.builder.triggering.SchedulerAnswers;
import io.buildledger.builder.uploading.Uploads;
import io.buildledger.builder.workers.AttachedWorkers;
import io.buildledger.builder.workers.AttachedWorkplaces;
import io.buildledger.builder.workers.WorkerSteering;
import io.buildledger.commanding.BuildTriggers;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.locking.Locks;
import io.buildledger.log.Author;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.LogTail;
import io.buildledger.log.Streams;
import io.buildledger.mastering.DatabaseClock;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.metering.Meters;
import io.buildledger.steplog.StepLogs;
import io.buildledger.testing.LoadBalancer;
import io.buildledger.testing.StockWorker;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a builder master claims for workers that people steer, and that builds fail on. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class SteeredWorkersTest {

    private static final Author B1 = new Author("b1", 1);
    private static final Author PEOPLE = new Author("s", 1);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final GroupCommit commit = new GroupCommit(test.log, B1);
    private final OpenCommands openCommands = new OpenCommands(test.dataSource);
    private final WorkerRegister register =
            new WorkerRegister(test.log, test.dataSource, openCommands);
    private final WorkerCommands commands = new WorkerCommands(test.log, test.dataSource);
    private final AtomicReference<Duration> later = new AtomicReference<>(Duration.ZERO);
    private final InstantSource clock = clock();
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @TempDir Path directory;
    private AttachedWorkers workers;
    private WorkerSteering steering;
    private WorkerServer server;
    private LogShipper shipper;
    private ClaimLoop loop;
    private LogTail tail;

    private InstantSource clock() {
        DatabaseClock database =
                new DatabaseClock(
                        new MasterRegistry(test.log, test.dataSource, test.dataSource).now());
        return () -> database.instant().plus(later.get());
    }

    @BeforeEach
    void open() throws Exception {
        new WorkerRoster(test.log, test.dataSource)
                .list(
                        B1,
                        List.of(
                                new Listed("w1", true, false, 2),
                                new Listed("w2", true, false, 1),
                                new Listed("b1/local", false, false, 1)));
        shipper = new LogShipper(new StepLogs(test.jdbc), directory.resolve("spool"));
        workers =
                new AttachedWorkers(
                        register, B1, task -> Thread.ofVirtual().start(task), System::nanoTime);
        begin(shell("true"));
        server =
                WorkerServer.start(
                        new ListenSettings(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null),
                        Credentials.of(Map.of("w1", "pass", "w2", "pass")),
                        workers);
    }

    private static String shell(String command) {
        return "[shell: {command: \"%s\"}]".formatted(command);
    }

    /** As a master does that starts: it knows nothing but what the tables and the log say. */
    private void begin(String factory) throws IOException {
        steering = new WorkerSteering(clock);
        new WorkerTable(test.jdbc).all().forEach(steering::know);
        LocalWorkplaces local = new LocalWorkplaces(directory.resolve("workers"));
        loop =
                new ClaimLoop(
                        new ConfiguredBuilders(
                                ConfigurationFile.read(
                                                Files.writeString(
                                                        directory.resolve("cluster.yaml"),
                                                        """
                                                        db_url: jdbc:mysql://unused/unused
                                                        db_user: unused
                                                        builders:
                                                          - {name: linux, worker_names: [w1, w2], factory: %s}
                                                          - {name: docs, worker_names: [w1], factory: [shell: {command: "true"}]}
                                                          - {name: here, worker_names: [local], factory: [shell: {command: "true"}]}
                                                        workers:
                                                          - {name: w1, password: pass, max_builds: 2}
                                                          - {name: w2, password: pass}
                                                          - {name: local}
                                                        """
                                                                .formatted(factory)))
                                        .configuration()),
                        test.claims,
                        commit,
                        openCommands,
                        new BuildTriggers(test.log, commit),
                        new StepLocks(new Locks(test.log, test.dataSource), B1),
                        new BuildRunner(
                                new EitherWorkplaces(
                                        it -> !it.equals("local"),
                                        new AttachedWorkplaces(workers),
                                        local),
                                local.masterShell(() -> false),
                                shipper,
                                TestSecrets.NONE,
                                new Uploads(
                                        new DiskArtifacts(directory.resolve("artifacts"), "b1"),
                                        directory.resolve("uploads")),
                                new SchedulerAnswers(test.log, Duration.ofMillis(20)),
                                directory),
                        new WorkerCare(
                                workers,
                                steering,
                                register,
                                NoLatentWorkers.with(workers, steering, register, B1),
                                B1),
                        new FingerprintWatch(Map::of),
                        B1,
                        new ClaimMeters(Meters.none(), InstantSource.system()),
                        System::nanoTime);
        workers.onChange(loop::offered);
        tail = WorkerTail.fromNow("b1", test.dataSource, steering, loop);
    }

    @AfterEach
    void close() throws Exception {
        loop.stop("the test is over", Duration.ofSeconds(10));
        server.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        commit.close();
        shipper.close();
        test.close();
    }

    private SimulatedWorker attach(String name, Script script) throws Exception {
        SimulatedWorker worker =
                SimulatedWorker.connect(
                                loops,
                                new InetSocketAddress(
                                        InetAddress.getLoopbackAddress(), server.port()),
                                name,
                                "pass",
                                script)
                        .get(30, TimeUnit.SECONDS);
        await().until(() -> workers.find(name).isPresent());
        return worker;
    }

    private int hearAndClaim() {
        tail.runOnce();
        return loop.runOnce();
    }

    private void awaitEvents(int number, String type) {
        await().untilAsserted(() ->
                assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = '" + type + "'"))
                        .isEqualTo(number));
    }

    private List<String> workersOfClaims() {
        return test
                .jdbc
                .sql(
                        "SELECT payload FROM event WHERE type = 'build-request-claimed' ORDER BY global_index")
                .query(String.class)
                .list()
                .stream()
                .map(it -> it.replaceAll(".*\"worker\":\"([^\"]*)\".*", "$1"))
                .toList();
    }

    private List<String> eventsOf(String worker) {
        return test.log.read(Streams.worker(worker)).stream()
                .map(it -> it.event().getClass().getSimpleName())
                .toList();
    }

    @Test
    void no_build_is_claimed_for_a_worker_that_is_paused_and_what_runs_on_it_goes_on()
            throws Exception {
        HeldCommands w1 = new HeldCommands();
        attach("w1", w1);
        story.fire(List.of(), "r", "docs");
        assertThat(hearAndClaim()).isEqualTo(1);
        assertThat(commands.pause(PEOPLE, "w1", "new disk", "ann")).isEqualTo(Answer.DONE);
        story.fire(List.of(), "r", "linux");
        assertThat(hearAndClaim()).isZero();

        w1.end(0);
        awaitEvents(1, "build-request-completed");
        assertThat(hearAndClaim()).isZero();

        commands.unpause(PEOPLE, "w1", "", "ann");
        assertThat(hearAndClaim()).isEqualTo(1);
        w1.end(0);
        awaitEvents(2, "build-request-completed");
    }

    @Test
    void a_pause_holds_for_a_master_that_starts_later_and_for_a_worker_that_comes_back()
            throws Exception {
        commands.pause(PEOPLE, "w1", "new disk", "ann");
        begin(shell("true"));
        attach("w1", new HeldCommands());
        story.fire(List.of(), "r", "docs", "linux");
        assertThat(hearAndClaim()).isZero();

        HeldCommands w2 = new HeldCommands();
        attach("w2", w2);
        assertThat(hearAndClaim()).isEqualTo(1);
        w2.end(0);
        awaitEvents(1, "build-request-completed");
        assertThat(workersOfClaims()).containsExactly("w2");
    }

    @Test
    void a_local_worker_is_paused_by_the_name_of_its_master_and_its_own() {
        commands.pause(PEOPLE, "b1/local", "", "ann");
        story.fire(List.of(), "r", "here");
        assertThat(hearAndClaim()).isZero();

        commands.unpause(PEOPLE, "b1/local", "", "ann");
        assertThat(hearAndClaim()).isEqualTo(1);
        awaitEvents(1, "build-request-completed");
    }

    @Test
    void a_worker_that_is_to_stop_ends_its_build_first_and_builds_again_when_it_comes_back()
            throws Exception {
        HeldCommands script = new HeldCommands();
        SimulatedWorker worker = attach("w1", script);
        story.fire(List.of(), "r", "docs");
        assertThat(hearAndClaim()).isEqualTo(1);
        commands.stop(PEOPLE, "w1", "it moves", "ann");
        story.fire(List.of(), "r", "linux");
        assertThat(hearAndClaim()).isZero();
        Command running = script.next();
        assertThat(worker.closed()).isNotDone();
        assertThat(eventsOf("w1")).endsWith("WorkerStopRequested");

        running.update("rc", 0);
        running.complete(null);
        awaitEvents(1, "build-request-completed");
        await().until(() -> {
            assertThat(hearAndClaim()).isZero();
            return worker.closed().isDone();
        });
        awaitEvents(1, "worker-detached");

        assertThat(eventsOf("w1"))
                .containsExactly(
                        "WorkerAttached", "WorkerStopRequested", "WorkerStopped", "WorkerDetached");
        awaitEvents(0, "build-request-released");
        HeldCommands next = new HeldCommands();
        attach("w1", next);
        assertThat(hearAndClaim()).isEqualTo(1);
        next.end(0);
        awaitEvents(2, "build-request-completed");
    }

    @Test
    void a_stop_that_is_taken_back_before_the_build_has_ended_stops_nothing() throws Exception {
        HeldCommands script = new HeldCommands();
        SimulatedWorker worker = attach("w1", script);
        story.fire(List.of(), "r", "docs");
        assertThat(hearAndClaim()).isEqualTo(1);
        commands.stop(PEOPLE, "w1", "it moves", "ann");
        assertThat(hearAndClaim()).isZero();
        commands.unpause(PEOPLE, "w1", "it stays", "ann");
        script.end(0);
        awaitEvents(1, "build-request-completed");

        story.fire(List.of(), "r", "docs");
        assertThat(hearAndClaim()).isEqualTo(1);
        assertThat(worker.closed()).isNotDone();
    }

    @Test
    void a_worker_that_is_lost_in_a_stop_is_stopped_when_it_comes_back() throws Exception {
        SimulatedWorker worker = attach("w1", new HeldCommands());
        commands.stop(PEOPLE, "w1", "it moves", "ann");
        worker.close();
        awaitEvents(1, "worker-detached");
        begin(shell("true"));

        SimulatedWorker back = attach("w1", new HeldCommands());
        story.fire(List.of(), "r", "docs");
        assertThat(hearAndClaim()).isZero();

        back.closed().get(30, TimeUnit.SECONDS);
        awaitEvents(1, "worker-stopped");
    }

    @Test
    void a_worker_that_is_lost_in_a_build_rests_for_a_while_and_another_takes_the_request()
            throws Exception {
        SimulatedWorker lost = attach("w1", new HeldCommands());
        story.fire(List.of(), "r", "linux");
        assertThat(hearAndClaim()).isEqualTo(1);
        awaitEvents(1, "command-started");
        lost.close();
        awaitEvents(1, "worker-quarantined");
        awaitEvents(1, "worker-detached");

        HeldCommands back = new HeldCommands();
        attach("w1", back);
        await().until(() -> loop.running() == 0);
        assertThat(hearAndClaim()).isZero();
        HeldCommands w2 = new HeldCommands();
        attach("w2", w2);
        await().until(() -> hearAndClaim() == 1);
        w2.end(0);
        awaitEvents(1, "build-request-completed");
        assertThat(workersOfClaims()).containsExactly("w1", "w2");

        story.fire(List.of(), "r", "docs");
        loop.offered();
        assertThat(hearAndClaim()).isZero();
        later.set(Duration.ofSeconds(11));
        assertThat(hearAndClaim()).isEqualTo(1);
        back.end(1);
        awaitEvents(2, "build-request-completed");
        awaitEvents(1, "worker-recovered");
    }

    @Test
    void a_quarantine_holds_for_a_master_that_starts_later_until_somebody_ends_it()
            throws Exception {
        SimulatedWorker lost = attach("w1", new HeldCommands());
        story.fire(List.of(), "r", "docs");
        assertThat(hearAndClaim()).isEqualTo(1);
        awaitEvents(1, "command-started");
        lost.close();
        awaitEvents(1, "worker-quarantined");
        await().until(() -> loop.running() == 0);
        loop.runOnce();
        awaitEvents(1, "build-request-released");

        begin(shell("true"));
        attach("w1", new HeldCommands());
        assertThat(hearAndClaim()).isZero();
        commands.unpause(PEOPLE, "w1", "the cable was loose", "ann");
        assertThat(hearAndClaim()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 77})
    void a_build_that_fails_says_nothing_of_its_worker(int exitCode) throws Exception {
        HeldCommands w1 = new HeldCommands();
        attach("w1", w1);
        story.fire(List.of(), "r", "docs");
        assertThat(hearAndClaim()).isEqualTo(1);

        w1.end(exitCode);

        awaitEvents(1, "build-request-completed");
        await().until(() -> loop.running() == 0);
        assertThat(eventsOf("w1")).containsExactly("WorkerAttached");
    }

    @Test
    void a_command_that_can_t_be_started_says_nothing_of_its_worker() throws Exception {
        HeldCommands w1 = new HeldCommands();
        attach("w1", w1);
        story.fire(List.of(), "r", "docs");
        assertThat(hearAndClaim()).isEqualTo(1);

        w1.next().complete("no such program");

        awaitEvents(1, "build-request-completed");
        await().until(() -> loop.running() == 0);
        assertThat(eventsOf("w1")).containsExactly("WorkerAttached");
    }

    @Test
    void a_build_that_is_cancelled_says_nothing_of_its_worker() throws Exception {
        SimulatedWorker worker = attach("w1", new HeldCommands());
        story.fire(List.of(), "r", "docs");
        assertThat(hearAndClaim()).isEqualTo(1);
        awaitEvents(1, "command-started");

        loop.drop("the lease was about to end");
        worker.close();

        await().until(() -> loop.running() == 0);
        awaitEvents(1, "worker-detached");
        assertThat(eventsOf("w1")).containsExactly("WorkerAttached", "WorkerDetached");
    }

    @Test
    void a_local_worker_without_a_directory_rests_on_its_master_alone() throws Exception {
        Files.createDirectories(directory.resolve("workers"));
        Path inTheWay = Files.createFile(directory.resolve("workers/local"));
        story.fire(List.of(), "r", "here", "here");

        assertThat(hearAndClaim()).isEqualTo(1);
        awaitEvents(1, "build-request-completed");
        await().until(() -> loop.running() == 0);

        assertThat(eventsOf("b1/local")).containsExactly("WorkerQuarantined");
        assertThat(hearAndClaim()).isZero();
        Files.delete(inTheWay);
        later.set(Duration.ofSeconds(11));
        assertThat(hearAndClaim()).isEqualTo(1);
        awaitEvents(1, "worker-recovered");
    }

    @Test
    void a_real_worker_ends_when_its_build_has() throws Exception {
        Path gate = directory.resolve("gate");
        Path begun = directory.resolve("begun");
        begin(shell("touch %s; until [ -e %s ]; do sleep 0.05; done".formatted(begun, gate)));
        try (StockWorker worker =
                StockWorker.create(
                                directory.resolve("worker"),
                                "127.0.0.1:" + server.port(),
                                "w2",
                                "pass")
                        .start()) {
            await().atMost(30, TimeUnit.SECONDS).until(() -> workers.find("w2").isPresent());
            story.fire(List.of(), "r", "linux");
            assertThat(hearAndClaim()).isEqualTo(1);
            await().atMost(30, TimeUnit.SECONDS).until(() -> Files.exists(begun));
            commands.stop(PEOPLE, "w2", "it moves", "ann");
            assertThat(hearAndClaim()).isZero();
            assertThat(worker.process().isAlive()).isTrue();

            Files.createFile(gate);
            awaitEvents(1, "build-request-completed");
            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> {
                        assertThat(hearAndClaim()).isZero();
                        return !worker.process().isAlive();
                    });

            assertThat(worker.process().exitValue()).isZero();
            awaitEvents(1, "worker-detached");
            assertThat(eventsOf("w2"))
                    .containsExactly(
                            "WorkerAttached",
                            "WorkerStopRequested",
                            "WorkerStopped",
                            "WorkerDetached");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file_upload: {workersrc: tree/large, masterdest: out/large}",
                "directory_upload: {workersrc: tree, masterdest: out}",
                "file_download: {mastersrc: large, workerdest: out/large}"
            })
    void a_transfer_of_a_real_worker_that_is_cut_is_nothing_and_is_done_again_when_it_is_back(
            String transfer) throws Exception {
        begin("[%s, shell: {command: \"echo on >> ../went\"}]".formatted(transfer));
        byte[] content = new byte[8 * 1024 * 1024];
        new Random(1).nextBytes(content);
        Files.write(directory.resolve("large"), content);
        Path build = Files.createDirectories(directory.resolve("worker/linux/build"));
        Files.write(Files.createDirectory(build.resolve("tree")).resolve("large"), content);
        Path downloaded = build.resolve("out/large");
        Path artifacts = directory.resolve("artifacts/linux");
        boolean isDownload = transfer.startsWith("file_download");
        try (LoadBalancer connections = new LoadBalancer();
                StockWorker _ =
                        StockWorker.create(
                                        directory.resolve("worker"),
                                        "127.0.0.1:" + connections.port(),
                                        "w2",
                                        "pass")
                                .start()) {
            connections.to(server.port());
            await().atMost(30, TimeUnit.SECONDS).until(() -> workers.find("w2").isPresent());
            connections.cutAfter(content.length / 2);
            story.fire(List.of(), "r", "linux");
            assertThat(hearAndClaim()).isEqualTo(1);
            awaitEvents(1, "worker-detached");
            await().until(() -> loop.running() == 0);

            assertThat(hearAndClaim()).isZero();
            awaitEvents(1, "build-request-released");
            awaitEvents(0, "artifact-stored");
            assertThat(filesBelow(directory.resolve("artifacts"))).isEmpty();
            assertThat(filesBelow(directory.resolve("uploads"))).isEmpty();
            assertThat(build.resolveSibling("went")).doesNotExist();
            if (isDownload) {
                assertThat(Files.size(downloaded)).isBetween(1L, content.length - 1L);
            }

            await().atMost(30, TimeUnit.SECONDS).until(() -> workers.find("w2").isPresent());
            later.set(Duration.ofSeconds(11));
            await().until(() -> hearAndClaim() == 1);
            awaitEvents(1, "build-request-completed");

            assertThat(isDownload ? downloaded : artifacts.resolve("2/out/large"))
                    .hasBinaryContent(content);
            assertThat(artifacts.resolve("1")).doesNotExist();
            assertThat(build.resolveSibling("went")).hasContent("on\n");
            assertThat(
                            test.count(
                                    "SELECT COUNT(*) FROM event WHERE type = 'worker-attached'"
                                            + " AND payload LIKE '%\"orphans\":[\"1.1.1.%\"]%'"))
                    .isEqualTo(1);
            await().until(() -> test.count("SELECT COUNT(*) FROM open_command") == 0);
        }
    }

    private static List<Path> filesBelow(Path place) throws IOException {
        if (!Files.exists(place)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(place)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
