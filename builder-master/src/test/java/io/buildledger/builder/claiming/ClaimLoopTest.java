package io.buildledger.builder.claiming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.buildledger.artifacts.DiskArtifacts;
import io.buildledger.attaching.OpenCommands;
import io.buildledger.builder.logging.LogShipper;
import io.buildledger.builder.processes.LocalWorkplaces;
import io.buildledger.builder.running.BuildRunner;
import io.buildledger.builder.running.TestSecrets;
import io.buildledger.builder.triggering.SchedulerAnswers;
import io.buildledger.builder.uploading.Uploads;
import io.buildledger.claiming.BuildRequestQueue;
import io.buildledger.claiming.Buildsets;
import io.buildledger.claiming.Claims;
import io.buildledger.claiming.Collapsing;
import io.buildledger.commanding.BuildTriggers;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.mastering.Fingerprints;
import io.buildledger.domain.mastering.PublishedFingerprint;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.locking.Locks;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.metering.Meters;
import io.buildledger.numbering.Numbers;
import io.buildledger.steplog.StepLogs;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ClaimLoopTest {

    private static final Author B1 = new Author("b1", 1);
    private static final Author PEOPLE = new Author("s", 1);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final LossyDataSource connection = new LossyDataSource(test.dataSource);
    private final JdbcTransactionManager transactions = new JdbcTransactionManager(connection);
    private final JdbcClient jdbc = JdbcClient.create(connection);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Meters meters = new Meters(registry, System::nanoTime);
    private final EventLog log =
            new EventLog(connection, transactions, Duration.ofMillis(20), meters);
    private final BuildRequestQueue queue = new BuildRequestQueue(connection);
    private final Numbers numbers = new Numbers(connection);
    private final GroupCommit commit = new GroupCommit(log, B1);

    private final AtomicLong nanoTime = new AtomicLong();

    /** Of the builders of which masters differ. */
    private final AtomicReference<Map<String, Fingerprints>> fingerprints =
            new AtomicReference<>(Map.of());

    @TempDir Path directory;
    private LogShipper shipper;
    private ClaimLoop loop;

    @BeforeEach
    void open() throws IOException {
        ConfiguredBuilders configured =
                configured(
                        """
                        builders:
                          - name: linux
                            worker_names: [one, two]
                            factory: [{shell: {command: "until [ -e %1$s ]; do sleep 0.05; done"}}]
                          - name: docs
                            worker_names: [one]
                            factory: [{shell: {command: "until [ -e %1$s ]; do sleep 0.05; done"}}]
                        workers: [{name: one}, {name: two}]
                        """
                                .formatted(directory.resolve("gate")));
        Buildsets buildsets = new Buildsets(log, connection, numbers, queue, Collapsing.NEVER);
        shipper = new LogShipper(new StepLogs(jdbc), directory.resolve("spool"));
        LocalWorkplaces workplaces = new LocalWorkplaces(directory.resolve("workers"));
        loop =
                new ClaimLoop(
                        configured,
                        new Claims(log, connection, numbers, queue, buildsets),
                        commit,
                        new OpenCommands(connection),
                        new BuildTriggers(log, commit),
                        new StepLocks(new Locks(log, connection), B1),
                        new BuildRunner(
                                workplaces,
                                workplaces.masterShell(() -> false),
                                shipper,
                                TestSecrets.NONE,
                                new Uploads(
                                        new DiskArtifacts(directory.resolve("artifacts"), "b1"),
                                        directory.resolve("uploads")),
                                new SchedulerAnswers(log, Duration.ofMillis(20)),
                                directory),
                        PlainAvailability.LOCAL,
                        new FingerprintWatch(fingerprints::get),
                        B1,
                        new ClaimMeters(meters, () -> TestStory.NOON.plusSeconds(3)),
                        nanoTime::get);
    }

    private ConfiguredBuilders configured(String builders) throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("cluster.yaml"),
                        "db_url: jdbc:mysql://unused/unused\ndb_user: unused\n" + builders);
        return new ConfiguredBuilders(ConfigurationFile.read(file).configuration());
    }

    @AfterEach
    void close() throws Exception {
        openGate();
        loop.stop("the test is over", Duration.ofSeconds(10));
        commit.close();
        shipper.close();
        log.close();
        test.close();
    }

    private void openGate() throws IOException {
        Path gate = directory.resolve("gate");
        if (!Files.exists(gate)) {
            Files.createFile(gate);
        }
    }

    private void awaitEvents(int number, String type) {
        await().until(() ->
                test.count("SELECT COUNT(*) FROM event WHERE type = '" + type + "'") == number);
    }

    @Test
    void it_claims_one_request_for_each_free_worker_and_the_rest_when_these_are_free_again()
            throws Exception {
        for (int i = 0; i < 3; i++) {
            story.fire(List.of(), "r" + i, "linux", "docs");
        }

        assertThat(loop.runOnce()).isEqualTo(2);
        assertThat(loop.runOnce()).isZero();
        openGate();
        await().until(() -> {
            loop.runOnce();
            return test.count("SELECT COUNT(*) FROM build_request_queue") == 0;
        });

        awaitEvents(6, "build-request-completed");
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
    }

    @Test
    void what_it_claims_and_what_that_comes_to_is_counted() throws Exception {
        story.fire(List.of(), "r", "docs");
        story.fire(List.of(), "r", "linux");
        assertThat(loop.runOnce()).isEqualTo(2);

        assertThat(registry.get("buildledger.claims").counter().count()).isEqualTo(2);
        Timer latency = registry.get("buildledger.claim.latency").timer();
        assertThat(latency.count()).isEqualTo(2);
        assertThat(latency.totalTime(TimeUnit.SECONDS)).isEqualTo(6);
        assertThat(registry.get("buildledger.append.batch").summary().totalAmount())
                .isEqualTo(registry.get("buildledger.appended.events").counter().count())
                .isGreaterThanOrEqualTo(2);
        loop.drop("that is enough");
        await().until(() -> loop.running() == 0);
        loop.resume();
        openGate();
        AtomicInteger again = new AtomicInteger();
        await().until(() -> again.addAndGet(loop.runOnce()) == 2);

        await().untilAsserted(() ->
                assertThat(
                                registry.get("buildledger.builds")
                                        .tag("results", "SUCCESS")
                                        .counter()
                                        .count())
                        .isEqualTo(2));
        assertThat(registry.get("buildledger.dropped.builds").counter().count()).isEqualTo(2);
        assertThat(registry.get("buildledger.claims").counter().count()).isEqualTo(4);
        assertThat(latency.count()).as("first claims alone").isEqualTo(2);
    }

    @Test
    void an_offer_that_another_master_takes_first_is_counted_as_a_lost_race() throws Exception {
        story.fire(List.of(), "r", "docs");
        try (Connection other = test.dataSource.getConnection()) {
            other.setAutoCommit(false);
            try (Statement statement = other.createStatement()) {
                statement.execute("SELECT * FROM build_request_queue FOR UPDATE");
            }

            assertThat(loop.runOnce()).isZero();
        }

        assertThat(registry.get("buildledger.lost.races").tag("race", "claim").counter().count())
                .isEqualTo(1);
        assertThat(loop.runOnce()).isEqualTo(1);
    }

    @Test
    void a_claim_whose_commit_went_unanswered_is_built_and_costs_no_attempt() throws Exception {
        story.fire(List.of(), "r", "docs");
        connection.loseTheNextClaim();

        assertThatThrownBy(loop::runOnce).hasStackTraceContaining("the connection was lost");
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isEqualTo(1);
        test.commands.changePriority(PEOPLE, 1, 7, "somebody");
        await().until(() -> loop.runOnce() == 1);
        openGate();

        awaitEvents(1, "build-request-completed");
        awaitEvents(1, "build-request-claimed");
        awaitEvents(0, "build-request-released");
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
    }

    @Test
    void what_a_newer_program_has_asked_for_stays_on_offer_and_holds_up_nothing() throws Exception {
        story.fire(List.of(), "r", "docs");
        test.jdbc.sql("UPDATE event SET revision = '9' WHERE type = 'buildset-submitted'").update();
        assertThat(loop.runOnce()).isZero();

        story.fire(List.of(), "r", "docs");
        loop.offered();
        assertThat(loop.runOnce()).isEqualTo(1);
        openGate();

        awaitEvents(1, "build-request-completed");
        awaitEvents(1, "build-request-claimed");
        assertThat(test.count("SELECT request_id FROM build_request_queue")).isEqualTo(1);
    }

    @Test
    void an_offer_that_no_hint_told_of_is_found_within_half_a_minute() {
        assertThat(loop.runOnce()).isZero();
        story.fire(List.of(), "r", "docs");
        assertThat(loop.runOnce()).isZero();

        nanoTime.addAndGet(Duration.ofSeconds(30).toNanos());

        assertThat(loop.runOnce()).isEqualTo(1);
    }

    @Test
    void what_runs_is_not_forgotten() throws Exception {
        story.fire(List.of(), "r", "docs");
        assertThat(loop.runOnce()).isEqualTo(1);
        story.fire(List.of(), "r", "linux");
        loop.offered();
        connection.loseTheNextClaim();
        assertThatThrownBy(loop::runOnce).hasStackTraceContaining("the connection was lost");

        await().until(() -> loop.runOnce() == 1);
        openGate();

        awaitEvents(2, "build-request-completed");
        awaitEvents(2, "build-request-claimed");
    }

    @Test
    void while_it_pauses_it_claims_nothing_and_afterwards_what_was_offered_meanwhile()
            throws Exception {
        story.fire(List.of(), "r", "docs");
        assertThat(loop.runOnce()).isEqualTo(1);
        loop.pause();
        story.fire(List.of(), "r", "linux");
        loop.offered();
        assertThat(loop.runOnce()).isZero();
        assertThat(loop.running()).isEqualTo(1);

        loop.resume();

        assertThat(loop.runOnce()).isEqualTo(1);
    }

    @Test
    void what_is_dropped_is_recorded_as_that_and_handed_back_and_claimed_again_afterwards()
            throws Exception {
        story.fire(List.of(), "r", "docs");
        assertThat(loop.runOnce()).isEqualTo(1);
        awaitEvents(1, "step-started");

        loop.drop("the lease was about to end");
        awaitEvents(1, "build-dropped");
        await().until(() -> loop.running() == 0);
        assertThat(loop.runOnce()).isZero();
        awaitEvents(1, "build-request-released");
        assertThat(payloads("build-request-released").getFirst())
                .contains("\"reason\":\"the lease was about to end\"");
        loop.resume();

        assertThat(loop.runOnce()).isEqualTo(1);
        openGate();
        awaitEvents(1, "build-request-completed");
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
    }

    @Test
    void what_a_claim_that_was_under_way_when_all_was_dropped_would_start_is_dropped_too()
            throws Exception {
        story.fire(List.of(), "r", "docs");
        connection.whenTheNextClaimIsCommitted(() -> loop.drop("the lease was about to end"));

        assertThat(loop.runOnce()).isEqualTo(1);

        awaitEvents(1, "build-dropped");
        awaitEvents(0, "step-started");
    }

    private List<String> payloads(String type) {
        return test.jdbc
                .sql("SELECT payload FROM event WHERE type = :type ORDER BY global_index")
                .param("type", type)
                .query(String.class)
                .list();
    }

    @Test
    void a_step_that_asks_for_a_retry_puts_the_request_back_until_its_last_attempt()
            throws Exception {
        loop.use(
                configured(
                        """
                        builders:
                          - name: docs
                            worker_names: [one]
                            max_attempts: 2
                            factory: [{shell: {name: fetch, command: exit 7, decode_rc: {7: RETRY}}}]
                        workers: [{name: one}]
                        """));
        story.fire(List.of(), "r", "docs");

        await().until(() -> {
            loop.runOnce();
            return payloads("build-request-given-up").size() == 1;
        });

        String reason = "retry asked for by fetch (exit code 7)";
        assertThat(payloads("build-request-released"))
                .containsExactly(
                        "{\"requestId\":1,\"attempt\":1,\"releasedBy\":\"b1\",\"reason\":\"%s\"}"
                                .formatted(reason),
                        "{\"requestId\":1,\"attempt\":2,\"releasedBy\":\"b1\",\"reason\":\"%s\"}"
                                .formatted(reason));
        assertThat(payloads("build-request-given-up").getFirst()).contains(reason);
        assertThat(payloads("buildset-completed").getFirst()).contains("EXCEPTION");
        awaitEvents(2, "build-dropped");
        assertThat(payloads("build-dropped"))
                .allMatch(it -> it.contains("\"results\":\"RETRY\",\"reason\":\"" + reason));
        awaitEvents(0, "build-request-completed");
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
    }

    private void hearOfTheRelease() {
        loop.released(
                (BuildRequestReleased)
                        test.log.read(Streams.buildRequest(1)).stream()
                                .map(Recorded::event)
                                .filter(BuildRequestReleased.class::isInstance)
                                .findFirst()
                                .orElseThrow());
    }

    @Test
    void a_build_that_somebody_has_retried_is_stopped_and_its_request_claimed_again()
            throws Exception {
        story.fire(List.of(), "r", "docs");
        assertThat(loop.runOnce()).isEqualTo(1);
        awaitEvents(1, "step-started");

        test.commands.retry(PEOPLE, "docs", 1, "ann", "it hangs");
        hearOfTheRelease();

        awaitEvents(1, "build-dropped");
        assertThat(payloads("build-dropped").getFirst())
                .contains("\"reason\":\"retry asked for by ann: it hangs\"");
        await().until(() -> loop.running() == 0);
        assertThat(loop.runOnce()).isEqualTo(1);
        openGate();
        awaitEvents(1, "build-request-completed");
        awaitEvents(1, "build-request-released");
    }

    @Test
    void
            a_request_that_is_claimed_again_before_the_retry_is_heard_of_is_built_and_the_old_build_stopped()
                    throws Exception {
        story.fire(List.of(), "r", "linux");
        assertThat(loop.runOnce()).isEqualTo(1);
        awaitEvents(1, "step-started");
        test.commands.retry(PEOPLE, "linux", 1, "ann", "it hangs");
        loop.offered();
        assertThat(loop.runOnce()).isEqualTo(1);
        assertThat(loop.running()).isEqualTo(2);

        hearOfTheRelease();

        await().until(() -> loop.running() == 1);
        awaitEvents(1, "build-dropped");
        // What came to nothing was the first claim, and not the one that lives.
        loop.runOnce();
        openGate();
        awaitEvents(1, "build-request-completed");
        awaitEvents(1, "build-request-released");
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
    }

    @Test
    void all_builds_of_a_request_that_is_cancelled_are_stopped() throws Exception {
        story.fire(List.of(), "r", "linux");
        assertThat(loop.runOnce()).isEqualTo(1);
        awaitEvents(1, "step-started");

        test.commands.stop(PEOPLE, "linux", 1, "ann", "it hangs");
        loop.cancelled(
                (BuildRequestCancelled) test.log.read(Streams.buildRequest(1)).getLast().event());

        awaitEvents(1, "build-dropped");
        assertThat(payloads("build-dropped").getFirst())
                .contains("cancelled by ann: build linux/1 was stopped: it hangs");
        await().until(() -> loop.running() == 0);
        assertThat(loop.runOnce()).isZero();
        awaitEvents(0, "build-request-released");
    }

    @Test
    void the_result_of_a_build_whose_claim_was_released_is_thrown_away_and_that_is_recorded()
            throws Exception {
        story.fire(List.of(), "r", "docs");
        assertThat(loop.runOnce()).isEqualTo(1);
        awaitEvents(1, "step-started");
        test.claims.releaseAllOf(new Author("b2", 1), B1, "master b1 is gone");

        openGate();

        awaitEvents(1, "build-dropped");
        assertThat(
                        test.jdbc
                                .sql("SELECT payload FROM event WHERE type = 'build-dropped'")
                                .query(String.class)
                                .single())
                .isEqualTo(
                        "{\"builder\":\"docs\",\"buildNumber\":1,\"results\":\"SUCCESS\",\"reason\":\"the claim is over\"}");
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'build-request-completed'"))
                .isZero();
        assertThat(test.hasWork("docs")).isTrue();
    }

    @Test
    void a_claim_that_went_unanswered_in_the_moment_of_a_pause_is_built_before_the_end()
            throws Exception {
        story.fire(List.of(), "r", "docs");
        connection.loseTheNextClaim();
        assertThatThrownBy(loop::runOnce).hasStackTraceContaining("the connection was lost");
        loop.pause();

        await().until(() -> loop.runOnce() == 1);
        openGate();

        awaitEvents(1, "build-request-completed");
        await().until(() -> loop.running() == 0);
        awaitEvents(0, "build-request-released");
    }

    /** A builder whose builds end at once, and leave a file that tells that they ran. */
    private ConfiguredBuilders quick(String builder) throws IOException {
        return configured(
                """
                builders:
                  - name: %s
                    worker_names: [one]
                    factory: [{shell: {command: "touch %s"}}]
                workers: [{name: one, max_builds: 2}]
                """
                        .formatted(builder, directory.resolve("ran")));
    }

    private static String fingerprintOfDocs(ConfiguredBuilders configured) {
        return Objects.requireNonNull(configured.terms().get("docs")).fingerprint();
    }

    private List<String> fingerprintsOfClaims() {
        return test
                .jdbc
                .sql(
                        """
                        SELECT payload FROM event WHERE type = 'build-request-claimed' ORDER BY global_index
                        """)
                .query(String.class)
                .list()
                .stream()
                .map(it -> it.replaceFirst(".*\"fingerprint\":\"([^\"]*)\".*", "$1"))
                .toList();
    }

    @Test
    void with_another_configuration_what_runs_goes_on_and_a_new_builder_builds() throws Exception {
        story.fire(List.of(), "r1", "docs");
        assertThat(loop.runOnce()).isEqualTo(1);
        awaitEvents(1, "step-started");
        story.fire(List.of(), "r2", "docs", "mac");
        loop.offered();

        loop.use(quick("mac"));

        assertThat(loop.runOnce()).isEqualTo(1);
        awaitEvents(1, "build-request-completed");
        assertThat(directory.resolve("ran")).exists();
        openGate();
        awaitEvents(2, "build-request-completed");
        await().until(() -> loop.running() == 0);
        assertThat(loop.runOnce()).isZero();
        assertThat(test.hasWork("docs")).isTrue();
    }

    @Test
    void a_builder_with_other_steps_is_claimed_for_by_their_fingerprint() throws Exception {
        story.fire(List.of(), "r1", "docs");
        assertThat(loop.runOnce()).isEqualTo(1);
        awaitEvents(1, "step-started");

        ConfiguredBuilders next = quick("docs");
        loop.use(next);
        story.fire(List.of(), "r2", "docs");
        loop.offered();
        // The directory is that of the build that runs.
        assertThat(loop.runOnce()).isZero();
        openGate();
        await().until(() -> loop.running() == 0);
        assertThat(directory.resolve("ran")).doesNotExist();
        assertThat(loop.runOnce()).isEqualTo(1);

        awaitEvents(2, "build-request-completed");
        assertThat(directory.resolve("ran")).exists();
        assertThat(fingerprintsOfClaims())
                .hasSize(2)
                .doesNotHaveDuplicates()
                .endsWith(fingerprintOfDocs(next));
    }

    @Test
    void a_claim_that_went_unanswered_is_built_by_the_configuration_that_it_was_made_by()
            throws Exception {
        story.fire(List.of(), "r", "docs");
        connection.loseTheNextClaim();
        assertThatThrownBy(loop::runOnce).hasStackTraceContaining("the connection was lost");

        loop.use(quick("mac"));
        await().until(() -> loop.runOnce() == 1);
        openGate();

        awaitEvents(1, "build-request-completed");
        awaitEvents(0, "build-request-released");
        assertThat(directory.resolve("ran")).doesNotExist();
    }

    @Test
    void a_claim_that_is_under_way_when_the_configuration_changes_is_built_as_it_was_made()
            throws Exception {
        ConfiguredBuilders next = quick("docs");
        story.fire(List.of(), "r", "docs");
        connection.whenTheNextClaimIsCommitted(() -> loop.use(next));

        assertThat(loop.runOnce()).isEqualTo(1);
        openGate();

        awaitEvents(1, "build-request-completed");
        assertThat(directory.resolve("ran")).doesNotExist();
        assertThat(fingerprintsOfClaims()).doesNotContain(fingerprintOfDocs(next));
    }

    /** A file whose builders are docs and linux, and what is to be done where masters differ. */
    private ConfiguredBuilders twoBuilders(String builderFingerprint) throws IOException {
        return configured(
                """
                builder_fingerprint: %s
                builders:
                  - {name: docs, worker_names: [one], factory: [{shell: {command: "true"}}]}
                  - {name: linux, worker_names: [two], factory: [{shell: {command: "true"}}]}
                workers: [{name: one}, {name: two}]
                """
                        .formatted(builderFingerprint));
    }

    private static Map<String, Fingerprints> docsDiffers(
            String own, int ownSince, int othersSince) {
        return Map.of(
                "docs",
                new Fingerprints(
                        List.of(
                                new PublishedFingerprint(
                                        "b1", own, Instant.ofEpochSecond(ownSince), true),
                                new PublishedFingerprint(
                                        "b2", "f00d", Instant.ofEpochSecond(othersSince), true))));
    }

    @Test
    void what_another_master_has_newer_is_left_to_it_and_nothing_else() throws Exception {
        ConfiguredBuilders configured = twoBuilders("refuse");
        fingerprints.set(docsDiffers(fingerprintOfDocs(configured), 1, 2));
        loop.use(configured);
        story.fire(List.of(), "r", "docs", "linux");
        loop.offered();

        assertThat(loop.runOnce()).isEqualTo(1);
        awaitEvents(1, "build-request-completed");
        assertThat(loop.runOnce()).isZero();
        assertThat(test.hasWork("docs")).isTrue();

        // The other one is gone, or has been given this file.
        fingerprints.set(Map.of());
        assertThat(loop.runOnce()).isZero();
        loop.mastersChanged();
        assertThat(loop.runOnce()).isEqualTo(1);
        awaitEvents(2, "build-request-completed");
    }

    @ParameterizedTest
    @CsvSource({"refuse, 2, 1", "warn, 2, 1", "warn, 1, 2"})
    void who_has_the_newest_goes_on_and_so_does_everybody_without_refuse(
            String builderFingerprint, int ownSince, int othersSince) throws Exception {
        ConfiguredBuilders configured = twoBuilders(builderFingerprint);
        fingerprints.set(docsDiffers(fingerprintOfDocs(configured), ownSince, othersSince));
        loop.use(configured);
        story.fire(List.of(), "r", "docs");
        loop.offered();

        assertThat(loop.runOnce()).isEqualTo(1);
    }

    private List<String> workersOfClaims() {
        return test
                .jdbc
                .sql(
                        """
                        SELECT payload FROM event WHERE type = 'build-request-claimed' ORDER BY global_index
                        """)
                .query(String.class)
                .list()
                .stream()
                .map(it -> it.replaceFirst(".*\"worker\":\"([^\"]*)\".*", "$1"))
                .toList();
    }

    @Test
    void a_request_waits_for_a_worker_that_may_build_it_and_is_not_asked_for_meanwhile()
            throws Exception {
        loop.use(
                configured(
                        """
                        builders:
                          - name: docs
                            worker_names: [one, two]
                            can_start_build: {same_property: {branch: worker_branch}}
                            factory: []
                          - name: linux
                            worker_names: [two]
                            factory: [{shell: {command: "until [ -e %s ]; do sleep 0.05; done"}}]
                        workers:
                          - {name: one, properties: {worker_branch: other}}
                          - {name: two, properties: {worker_branch: main}}
                        """
                                .formatted(directory.resolve("gate"))));
        story.fire(List.of(), "r", "linux");
        loop.offered();
        assertThat(loop.runOnce()).isEqualTo(1);
        story.fire(List.of(), "r", "docs");
        loop.offered();

        assertThat(loop.runOnce()).isZero();
        // What would be claimed now if it were looked for.
        test.jdbc
                .sql("UPDATE event SET payload = REPLACE(payload, '\"main\"', '\"other\"')")
                .update();
        assertThat(loop.runOnce()).isZero();
        test.jdbc
                .sql("UPDATE event SET payload = REPLACE(payload, '\"other\"', '\"main\"')")
                .update();
        openGate();
        await().until(() -> loop.running() == 0);

        assertThat(loop.runOnce()).isEqualTo(1);
        assertThat(workersOfClaims()).containsExactly("two", "two");
        awaitEvents(2, "build-request-completed");
    }

    @Test
    void the_newest_goes_first_where_the_builder_says_so() throws Exception {
        loop.use(
                configured(
                        """
                        builders:
                          - name: docs
                            worker_names: [one]
                            next_build: {order: newest_first, prefer: {branch: release}}
                            factory: [{shell: {command: "until [ -e %s ]; do sleep 0.05; done"}}]
                        workers: [{name: one}]
                        """
                                .formatted(directory.resolve("gate"))));
        for (int i = 0; i < 3; i++) {
            story.fire(List.of(), "r" + i, "docs");
        }
        loop.offered();

        assertThat(loop.runOnce()).isEqualTo(1);
        assertThat(payloads("build-request-claimed").getFirst()).contains("\"requestId\":3");
    }
}
