package io.buildledger.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.attaching.WorkerRoster;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.claiming.BuildRequestQueue;
import io.buildledger.configuring.Configuration.Metrics;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.mastering.MasterLife;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.metering.Meters;
import io.buildledger.monitoring.Monitoring.Cluster;
import io.buildledger.monitoring.ProcessMeters.Self;
import io.buildledger.testing.CountedSession;
import io.buildledger.testing.PrometheusText;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestStory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.support.GenericApplicationContext;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MonitoringTest {

    private static final Metrics ON = new Metrics(0, null, null);
    private static final Duration LEASE = Duration.ofSeconds(30);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final AtomicReference<Instant> monotonic = new AtomicReference<>(Instant.EPOCH);
    private final GenericApplicationContext context = new GenericApplicationContext();
    private final AtomicLong nanoTime = new AtomicLong();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        test.close();
    }

    private MasterLife life(String name, Map<String, String> fingerprints) {
        return new MasterLife(
                registry,
                test.claims,
                test.commands,
                new Registration(name, "scheduler", "host", 1, LEASE, fingerprints, null),
                monotonic::get,
                () -> {},
                () -> {});
    }

    private Monitoring monitoring(MasterLife life, Meters meters) throws IOException {
        return Monitoring.open(
                ON,
                new Self("s", "scheduler", "1.0"),
                meters,
                life,
                test.dataSource,
                new Cluster(test.queue, registry, test.log));
    }

    private ClusterMeters cluster(EventLog log, HikariDataSource dataSource, Duration patience) {
        return new ClusterMeters(
                new BuildRequestQueue(dataSource),
                new MasterRegistry(log, dataSource, dataSource),
                log,
                dataSource,
                meters,
                patience,
                nanoTime::get);
    }

    private static String url(Monitoring monitoring, String path) {
        return Objects.requireNonNull(monitoring.url(path));
    }

    private HttpResponse<String> ask(String method, String url) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(url))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    private void assertAnswer(Monitoring monitoring, String path, int status, String text)
            throws Exception {
        HttpResponse<String> response = ask("GET", url(monitoring, path));
        assertThat(response.body()).isEqualTo(text);
        assertThat(response.statusCode()).isEqualTo(status);
    }

    /** A reader that can't go on, so that it stays where it is. */
    private Follower stuckReader(EventLog log) {
        return Follower.of(
                        "scheduler/main",
                        Follower.Start.FIRST_EVENT,
                        log,
                        test.dataSource,
                        new Author("s", 1),
                        _ -> {
                            throw new IllegalStateException("it can't");
                        })
                .start();
    }

    @Test
    void a_scrape_tells_of_the_whole_cluster_in_the_format_of_Prometheus() throws Exception {
        MasterLife life = life("s", Map.of("linux", "f", "quiet", "f"));
        story.fire(List.of(), "r", "linux", "docs \"and\" more");
        story.fire(List.of(), "r", "linux");
        registry.register(TestMasters.builder("dead"));
        registry.register(TestMasters.builder("long-dead"));
        test.jdbc
                .sql(
                        """
                        UPDATE master
                           SET state = 'lost',
                               leased_until = UTC_TIMESTAMP(6) - INTERVAL IF(name = 'dead', 1, 30) HOUR
                         WHERE name <> 's'
                        """)
                .update();
        new WorkerRoster(test.log, test.dataSource)
                .list(life.author(), List.of(new Listed("w1", true, false, 1)));

        try (Monitoring monitoring = monitoring(life, Monitoring.meters(ON));
                Follower _ = stuckReader(test.log)) {
            await().until(() ->
                    test.count("SELECT COUNT(*) FROM token WHERE processor_name = 'scheduler/main'")
                            == 1);
            HttpResponse<String> response = ask("GET", url(monitoring, "/metrics"));

            assertThat(response.headers().firstValue("Content-Type"))
                    .hasValue("text/plain; version=0.0.4; charset=utf-8");
            PrometheusText scrape = new PrometheusText(response.body());
            assertThat(scrape.value("buildledger_queue_depth_requests{builder=\"linux\"}"))
                    .isEqualTo(2);
            assertThat(scrape.value("buildledger_queue_depth_requests{builder=\"quiet\"}"))
                    .isZero();
            assertThat(
                            scrape.value(
                                    "buildledger_queue_depth_requests{builder=\"docs \\\"and\\\" more\"}"))
                    .isEqualTo(1);
            assertThat(scrape.value("buildledger_queue_oldest_seconds{builder=\"linux\"}"))
                    .isPositive();
            assertThat(scrape.value("buildledger_queue_oldest_seconds{builder=\"quiet\"}"))
                    .isZero();
            assertThat(scrape.value("buildledger_serving_masters{builder=\"linux\"}")).isEqualTo(1);
            assertThat(
                            scrape.value(
                                    "buildledger_serving_masters{builder=\"docs \\\"and\\\" more\"}"))
                    .isZero();
            assertThat(scrape.value("buildledger_master_up{master=\"s\",role=\"scheduler\"}"))
                    .isEqualTo(1);
            assertThat(scrape.value("buildledger_master_up{master=\"dead\",role=\"builder\"}"))
                    .isZero();
            assertThat(response.body()).doesNotContain("long-dead");
            assertThat(scrape.value("buildledger_lease_age_seconds{master=\"s\"}"))
                    .isBetween(0.0, 30.0);
            assertThat(scrape.value("buildledger_workers{state=\"absent\"}")).isEqualTo(1);
            assertThat(scrape.value("buildledger_reader_lag_events{reader=\"scheduler/main\"}"))
                    .isEqualTo((double) test.log.head());
            assertThat(scrape.value("buildledger_reader_lag_seconds{reader=\"scheduler/main\"}"))
                    .isPositive();
            assertThat(scrape.value("buildledger_table_bytes{table=\"event\"}")).isPositive();
            assertThat(
                            scrape.value(
                                    "buildledger_this_master{master=\"s\",role=\"scheduler\",version=\"1.0\"}"))
                    .isEqualTo(1);
            assertThat(scrape.names())
                    .contains("jvm_memory_used_bytes", "buildledger_database_connections");
            assertThat(ask("HEAD", url(monitoring, "/metrics")).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_scrape_takes_ten_statements_at_most_and_of_several_at_once_one_reads() throws Exception {
        for (int i = 0; i < 20; i++) {
            story.fire(List.of(), "r", "builder-" + i);
            registry.register(TestMasters.builder("b" + i));
        }
        try (CountedSession session = new CountedSession(test);
                EventLog log = session.log();
                Follower follower =
                        Follower.of(
                                "scheduler/main",
                                Follower.Start.FIRST_EVENT,
                                log,
                                session.dataSource,
                                new Author("b1", 1),
                                _ -> {})) {
            follower.start();
            // One that owns what it reads looks but once an hour.
            await().until(() -> follower.position("scheduler/main").isPresent());
            story.fire(List.of(), "r", "builder-0");
            ClusterMeters cluster = cluster(log, session.dataSource, ClusterMeters.PATIENCE);

            assertThat(session.statementsOf(cluster::read)).isBetween(8L, 10L);
            assertThat(session.statementsOf(cluster::read)).isZero();
            nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
            assertThat(session.statementsOf(cluster::read)).isBetween(8L, 10L);
            assertThat(meters.find("buildledger.queue.depth.requests").gauges()).hasSize(20);
        }
    }

    @Test
    void while_the_database_is_away_there_are_no_values_of_the_cluster_rather_than_old_ones() {
        story.fire(List.of(), "r", "linux");
        try (CountedSession session = new CountedSession(test);
                EventLog log = session.log()) {
            ClusterMeters cluster = cluster(log, session.dataSource, ClusterMeters.PATIENCE);
            cluster.read();
            assertThat(meters.find("buildledger.queue.depth.requests").gauges()).hasSize(1);

            session.dataSource.close();
            nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
            cluster.read();
        }

        assertThat(meters.find("buildledger.queue.depth.requests").gauges()).isEmpty();
        assertThat(meters.get("buildledger.cluster.read.failures").counter().count()).isEqualTo(1);
    }

    @Test
    void who_asks_does_not_wait_for_long_for_a_database_that_hangs() throws Exception {
        ClusterMeters cluster = cluster(test.log, test.dataSource, Duration.ofMillis(50));
        try (Connection other = test.dataSource.getConnection();
                Statement statement = other.createStatement()) {
            statement.execute("LOCK TABLES build_request_queue WRITE");

            cluster.read();
            nanoTime.addAndGet(Duration.ofMinutes(1).toNanos());
            cluster.read();
            assertThat(meters.get("buildledger.cluster.read.failures").counter().count())
                    .isEqualTo(2);
            assertThat(meters.find("buildledger.table.bytes").gauges()).isEmpty();

            statement.execute("UNLOCK TABLES");
        }
        await().untilAsserted(() ->
                assertThat(meters.find("buildledger.table.bytes").gauges()).isNotEmpty());
    }

    @Test
    void a_master_is_ready_while_it_takes_its_full_part_and_says_why_where_it_does_not()
            throws Exception {
        MasterLife life = life("s", Map.of());
        try (Monitoring monitoring = monitoring(life, Monitoring.meters(ON))) {
            assertAnswer(monitoring, "/readyz", 503, "starting\n");
            assertAnswer(monitoring, "/livez", 200, "ok\n");
            monitoring.onApplicationEvent(new ContextRefreshedEvent(context));
            assertAnswer(monitoring, "/readyz", 200, "ok\n");

            monotonic.updateAndGet(now -> now.plus(LEASE));
            assertAnswer(monitoring, "/readyz", 503, "the lease has run out\n");
            life.look();
            assertAnswer(monitoring, "/readyz", 200, "ok\n");

            registry.drain(life.author(), "s", false, "somebody");
            life.look();
            assertAnswer(monitoring, "/readyz", 503, "draining: claims nothing more\n");
            assertThat(
                            new PrometheusText(ask("GET", url(monitoring, "/metrics")).body())
                                    .value("buildledger_ready"))
                    .isZero();
            registry.undrain(life.author(), "s", "somebody");
            life.look();
            monitoring.onApplicationEvent(new ContextClosedEvent(context));
            assertAnswer(monitoring, "/readyz", 503, "stopping\n");
            assertAnswer(monitoring, "/livez", 200, "ok\n");
        }
    }

    @Test
    void a_master_that_was_taken_for_dead_or_has_a_loop_that_is_stuck_is_not_well()
            throws Exception {
        MasterLife life = life("s", Map.of());
        Meters meters = new Meters(Monitoring.meters(ON).registry(), nanoTime::get);
        try (Monitoring monitoring = monitoring(life, meters)) {
            meters.loop("claim", Duration.ofSeconds(1));
            nanoTime.addAndGet(Duration.ofMinutes(6).toNanos());
            String stuck = "the loop 'claim' has not turned for more than 5 minutes\n";
            assertAnswer(monitoring, "/livez", 503, stuck);

            registry.register(TestMasters.scheduler("s"));
            life.look();

            assertAnswer(
                    monitoring,
                    "/livez",
                    503,
                    "the others have taken this master for dead\n" + stuck);
        }
    }

    @Test
    void nothing_else_is_answered_and_an_address_that_is_taken_is_told() throws Exception {
        MasterLife life = life("s", Map.of());
        try (Monitoring monitoring = monitoring(life, Monitoring.meters(ON))) {
            assertThat(ask("GET", url(monitoring, "/")).statusCode()).isEqualTo(404);
            assertThat(ask("GET", url(monitoring, "/metrics/x")).statusCode()).isEqualTo(404);
            assertThat(ask("POST", url(monitoring, "/metrics")).statusCode()).isEqualTo(405);
            int port = URI.create(url(monitoring, "/")).getPort();

            assertThatThrownBy(() ->
                            Monitoring.open(
                                    new Metrics(0, null, Map.of("s", port)),
                                    new Self("s", "scheduler", "1.0"),
                                    Monitoring.meters(ON),
                                    life,
                                    test.dataSource,
                                    null))
                    .isInstanceOf(IOException.class);
        }
        try (Monitoring none =
                Monitoring.open(
                        null,
                        new Self("s", "scheduler", "1.0"),
                        Monitoring.meters(null),
                        life,
                        test.dataSource,
                        null)) {
            assertThat(none.url("/metrics")).isNull();
        }
    }
}
