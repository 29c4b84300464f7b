package io.buildledger.builder.claiming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.artifacts.DiskArtifacts;
import io.buildledger.attaching.OpenCommands;
import io.buildledger.builder.logging.LogShipper;
import io.buildledger.builder.processes.LocalWorkplaces;
import io.buildledger.builder.running.BuildRunner;
import io.buildledger.builder.running.TestSecrets;
import io.buildledger.builder.triggering.SchedulerAnswers;
import io.buildledger.builder.uploading.Uploads;
import io.buildledger.commanding.BuildTriggers;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockEvent.LockReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.locking.Locks;
import io.buildledger.log.Author;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.LogTail;
import io.buildledger.log.LogTail.Subscription;
import io.buildledger.log.Recorded;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.metering.Meters;
import io.buildledger.steplog.StepLogs;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestStory;
import io.buildledger.verifying.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two masters with workers of their own, whose builds and steps share locks. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LockedBuildsTest {

    private static final Author PEOPLE = new Author("s", 1);

    /** Each gate holds up the builds of one builder. */
    private final TestLog test = new TestLog();

    private final TestStory story = new TestStory(test);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final List<Master> masters = new ArrayList<>();

    @TempDir Path directory;

    /** A builder master without its threads but those of builds and of the log's tail. */
    private final class Master {
        private final Author author;
        private final GroupCommit commit;
        private final LogShipper shipper;
        private final ClaimLoop loop;
        private final LogTail tail;

        Master(String name) throws IOException {
            author = registry.register(TestMasters.builder(name));
            commit = new GroupCommit(test.log, author);
            Path own = directory.resolve(name);
            Files.createDirectories(own);
            Path file =
                    Files.writeString(
                            own.resolve("cluster.yaml"),
                            """
                            db_url: jdbc:mysql://unused/unused
                            db_user: unused
                            locks:
                              - name: site
                              - name: port
                              - {name: disk, scope: worker}
                            builders:
                              - name: deploy
                                worker_names: [one, two]
                                locks: [site]
                                factory: [{shell: {command: "until [ -e %1$s/deploy ]; do sleep 0.05; done"}}]
                              - name: migrate
                                worker_names: [one, two]
                                locks: [{name: site, mode: exclusive}]
                                factory: [{shell: {command: "until [ -e %1$s/migrate ]; do sleep 0.05; done"}}]
                              - name: test
                                worker_names: [one, two]
                                factory:
                                  - shell:
                                      command: "until [ -e %1$s/test ]; do sleep 0.05; done"
                                      locks: [port]
                              - name: lint
                                worker_names: [one, two]
                                factory: []
                              - name: docs
                                worker_names: [one]
                                locks: [disk]
                                factory: [{shell: {command: "until [ -e %1$s/docs ]; do sleep 0.05; done"}}]
                              - name: slow
                                worker_names: [two]
                                factory: [{shell: {command: "until [ -e %1$s/slow ]; do sleep 0.05; done"}}]
                              - name: linux
                                worker_names: [one, two]
                                locks: [disk]
                                factory: []
                            workers: [{name: one, max_builds: 2}, {name: two}]
                            """
                                    .formatted(directory));
            shipper = new LogShipper(new StepLogs(test.jdbc), own.resolve("spool"));
            LocalWorkplaces workplaces = new LocalWorkplaces(own.resolve("workers"));
            StepLocks locks = new StepLocks(new Locks(test.log, test.dataSource), author);
            loop =
                    new ClaimLoop(
                            new ConfiguredBuilders(ConfigurationFile.read(file).configuration()),
                            test.claims,
                            commit,
                            new OpenCommands(test.dataSource),
                            new BuildTriggers(test.log, commit),
                            locks,
                            new BuildRunner(
                                    workplaces,
                                    workplaces.masterShell(() -> false),
                                    shipper,
                                    TestSecrets.NONE,
                                    new Uploads(
                                            new DiskArtifacts(own.resolve("artifacts"), name),
                                            own.resolve("uploads")),
                                    new SchedulerAnswers(test.log, Duration.ofMillis(20)),
                                    own),
                            PlainAvailability.LOCAL,
                            new FingerprintWatch(Map::of),
                            author,
                            new ClaimMeters(Meters.none(), InstantSource.system()),
                            () -> 0);
            tail =
                    new LogTail(
                            name,
                            test.dataSource,
                            0,
                            new Subscription(
                                    Set.of(
                                            LockGranted.class,
                                            LockReleased.class,
                                            BuildRequestCancelled.class),
                                    recorded -> hear(locks, recorded),
                                    Set.of(),
                                    () -> {}),
                            Duration.ofMillis(20),
                            System::nanoTime);
            tail.start();
            masters.add(this);
        }

        private void hear(StepLocks locks, Recorded recorded) {
            switch (recorded.event()) {
                case LockGranted granted -> {
                    locks.granted(granted);
                    loop.lockMoved();
                }
                case LockReleased _ -> loop.lockMoved();
                case BuildRequestCancelled cancelled -> loop.cancelled(cancelled);
                default -> {}
            }
        }

        void close() throws InterruptedException {
            loop.stop("the test is over", Duration.ofSeconds(10));
            tail.close();
            commit.close();
            shipper.close();
        }
    }

    @AfterEach
    void close() throws Exception {
        for (String gate : List.of("deploy", "migrate", "test", "docs", "slow")) {
            open(gate);
        }
        for (Master master : masters) {
            master.close();
        }
        story.project();
        var verdict = Verification.of(test.database);
        test.close();
        assertThat(verdict.violations()).isEmpty();
    }

    private void open(String gate) throws IOException {
        Path file = directory.resolve(gate);
        if (!Files.exists(file)) {
            Files.createFile(file);
        }
    }

    private void ask(String builder) {
        story.fire(List.of(), "abc", builder);
        masters.forEach(it -> it.loop.offered());
    }

    private static void awaitClaim(Master master) {
        await().until(() -> master.loop.runOnce() == 1);
    }

    private void awaitEvents(int number, String type) {
        await().until(() -> events(type) == number);
    }

    private long events(String type) {
        return test.count("SELECT COUNT(*) FROM event WHERE type = '" + type + "'");
    }

    private long held() {
        return test.count("SELECT COUNT(*) FROM lock_ticket WHERE held");
    }

    @Test
    void
            a_build_that_waits_for_the_lock_of_another_master_s_is_claimed_when_the_log_tells_of_its_end()
                    throws Exception {
        Master b1 = new Master("b1");
        Master b2 = new Master("b2");
        ask("deploy");
        awaitClaim(b1);
        ask("migrate");

        assertThat(b2.loop.runOnce()).isZero();
        assertThat(b2.loop.runOnce()).as("nor does it look again").isZero();
        open("deploy");
        awaitClaim(b2);

        open("migrate");
        awaitEvents(2, "build-request-completed");
        await().until(() -> held() == 0);
    }

    @Test
    void a_builder_that_waits_keeps_no_worker_from_the_others() throws Exception {
        Master b1 = new Master("b1");
        ask("deploy");
        awaitClaim(b1);
        ask("migrate");
        ask("lint");

        await().until(() -> b1.loop.runOnce() == 1);

        awaitEvents(1, "build-request-completed");
        assertThat(events("build-request-claimed")).isEqualTo(2);
    }

    @Test
    void a_step_waits_for_the_lock_of_another_master_s_step() throws Exception {
        Master b1 = new Master("b1");
        Master b2 = new Master("b2");
        ask("test");
        awaitClaim(b1);
        await().until(() -> held() == 1);
        ask("test");
        awaitClaim(b2);
        awaitEvents(2, "lock-requested");
        assertThat(events("lock-granted")).isEqualTo(1);

        open("test");

        awaitEvents(2, "build-request-completed");
        awaitEvents(2, "lock-released");
        assertThat(
                        test.count(
                                "SELECT COUNT(*) FROM event WHERE type = 'build-request-completed' AND payload LIKE '%SUCCESS%'"))
                .isEqualTo(2);
    }

    @Test
    void a_build_whose_step_waits_for_a_lock_can_be_stopped_and_waits_no_more() throws Exception {
        Master b1 = new Master("b1");
        Master b2 = new Master("b2");
        ask("test");
        awaitClaim(b1);
        await().until(() -> held() == 1);
        ask("test");
        awaitClaim(b2);
        awaitEvents(2, "lock-requested");

        test.commands.stop(PEOPLE, "test", 2, "ann", "it takes too long");

        awaitEvents(1, "build-dropped");
        await().until(() -> b2.loop.running() == 0);
        assertThat(test.count("SELECT COUNT(*) FROM lock_ticket")).isEqualTo(1);
        assertThat(held()).isEqualTo(1);
        assertThat(
                        test.jdbc
                                .sql("SELECT payload FROM event WHERE type = 'step-finished'")
                                .query(String.class)
                                .single())
                .contains("CANCELLED");
    }

    @Test
    void a_stopped_build_gives_its_lock_back_when_its_processes_are_gone() throws Exception {
        Master b1 = new Master("b1");
        ask("deploy");
        awaitClaim(b1);
        awaitEvents(1, "step-started");
        ask("migrate");
        assertThat(b1.loop.runOnce()).isZero();

        test.commands.stop(PEOPLE, "deploy", 1, "ann", "");
        awaitClaim(b1);

        assertThat(events("build-dropped")).isEqualTo(1);
        open("migrate");
        awaitEvents(1, "build-request-completed");
    }

    @Test
    void the_locks_of_a_dead_master_go_to_those_who_wait() throws Exception {
        Master b1 = new Master("b1");
        Master b2 = new Master("b2");
        ask("test");
        awaitClaim(b1);
        await().until(() -> held() == 1);
        ask("test");
        awaitClaim(b2);
        ask("deploy");
        awaitClaim(b1);
        ask("migrate");
        assertThat(b2.loop.runOnce()).isZero();

        registry.register(
                new Registration(
                        "b1", "builder", "host", 2, Duration.ofSeconds(30), Map.of(), null));
        assertThat(test.claims.holdersThatAreGone()).containsExactly(b1.author);
        test.claims.releaseAllOf(b2.author, b1.author, "master b1 is gone");

        awaitClaim(b2);
        await().until(() -> held() == 2);
        assertThat(test.count("SELECT COUNT(*) FROM lock_ticket WHERE held AND master = 'b2'"))
                .isEqualTo(2);
    }

    @Test
    void local_workers_of_two_masters_have_locks_of_their_own() throws Exception {
        Master b1 = new Master("b1");
        Master b2 = new Master("b2");
        ask("docs");
        awaitClaim(b1);
        ask("docs");

        awaitClaim(b2);

        assertThat(
                        test.jdbc
                                .sql(
                                        "SELECT lock_name FROM lock_ticket WHERE held ORDER BY lock_name")
                                .query(String.class)
                                .list())
                .containsExactly("disk/b1/one", "disk/b2/one");
    }

    @Test
    void a_worker_that_becomes_free_while_a_claim_waits_is_not_forgotten() throws Exception {
        Master b1 = new Master("b1");
        ask("docs");
        awaitClaim(b1);
        ask("slow");
        awaitClaim(b1);
        ask("linux");
        try (ExecutorService threads = Executors.newSingleThreadExecutor();
                Connection other = test.dataSource.getConnection()) {
            other.setAutoCommit(false);
            try (Statement statement = other.createStatement()) {
                statement.executeQuery(
                        "SELECT lock_name FROM named_lock WHERE lock_name LIKE 'disk/%' FOR UPDATE");
            }
            Future<Integer> looked = threads.submit(b1.loop::runOnce);
            await().until(() ->
                    test.count(
                                    "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE 'SELECT next_sequence, next_ticket FROM named_lock %'")
                            > 0);

            open("slow");
            await().until(() -> b1.loop.running() == 1);
            other.rollback();
            assertThat(looked.get()).as("the disk of one is taken, two was busy").isZero();
        }

        awaitClaim(b1);
        awaitEvents(2, "build-request-completed");
    }

    @Test
    void a_lock_that_could_not_be_released_with_its_step_is_recovered_after_its_build()
            throws Exception {
        Master b1 = new Master("b1");
        ask("test");
        awaitClaim(b1);
        await().until(() -> held() == 1);
        test.jdbc.sql("RENAME TABLE lock_ticket TO lock_ticket_away").update();

        open("test");
        awaitEvents(1, "build-request-completed");
        await().until(() -> b1.loop.running() == 0);
        test.jdbc.sql("RENAME TABLE lock_ticket_away TO lock_ticket").update();
        assertThat(held()).isEqualTo(1);

        assertThat(b1.loop.runOnce()).isZero();

        assertThat(held()).isZero();
        assertThat(
                        test.jdbc
                                .sql("SELECT payload FROM event WHERE type = 'lock-released'")
                                .query(String.class)
                                .single())
                .contains("nobody works on the build any more");
    }
}
