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
import io.buildledger.builder.attaching.WorkerServer;
import io.buildledger.builder.logging.LogShipper;
import io.buildledger.builder.processes.LocalWorkplaces;
import io.buildledger.builder.running.BuildRunner;
import io.buildledger.builder.running.TestSecrets;
import io.buildledger.builder.substantiating.Latent;
import io.buildledger.builder.substantiating.LatentWorkers;
import io.buildledger.builder.substantiating.LatentWorkers.Absence;
import io.buildledger.builder.substantiating.Place;
import io.buildledger.builder.triggering.SchedulerAnswers;
import io.buildledger.builder.uploading.Uploads;
import io.buildledger.builder.workers.AttachedWorkers;
import io.buildledger.builder.workers.AttachedWorkplaces;
import io.buildledger.builder.workers.WorkerSteering;
import io.buildledger.commanding.BuildTriggers;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.attaching.Backoff;
import io.buildledger.domain.attaching.Substantiation.Limits;
import io.buildledger.domain.building.Results;
import io.buildledger.locking.Locks;
import io.buildledger.log.Author;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.LogTail;
import io.buildledger.log.Streams;
import io.buildledger.mastering.DatabaseClock;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.metering.Meters;
import io.buildledger.steplog.StepLogs;
import io.buildledger.substantiating.LatentRun;
import io.buildledger.substantiating.LatentWorker;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers that two builder masters start when there is something for them, and stop when not. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class LatentWorkersTest {

    private static final Author PEOPLE = new Author("s", 1);
    private static final String PASSWORD = "swordfish-7";
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(10), Duration.ofHours(1));
    private static final Duration MOMENT = Duration.ofSeconds(2);

    private static final String FILE =
            """
            db_url: jdbc:mysql://unused/unused
            db_user: unused
            builders:
              - {name: linux, worker_names: [l1, l2], factory: [shell: {command: "true"}]}
              - {name: docs, worker_names: [l1], factory: [shell: {command: "true"}]}
            workers:
              - {name: l1, password: swordfish-7, latent: {command: {start: a, stop: b}}}
              - {name: l2, password: swordfish-7, latent: {command: {start: a, stop: b}}}
            """;

    /** What starts workers here: simulated ones, which attach to who starts them. */
    private final class Machines implements LatentWorker {

        private final List<String> calls = new CopyOnWriteArrayList<>();
        private final Map<String, SimulatedWorker> running = new ConcurrentHashMap<>();
        private volatile @Nullable String failure;
        private volatile boolean comes = true;

        @Override
        public void start(LatentRun run) throws IOException {
            calls.add("start " + run.worker());
            if (failure != null) {
                throw new IOException(failure);
            }
            if (comes) {
                running.put(
                        run.worker(),
                        SimulatedWorker.connect(
                                        loops,
                                        new InetSocketAddress(run.masterHost(), run.masterPort()),
                                        run.worker(),
                                        run.password(),
                                        script)
                                .join());
            }
        }

        @Override
        public void stop(LatentRun run) {
            calls.add("stop " + run.worker());
            SimulatedWorker worker = running.remove(run.worker());
            if (worker != null) {
                worker.close();
            }
        }

        SimulatedWorker of(String worker) {
            await().until(() -> running.containsKey(worker));
            return Objects.requireNonNull(running.get(worker));
        }
    }

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final MasterRegistry masters =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final OpenCommands openCommands = new OpenCommands(test.dataSource);
    private final WorkerRegister register =
            new WorkerRegister(test.log, test.dataSource, openCommands);
    private final WorkerCommands commands = new WorkerCommands(test.log, test.dataSource);
    private final AtomicReference<Duration> later = new AtomicReference<>(Duration.ZERO);
    private final InstantSource clock = clock();
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final HeldCommands script = new HeldCommands();
    private final Machines machines = new Machines();
    private final List<Master> opened = new ArrayList<>();

    @TempDir Path directory;
    private LogShipper shipper;
    private Master b1;
    private @Nullable ProcessHandle real;

    private InstantSource clock() {
        DatabaseClock database = new DatabaseClock(masters.now());
        return () -> database.instant().plus(later.get());
    }

    private static Latent latent(String worker, Duration buildWait, LatentWorker how) {
        return new Latent(
                worker, PASSWORD, how, new Limits(buildWait, Duration.ofMinutes(20)), BACKOFF);
    }

    private long nanos() {
        return Duration.ofNanos(System.nanoTime()).plus(later.get()).toNanos();
    }

    private void pass(Duration time) {
        later.updateAndGet(it -> it.plus(time));
    }

    /** A builder master, as its claiming service puts it together. */
    private final class Master {

        private final Author author;
        private final GroupCommit commit;
        private final AttachedWorkers workers;
        private final WorkerSteering steering = new WorkerSteering(clock);
        private final LatentWorkers latent;
        private final WorkerServer server;
        private final ClaimLoop loop;
        private final LogTail tail;

        Master(String name, Duration buildWait, LatentWorker how) throws IOException {
            author =
                    masters.register(
                            new Registration(
                                    name,
                                    "builder",
                                    "host",
                                    1,
                                    Duration.ofMinutes(10),
                                    Map.of(),
                                    null));
            new WorkerRoster(test.log, test.dataSource)
                    .list(
                            author,
                            List.of(
                                    new Listed("l1", true, true, 1),
                                    new Listed("l2", true, true, 1)));
            new WorkerTable(test.jdbc).all().forEach(steering::know);
            commit = new GroupCommit(test.log, author);
            workers =
                    new AttachedWorkers(
                            register,
                            author,
                            task -> Thread.ofVirtual().start(task),
                            System::nanoTime);
            server =
                    WorkerServer.start(
                            new ListenSettings(
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                    null),
                            Credentials.of(Map.of("l1", PASSWORD, "l2", PASSWORD)),
                            workers);
            latent =
                    new LatentWorkers(
                            List.of(latent("l1", buildWait, how), latent("l2", buildWait, how)),
                            workers,
                            steering,
                            register,
                            author,
                            LatentWorkers.onThisMachine(() ->
                                    new Place("127.0.0.1", port(), directory, System.getenv())),
                            task -> Thread.ofVirtual().start(task),
                            clock,
                            LatentWorkersTest.this::nanos);
            LocalWorkplaces local = new LocalWorkplaces(directory.resolve("workers"));
            loop =
                    new ClaimLoop(
                            new ConfiguredBuilders(
                                    ConfigurationFile.read(
                                                    Files.writeString(
                                                            directory.resolve(name + ".yaml"),
                                                            FILE))
                                            .configuration()),
                            test.claims,
                            commit,
                            openCommands,
                            new BuildTriggers(test.log, commit),
                            new StepLocks(new Locks(test.log, test.dataSource), author),
                            new BuildRunner(
                                    new EitherWorkplaces(
                                            _ -> true, new AttachedWorkplaces(workers), local),
                                    local.masterShell(() -> false),
                                    shipper,
                                    TestSecrets.NONE,
                                    new Uploads(
                                            new DiskArtifacts(directory.resolve("artifacts"), name),
                                            directory.resolve("uploads")),
                                    new SchedulerAnswers(test.log, Duration.ofMillis(20)),
                                    directory),
                            new WorkerCare(workers, steering, register, latent, author),
                            new FingerprintWatch(Map::of),
                            author,
                            new ClaimMeters(Meters.none(), InstantSource.system()),
                            LatentWorkersTest.this::nanos);
            workers.onChange(loop::workersChanged);
            tail = WorkerTail.fromNow(name, test.dataSource, steering, loop);
            opened.add(this);
        }

        private int port() {
            return server.port();
        }

        /** Reads the log, and looks once. */
        int look() {
            tail.runOnce();
            return loop.runOnce();
        }

        /** Looks until something that is on offer is wanted for long enough. */
        void want() {
            loop.offered();
            look();
            pass(MOMENT);
            look();
        }

        void close() throws Exception {
            loop.stop("the test is over", Duration.ofSeconds(10));
            server.close();
            commit.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        shipper = new LogShipper(new StepLogs(test.jdbc), directory.resolve("spool"));
        b1 = new Master("b1", Duration.ofMinutes(10), machines);
    }

    @AfterEach
    void close() throws Exception {
        for (Master master : opened) {
            master.close();
        }
        if (real != null) {
            real.destroyForcibly();
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        shipper.close();
        test.close();
    }

    private List<String> eventsOf(String worker) {
        return test.log.read(Streams.worker(worker)).stream()
                .map(it -> it.event().getClass().getSimpleName())
                .toList();
    }

    private void awaitEvents(int number, String type) {
        await().untilAsserted(() ->
                assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = '" + type + "'"))
                        .isEqualTo(number));
    }

    /** Looks until so many events of a type are there. */
    private void lookUntil(Master master, int number, String type) {
        await().untilAsserted(() -> {
            master.look();
            assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = '" + type + "'"))
                    .isEqualTo(number);
        });
    }

    /** From the offer to the claim. */
    private void startFor(Master master, String worker) {
        master.want();
        await().until(() -> master.workers.find(worker).isPresent());
        await().until(() -> master.look() == 1);
    }

    @Test
    void an_offer_starts_a_worker_which_takes_it_and_ends_when_it_is_idle() {
        b1.look();
        assertThat(machines.calls).isEmpty();
        story.fire(List.of(), "r", "docs");

        startFor(b1, "l1");
        script.end(0);
        awaitEvents(1, "build-request-completed");
        b1.look();
        pass(Duration.ofMinutes(9));
        b1.look();
        assertThat(eventsOf("l1")).containsExactly("WorkerStarting", "WorkerAttached");

        pass(MOMENT.plusMinutes(1));
        lookUntil(b1, 1, "worker-off");
        awaitEvents(1, "worker-detached");

        assertThat(eventsOf("l1").subList(0, 5))
                .containsExactly(
                        "WorkerStarting",
                        "WorkerAttached",
                        "WorkerStopRequested",
                        "WorkerStopped",
                        "WorkerEnding");
        assertThat(eventsOf("l1")).hasSize(7).contains("WorkerDetached", "WorkerOff");
        assertThat(machines.calls).containsExactly("stop l1", "start l1", "stop l1");
        assertThat(eventsOf("l2")).isEmpty();
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE payload LIKE '%swordfish%'"))
                .isZero();
    }

    @Test
    void an_offer_that_another_master_takes_at_once_starts_nobody() {
        story.fire(List.of(), "r", "linux");
        b1.look();
        story.build(new Author("b2", 1), "linux", Results.SUCCESS);

        pass(MOMENT);
        b1.look();
        pass(MOMENT);
        b1.look();

        assertThat(machines.calls).isEmpty();
        assertThat(eventsOf("l1")).isEmpty();
    }

    @Test
    void there_are_started_as_many_as_there_is_work_for() {
        machines.comes = false;
        story.fire(List.of(), "r", "linux");
        b1.want();
        awaitEvents(1, "worker-starting");
        for (int i = 0; i < 5; i++) {
            b1.want();
        }
        assertThat(eventsOf("l2")).isEmpty();

        story.fire(List.of(), "r", "linux");
        b1.want();
        awaitEvents(2, "worker-starting");
        assertThat(eventsOf("l2")).containsExactly("WorkerStarting");
    }

    @Test
    void one_that_can_t_be_started_rests_longer_each_time() {
        machines.failure = "no engine";
        story.fire(List.of(), "r", "docs");
        b1.want();
        awaitEvents(1, "worker-quarantined");
        b1.want();
        b1.want();
        assertThat(eventsOf("l1"))
                .containsExactly("WorkerStarting", "WorkerStartFailed", "WorkerQuarantined");
        assertThat(machines.calls).containsExactly("stop l1", "start l1", "stop l1");

        endQuarantine();
        b1.want();
        awaitEvents(2, "worker-quarantined");
        machines.failure = null;
        endQuarantine();
        startFor(b1, "l1");
        script.end(0);
        awaitEvents(1, "worker-recovered");
    }

    /** For this master, whose clock the test moves, and for the database. */
    private void endQuarantine() {
        pass(Duration.ofMinutes(1));
        test.jdbc
                .sql("UPDATE worker SET quarantined_until = '2026-01-01' WHERE name = 'l1'")
                .update();
    }

    @Test
    void one_that_does_not_come_in_time_is_taken_down() {
        machines.comes = false;
        story.fire(List.of(), "r", "docs");
        b1.want();
        await().until(() -> machines.calls.contains("start l1"));
        pass(Duration.ofMinutes(19));
        b1.look();
        assertThat(eventsOf("l1")).containsExactly("WorkerStarting");

        pass(Duration.ofMinutes(1));
        lookUntil(b1, 1, "worker-quarantined");

        assertThat(eventsOf("l1"))
                .containsExactly("WorkerStarting", "WorkerStartFailed", "WorkerQuarantined");
        assertThat(machines.calls).containsExactly("stop l1", "start l1", "stop l1");
    }

    @Test
    void one_that_is_paused_is_not_started() {
        commands.pause(PEOPLE, "l1", "new disk", "ann");
        story.fire(List.of(), "r", "docs");
        b1.want();
        b1.want();
        assertThat(machines.calls).isEmpty();

        commands.unpause(PEOPLE, "l1", "", "ann");
        startFor(b1, "l1");
    }

    @Test
    void one_that_waits_for_no_build_ends_after_each() throws Exception {
        Master b2 = new Master("b2", Duration.ZERO, machines);
        story.fire(List.of(), "r", "docs", "docs");
        startFor(b2, "l1");
        script.end(0);
        awaitEvents(1, "build-request-completed");
        lookUntil(b2, 1, "worker-off");
        awaitEvents(1, "worker-detached");

        startFor(b2, "l1");
        script.end(0);
        awaitEvents(2, "build-request-completed");
        lookUntil(b2, 2, "worker-off");
        assertThat(machines.calls)
                .containsExactly(
                        "stop l1", "start l1", "stop l1", "stop l1", "start l1", "stop l1");
    }

    @Test
    void of_two_masters_one_starts_it_and_the_other_neither_claims_for_it_nor_stops_it()
            throws Exception {
        Master b2 = new Master("b2", Duration.ofMinutes(10), machines);
        story.fire(List.of(), "r", "docs");
        b1.look();
        b2.look();
        pass(MOMENT);
        b1.loop.runOnce();
        b2.loop.runOnce();

        awaitEvents(1, "worker-attached");
        Master starter = b1.workers.count() == 1 ? b1 : b2;
        Master other = starter == b1 ? b2 : b1;
        await().until(() -> starter.workers.find("l1").isPresent());
        assertThat(other.look()).isZero();
        assertThat(starter.look()).isEqualTo(1);
        script.end(0);
        awaitEvents(1, "build-request-completed");
        other.want();
        pass(Duration.ofMinutes(5));
        other.look();
        assertThat(eventsOf("l1")).containsExactly("WorkerStarting", "WorkerAttached");
        assertThat(machines.calls).containsExactly("stop l1", "start l1");
    }

    @Test
    void one_that_a_person_stops_is_taken_down_and_comes_back_when_it_is_wanted() {
        story.fire(List.of(), "r", "docs");
        startFor(b1, "l1");
        commands.stop(PEOPLE, "l1", "new image", "ann");
        b1.look();
        assertThat(machines.calls).containsExactly("stop l1", "start l1");
        script.end(0);
        lookUntil(b1, 1, "worker-off");
        awaitEvents(1, "worker-detached");

        story.fire(List.of(), "r", "docs");
        startFor(b1, "l1");
    }

    @Test
    void one_that_a_person_stops_before_it_has_come_is_taken_down_at_once() {
        machines.comes = false;
        story.fire(List.of(), "r", "docs");
        b1.want();
        await().until(() -> machines.calls.contains("start l1"));
        assertThat(commands.stop(PEOPLE, "l1", "wrong image", "ann")).isEqualTo(Answer.DONE);

        lookUntil(b1, 1, "worker-start-failed");

        assertThat(eventsOf("l1"))
                .containsExactly("WorkerStarting", "WorkerStopRequested", "WorkerStartFailed");
        assertThat(machines.calls).containsExactly("stop l1", "start l1", "stop l1");
        machines.comes = true;
        startFor(b1, "l1");
    }

    @Test
    void one_that_is_not_in_the_file_any_more_ends_when_its_build_has() {
        story.fire(List.of(), "r", "docs");
        startFor(b1, "l1");
        b1.latent.use(List.of());
        b1.look();
        assertThat(eventsOf("l1")).containsExactly("WorkerStarting", "WorkerAttached");

        script.end(0);
        lookUntil(b1, 1, "worker-off");

        assertThat(machines.calls).containsExactly("stop l1", "start l1", "stop l1");
        awaitEvents(1, "worker-detached");
        b1.want();
        assertThat(eventsOf("l1")).hasSize(7);
    }

    @Test
    void one_that_is_started_in_another_way_now_is_stopped_in_the_former_one() {
        story.fire(List.of(), "r", "docs");
        startFor(b1, "l1");
        Machines next = new Machines();
        b1.latent.use(List.of(latent("l1", Duration.ofMinutes(10), next)));
        script.end(0);
        lookUntil(b1, 1, "worker-off");
        awaitEvents(1, "worker-detached");
        assertThat(machines.calls).containsExactly("stop l1", "start l1", "stop l1");

        story.fire(List.of(), "r", "docs");
        startFor(b1, "l1");
        assertThat(next.calls).containsExactly("stop l1", "start l1");
    }

    @Test
    void one_that_ends_after_each_build_is_as_used_after_a_lost_connection() throws Exception {
        Master b2 = new Master("b2", Duration.ZERO, machines);
        story.fire(List.of(), "r", "docs", "docs");
        startFor(b2, "l1");
        SimulatedWorker first = machines.of("l1");
        script.next();
        first.close();
        awaitEvents(1, "worker-detached");
        b2.look();
        machines.running.put("l1", connect(b2));
        await().until(() -> b2.workers.find("l1").isPresent());

        lookUntil(b2, 1, "worker-off");

        assertThat(script.isEmpty()).isTrue();
        assertThat(machines.calls).containsExactly("stop l1", "start l1", "stop l1");
    }

    @Test
    void one_that_ends_after_each_build_is_as_used_for_another_master() throws Exception {
        Master b2 = new Master("b2", Duration.ZERO, machines);
        story.fire(List.of(), "r", "docs", "docs");
        startFor(b2, "l1");
        script.next();
        b2.loop.drop("the master is gone");
        masters.stop(b2.author);
        Master b3 = new Master("b3", Duration.ZERO, machines);
        machines.of("l1").close();
        machines.running.put("l1", connect(b3));
        await().until(() -> b3.workers.find("l1").isPresent());
        b3.loop.offered();

        lookUntil(b3, 1, "worker-off");

        assertThat(script.isEmpty()).isTrue();
        assertThat(machines.calls).containsExactly("stop l1", "start l1", "stop l1");
    }

    private SimulatedWorker connect(Master master) {
        return SimulatedWorker.connect(
                        loops,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), master.port()),
                        "l1",
                        PASSWORD,
                        script)
                .join();
    }

    @Test
    void what_a_master_that_was_killed_has_left_is_taken_down_by_another() throws Exception {
        story.fire(List.of(), "r", "docs");
        startFor(b1, "l1");
        script.end(0);
        awaitEvents(1, "build-request-completed");
        Master b2 = new Master("b2", Duration.ofMinutes(10), machines);
        pass(Duration.ofMinutes(30));
        b2.look();
        assertThat(eventsOf("l1")).containsExactly("WorkerStarting", "WorkerAttached");

        masters.stop(b1.author);
        b2.latent.mastersChanged();
        pass(Duration.ofMinutes(19));
        b2.look();
        assertThat(eventsOf("l1")).containsExactly("WorkerStarting", "WorkerAttached");
        pass(Duration.ofMinutes(1));
        lookUntil(b2, 1, "worker-off");

        assertThat(machines.calls).containsExactly("stop l1", "start l1", "stop l1");
    }

    @Test
    void one_that_is_lost_and_does_not_come_back_is_taken_down() {
        story.fire(List.of(), "r", "docs");
        startFor(b1, "l1");
        script.end(0);
        awaitEvents(1, "build-request-completed");
        machines.of("l1").close();
        awaitEvents(1, "worker-detached");
        b1.look();
        assertThat(machines.calls).containsExactly("stop l1", "start l1");

        pass(Duration.ofMinutes(21));
        lookUntil(b1, 1, "worker-off");

        assertThat(eventsOf("l1")).endsWith("WorkerDetached", "WorkerEnding", "WorkerOff");
        assertThat(machines.calls).containsExactly("stop l1", "start l1", "stop l1");
    }

    @Test
    void one_whose_connection_broke_is_not_started_anew_while_it_may_come_back() {
        story.fire(List.of(), "r", "docs");
        startFor(b1, "l1");
        script.end(0);
        awaitEvents(1, "build-request-completed");
        machines.of("l1").close();
        awaitEvents(1, "worker-detached");
        story.fire(List.of(), "s", "docs");
        b1.want();
        assertThat(b1.latent.absenceOf("l1")).isEqualTo(Absence.STAYS);

        pass(Duration.ofSeconds(31));
        assertThat(b1.latent.absenceOf("l1")).isEqualTo(Absence.MAY_START);
        test.jdbc.sql("UPDATE worker SET detached_at = detached_at - INTERVAL 31 SECOND").update();
        startFor(b1, "l1");
        assertThat(machines.calls).containsExactly("stop l1", "start l1", "stop l1", "start l1");
    }

    @Test
    void the_worker_of_a_master_that_is_gone_is_stopped_before_another_starts_it()
            throws Exception {
        story.fire(List.of(), "r", "docs");
        startFor(b1, "l1");
        script.next();
        b1.loop.drop("the master is gone");
        masters.stop(b1.author);
        machines.calls.clear();
        Master b2 = new Master("b2", Duration.ofMinutes(10), machines);
        story.fire(List.of(), "r", "docs");

        startFor(b2, "l1");

        assertThat(machines.calls).containsExactly("stop l1", "start l1");
        assertThat(eventsOf("l1")).endsWith("WorkerAttached");
        script.end(0);
        awaitEvents(1, "build-request-completed");
    }

    @Test
    void a_master_that_stops_takes_down_what_it_has_and_what_it_starts() throws Exception {
        story.fire(List.of(), "r", "docs");
        startFor(b1, "l1");
        script.end(0);
        awaitEvents(1, "build-request-completed");
        machines.comes = false;
        story.fire(List.of(), "r", "linux");
        b1.loop.offered();
        // The one that is here takes it, and another starts for what comes next.
        await().until(() -> b1.look() == 1);
        story.fire(List.of(), "r", "linux");
        b1.want();
        await().until(() -> machines.calls.contains("start l2"));
        script.end(0);
        awaitEvents(2, "build-request-completed");

        b1.latent.stop(Duration.ofSeconds(15));

        // That its connection has ended is written by who has it.
        await().untilAsserted(
                        () -> assertThat(eventsOf("l1")).contains("WorkerDetached", "WorkerOff"));
        assertThat(eventsOf("l2")).containsExactly("WorkerStarting", "WorkerStartFailed");
        assertThat(machines.calls).endsWith("stop l1").contains("stop l2");
    }

    @Test
    void a_real_worker_is_started_and_stopped_by_commands() throws Exception {
        Path worker = directory.resolve("worker");
        Path file =
                Files.writeString(
                        directory.resolve("real.yaml"),
                        """
                        db_url: jdbc:mysql://unused/unused
                        db_user: unused
                        workers:
                          - name: l1
                            password: swordfish-7
                            latent:
                              command:
                                start: [buildbot-worker, start, "%1$s"]
                                stop: [buildbot-worker, stop, "%1$s"]
                        """
                                .formatted(worker));
        LatentWorker how =
                Objects.requireNonNull(
                                ConfigurationFile.read(file)
                                        .configuration()
                                        .workers()
                                        .getFirst()
                                        .latent())
                        .how();
        Master b2 = new Master("b2", Duration.ZERO, how);
        StockWorker.create(worker, "127.0.0.1:" + b2.port(), "l1", PASSWORD);
        story.fire(List.of(), "r", "docs");
        b2.want();
        await().atMost(60, TimeUnit.SECONDS).until(() -> b2.workers.find("l1").isPresent());
        ProcessHandle process =
                ProcessHandle.of(
                                Long.parseLong(
                                        Files.readString(worker.resolve("twistd.pid")).strip()))
                        .orElseThrow();
        real = process;

        await().until(() -> b2.look() == 1);
        awaitEvents(1, "build-request-completed");
        await().atMost(60, TimeUnit.SECONDS)
                .untilAsserted(() -> {
                    b2.look();
                    assertThat(eventsOf("l1")).contains("WorkerDetached", "WorkerOff");
                });

        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE payload LIKE '%swordfish%'"))
                .isZero();
    }
}
