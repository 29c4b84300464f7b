package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.testing.GitRepository;
import io.buildledger.testing.PrometheusText;
import io.buildledger.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What must survive, with real processes: one scheduler master, two builder masters, {@code kill
 * -9}.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ClusterIT {

    @TempDir Path directory;

    private static String schedulers(String timer, String... builders) {
        return """
        schedulers:
          - single_branch: {name: main, change_filter: {branch: main}, tree_stable_timer: %s, builder_names: [%s]}
        """
                .formatted(timer, String.join(", ", builders));
    }

    private static String builder(String name, String... steps) {
        StringBuilder yaml =
                new StringBuilder(
                        "  - name: " + name + "\n    worker_names: [local]\n    factory:\n");
        for (String step : steps) {
            yaml.append("      - ").append(step).append('\n');
        }
        return yaml.toString();
    }

    /** A step that says where it runs and goes on when the file is there. */
    private String waitFor(Path gate) {
        return "shell: {name: wait, command: \"echo $BUILDLEDGER_MASTER >> "
                + directory.resolve("ran")
                + "; until [ -e "
                + gate
                + " ]; do sleep 0.1; done\"}";
    }

    /** A scheduler master, and two builder masters of which the first has something to build. */
    private static void startWithABuildOnB1(Cluster cluster) throws Exception {
        cluster.start("s", "b1");
        assertThat(cluster.sendChange(change("r1")).statusCode()).isEqualTo(200);
        cluster.awaitEvents(1, "build-started");
        cluster.startBuilder("b2");
    }

    private static Map<String, String> change(String revision) {
        return Map.of(
                "author", "someone", "branch", "main", "revision", revision, "repository", "r");
    }

    @Test
    void a_commit_is_built_by_one_of_two_builder_masters_and_the_log_tells_who_did_what()
            throws Exception {
        GitRepository repository = GitRepository.create(directory.resolve("repository"), "main");
        repository.commit("echo first", "greet.sh");
        String url = repository.url();
        try (Cluster cluster =
                new Cluster(
                        "change_sources:\n  - git_poller: {repourl: \"%s\", branches: [main], poll_interval: 200ms}\n"
                                .formatted(url),
                        schedulers("0", "linux"),
                        "builders:\n"
                                + builder(
                                        "linux",
                                        "git: {repourl: \"%s\"}".formatted(url),
                                        "shell: {name: greet, command: [sh, greet.sh], halt_on_failure: true}"))) {
            cluster.monitor("s", "b1", "b2");
            cluster.start("s", "b1", "b2");
            cluster.awaitEvents(1, "repository-polled");
            repository.commit("echo second", "greet.sh");

            cluster.awaitEvents(1, "build-request-completed");
            assertThat(cluster.events("build-request-claimed")).isEqualTo(1);
            await().untilAsserted(() ->
                    assertThat(cluster.get("/api/requests"))
                            .contains("\"state\":\"completed\"")
                            .contains("\"results\":\"SUCCESS\""));
            await().untilAsserted(() ->
                    assertThat(cluster.get("/api/builds/linux/1/logs/2/stdio"))
                            .contains("\"text\":\"second\""));
            assertThat(cluster.get("/api/requests/1/audit"))
                    .contains("echo second")
                    .contains("scheduler main, firing 1");
            await().untilAsserted(() -> assertMonitored(cluster));
        }
    }

    /** Who watches a cluster finds what the dashboard and the alerts ask for. */
    private static void assertMonitored(Cluster cluster) throws Exception {
        Set<String> exposed = new HashSet<>();
        double builds = 0;
        List<JsonNode> lines = new ArrayList<>();
        for (String master : List.of("s", "b1", "b2")) {
            assertThat(cluster.monitored(master, "/readyz").body()).isEqualTo("ok\n");
            PrometheusText scrape =
                    new PrometheusText(cluster.monitored(master, "/metrics").body());
            exposed.addAll(scrape.names());
            String succeeded = "buildledger_builds_total{results=\"SUCCESS\"}";
            builds += scrape.has(succeeded) ? scrape.value(succeeded) : 0;
            for (String line : cluster.output(master).lines().toList()) {
                JsonNode json = new JsonMapper().readTree(line);
                assertThat(json.at("/service/node/name").asString()).isEqualTo(master);
                lines.add(json);
            }
        }
        assertThat(exposed).containsAll(MonitoringFiles.names());
        assertThat(builds).isEqualTo(1);
        assertThat(lines)
                .filteredOn(line -> line.at("/buildledger/build").asString("").equals("linux/1"))
                .hasSizeGreaterThanOrEqualTo(3)
                .allMatch(line -> line.at("/buildledger/request").asString().equals("1"))
                .anyMatch(line -> line.at("/message").asString().contains("SUCCESS"));
    }

    @Test
    void a_builder_master_that_is_killed_in_the_middle_of_a_build_is_replaced_by_the_other()
            throws Exception {
        Path gate = directory.resolve("gate");
        try (Cluster cluster =
                new Cluster(
                        "",
                        schedulers("0", "linux"),
                        "builders:\n" + builder("linux", waitFor(gate)))) {
            startWithABuildOnB1(cluster);
            // A master declares others lost only after a whole lease of its own.
            Instant connected = Instant.now();
            await().until(() -> Instant.now().isAfter(connected.plus(Cluster.LEASE)));

            cluster.kill("b1");
            Instant killed = Instant.now();
            cluster.awaitEvents(1, "build-request-released");
            assertThat(Duration.between(killed, Instant.now()))
                    .isLessThan(Cluster.LEASE.plusSeconds(5));
            cluster.awaitEvents(2, "build-started");
            Files.createFile(gate);
            cluster.awaitEvents(1, "build-request-completed");

            assertThat(cluster.events("build-request-claimed")).isEqualTo(2);
            assertThat(cluster.count("SELECT COUNT(*) FROM claim")).isZero();
            assertThat(Files.readAllLines(directory.resolve("ran"))).containsExactly("b1", "b2");
            assertThat(cluster.get("/api/requests/1/audit"))
                    .contains("\"b1\"")
                    .contains("\"b2\"")
                    .contains("master b1 is gone");
        }
    }

    @Test
    void a_builder_master_that_is_told_to_stop_hands_its_builds_over_at_once() throws Exception {
        Path gate = directory.resolve("gate");
        try (Cluster cluster =
                new Cluster(
                        "",
                        schedulers("0", "linux"),
                        "builders:\n" + builder("linux", waitFor(gate)))) {
            startWithABuildOnB1(cluster);

            cluster.stop("b1");
            assertThat(cluster.events("build-request-released")).isEqualTo(1);
            assertThat(cluster.events("master-stopped")).isEqualTo(1);
            cluster.awaitEvents(2, "build-started");
            Files.createFile(gate);
            cluster.awaitEvents(1, "build-request-completed");

            assertThat(cluster.events("master-lost")).isZero();
        }
    }

    @Test
    void a_master_that_can_t_renew_its_lease_stops_its_build_before_it_ends_where_it_is_told_to()
            throws Exception {
        Path gate = directory.resolve("gate");
        Path pid = directory.resolve("pid");
        String step =
                "shell: {name: wait, command: \"echo $$ >> %s; until [ -e %s ]; do sleep 0.1; done\"}"
                        .formatted(pid, gate);
        try (Cluster cluster =
                new Cluster(
                        "on_lease_lapse: stop\n",
                        "",
                        schedulers("0", "linux"),
                        "builders:\n" + builder("linux", step))) {
            cluster.setLease(Duration.ofSeconds(20));
            startWithABuildOnB1(cluster);
            await().until(() -> Files.exists(pid) && !Files.readString(pid).isEmpty());
            long process = Long.parseLong(Files.readString(pid).strip());

            // Whoever would renew the lease, or declare it over, waits.
            try (AutoCloseable _ = cluster.lock("SELECT 1 FROM master WHERE name = 'b1'")) {
                await("the build is stopped")
                        .atMost(Duration.ofSeconds(30))
                        .until(() -> ProcessHandle.of(process).isEmpty());
                assertThat(
                                cluster.count(
                                        "SELECT leased_until > UTC_TIMESTAMP(6) FROM master WHERE name = 'b1'"))
                        .as("the lease has not ended yet")
                        .isEqualTo(1);
            }
            Files.createFile(gate);

            cluster.awaitEvents(1, "build-request-completed");
            assertThat(cluster.events("build-dropped")).isEqualTo(1);
            assertThat(cluster.events("build-request-claimed")).isEqualTo(2);
            assertThat(cluster.get("/api/requests/1/audit"))
                    .contains("the lease of master b1 was about to end");
        }
    }

    /** One builder whose builds wait for the gate, and masters that drain as they do by default. */
    private Cluster patientCluster(Path gate) {
        return new Cluster(
                "", "", schedulers("0", "linux"), "builders:\n" + builder("linux", waitFor(gate)));
    }

    @Test
    void a_drained_master_lets_its_build_end_and_the_other_takes_the_rest() throws Exception {
        Path gate = directory.resolve("gate");
        Path shown = directory.resolve("shown");
        try (Cluster cluster = patientCluster(gate)) {
            startWithABuildOnB1(cluster);

            Process drain = cluster.ask(shown, "drain", "b1", "--user", "ann");
            cluster.awaitEvents(1, "master-drained");
            await().until(() -> Files.readString(shown).contains("b1: 1 build to end"));
            assertThat(cluster.get("/api/masters/b1"))
                    .contains("\"state\":\"live\"", "\"drain\":\"drain\"", "\"claims\":1");
            assertThat(cluster.sendChange(change("r2")).statusCode()).isEqualTo(200);
            cluster.awaitEvents(2, "build-started");
            assertThat(cluster.runs("b1")).isTrue();
            Files.createFile(gate);

            assertThat(drain.waitFor()).isZero();
            assertThat(Files.readString(shown)).endsWith("b1: stopped\n");
            assertThat(cluster.awaitEnd("b1")).isZero();
            cluster.awaitEvents(2, "build-request-completed");
            assertThat(cluster.events("build-request-released")).isZero();
            assertThat(Files.readAllLines(directory.resolve("ran"))).containsExactly("b1", "b2");
        }
    }

    @Test
    void a_master_that_is_drained_now_interrupts_its_build_and_the_other_takes_it_at_once()
            throws Exception {
        Path gate = directory.resolve("gate");
        try (Cluster cluster = patientCluster(gate)) {
            startWithABuildOnB1(cluster);

            cluster.command("/api/masters/b1/drain", "now=true");

            cluster.awaitEvents(2, "build-started");
            assertThat(cluster.awaitEnd("b1")).isZero();
            assertThat(cluster.events("build-request-released")).isEqualTo(1);
            assertThat(cluster.events("master-lost")).isZero();
            Files.createFile(gate);
            cluster.awaitEvents(1, "build-request-completed");
            assertThat(Files.readAllLines(directory.resolve("ran"))).containsExactly("b1", "b2");
        }
    }

    @Test
    void a_master_that_is_undrained_before_its_build_ends_claims_again() throws Exception {
        Path gate = directory.resolve("gate");
        try (Cluster cluster = patientCluster(gate)) {
            cluster.start("s", "b1");
            cluster.sendChange(change("r1"));
            cluster.awaitEvents(1, "build-started");

            cluster.command("/api/masters/b1/drain", "");
            await().until(() -> cluster.output("b1").contains("claiming nothing more"));
            cluster.sendChange(change("r2"));
            cluster.command("/api/masters/b1/undrain", "");
            await().until(() -> cluster.output("b1").contains("claiming again"));
            Files.createFile(gate);

            cluster.awaitEvents(2, "build-request-completed");
            assertThat(cluster.runs("b1")).isTrue();
            assertThat(cluster.events("master-stopped")).isZero();
        }
    }

    @Test
    void a_builder_master_that_is_told_to_stop_lets_its_build_end_by_default() throws Exception {
        Path gate = directory.resolve("gate");
        try (Cluster cluster = patientCluster(gate)) {
            startWithABuildOnB1(cluster);

            cluster.tellToStop("b1");
            cluster.awaitEvents(1, "master-drained");
            assertThat(cluster.sendChange(change("r2")).statusCode()).isEqualTo(200);
            cluster.awaitEvents(2, "build-started");
            assertThat(cluster.runs("b1")).isTrue();
            assertThat(cluster.post("/api/masters/b1/undrain", "").body())
                    .contains("\"changed\":false");
            Files.createFile(gate);

            assertThat(cluster.awaitEnd("b1")).isEqualTo(143);
            cluster.awaitEvents(2, "build-request-completed");
            assertThat(cluster.events("build-request-released")).isZero();
            assertThat(cluster.events("build-request-claimed")).isEqualTo(2);
            assertThat(Files.readAllLines(directory.resolve("ran"))).containsExactly("b1", "b2");
        }
    }

    @Test
    void a_builder_master_that_waits_for_its_build_after_sigterm_can_be_hurried() throws Exception {
        Path gate = directory.resolve("gate");
        try (Cluster cluster = patientCluster(gate)) {
            startWithABuildOnB1(cluster);
            cluster.tellToStop("b1");
            cluster.awaitEvents(1, "master-drained");

            cluster.command("/api/masters/b1/drain", "now=true");

            assertThat(cluster.awaitEnd("b1")).isEqualTo(143);
            assertThat(cluster.events("build-request-released")).isEqualTo(1);
            cluster.awaitEvents(2, "build-started");
        }
    }

    @Test
    void cancelling_a_request_ends_the_processes_of_its_build() throws Exception {
        Path pid = directory.resolve("pid");
        String step =
                "shell: {name: hang, command: \"echo $$ > %s.new; mv %s.new %s; while :; do sleep 0.1; done\"}"
                        .formatted(pid, pid, pid);
        try (Cluster cluster =
                new Cluster(
                        "", "", schedulers("0", "linux"), "builders:\n" + builder("linux", step))) {
            cluster.start("s", "b1");
            cluster.sendChange(change("r1"));
            await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(pid));
            long process = Long.parseLong(Files.readString(pid).strip());
            assertThat(ProcessHandle.of(process)).isPresent();

            cluster.command("/api/requests/1/cancel", "requestedBy=ann&reason=a+typo");

            await().until(() -> ProcessHandle.of(process).filter(ProcessHandle::isAlive).isEmpty());
            await().until(() -> cluster.output("b1").contains("cancelled by ann: a typo"));
            assertThat(cluster.events("build-request-completed")).isZero();
            assertThat(cluster.events("buildset-completed")).isEqualTo(1);
            assertThat(cluster.count("SELECT COUNT(*) FROM claim")).isZero();
            await().untilAsserted(() ->
                    assertThat(cluster.get("/api/requests")).contains("\"results\":\"CANCELLED\""));
            // Its worker is free again.
            Files.delete(pid);
            cluster.sendChange(change("r2"));
            await().until(() -> Files.exists(pid));
        }
    }

    private static void awaitEndOf(String process) {
        await().until(() ->
                ProcessHandle.of(Long.parseLong(process.strip()))
                        .filter(ProcessHandle::isAlive)
                        .isEmpty());
    }

    @Test
    void a_build_is_retried_stopped_and_rebuilt_and_its_processes_end() throws Exception {
        Path pid = directory.resolve("pid");
        String step =
                "shell: {name: hang, command: \"echo $$ > %s.new; mv %s.new %s; while :; do sleep 0.1; done\"}"
                        .formatted(pid, pid, pid);
        try (Cluster cluster =
                new Cluster(
                        "drain_timeout: 0s\n",
                        "",
                        schedulers("0", "linux"),
                        "builders:\n" + builder("linux", step))) {
            cluster.start("s", "b1");
            cluster.sendChange(change("r1"));
            await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(pid));
            String first = Files.readString(pid);

            cluster.command("/api/builds/linux/1/retry", "requestedBy=ann&reason=it+hangs");

            awaitEndOf(first);
            await().until(() -> !Files.readString(pid).equals(first));
            assertThat(cluster.output("b1")).contains("retry asked for by ann: it hangs");
            String second = Files.readString(pid);

            cluster.command("/api/builds/linux/2/stop", "requestedBy=ann");

            awaitEndOf(second);
            assertThat(cluster.count("SELECT COUNT(*) FROM claim")).isZero();
            await().untilAsserted(() ->
                    assertThat(cluster.get("/api/requests")).contains("\"results\":\"CANCELLED\""));

            cluster.command("/api/builds/linux/2/rebuild", "requestedBy=ann");

            await().until(() -> !Files.readString(pid).equals(second));
            assertThat(cluster.count("SELECT request_id FROM claim")).isEqualTo(2);
            assertThat(cluster.events("build-request-released")).isEqualTo(1);
            assertThat(cluster.events("build-request-completed")).isZero();
        }
    }

    @Test
    void a_newer_change_ends_the_processes_of_the_build_of_an_older_one() throws Exception {
        Path pid = directory.resolve("pid");
        String step =
                "shell: {name: hang, command: \"echo $$ > %s.new; mv %s.new %s; while :; do sleep 0.1; done\"}"
                        .formatted(pid, pid, pid);
        try (Cluster cluster =
                new Cluster(
                        """
                        drain_timeout: 0s
                        services:
                          - old_build_canceller: {name: newest, filters: [{builder_names: [linux]}]}
                        """,
                        "",
                        schedulers("0", "linux"),
                        "builders:\n" + builder("linux", step))) {
            cluster.start("s", "b1");
            cluster.sendChange(change("r1"));
            await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(pid));
            String first = Files.readString(pid);

            cluster.sendChange(change("r2"));

            awaitEndOf(first);
            await().until(() -> !Files.readString(pid).equals(first));
            assertThat(cluster.output("b1"))
                    .contains(
                            "cancelled by old_build_canceller newest: change 2 on branch main of r came after change 1, and request 2 builds it");
            assertThat(cluster.events("build-request-cancelled")).isEqualTo(1);
            assertThat(cluster.count("SELECT request_id FROM claim")).isEqualTo(2);
        }
    }

    @Test
    void a_request_with_a_higher_priority_is_claimed_before_those_that_were_first()
            throws Exception {
        Path gate = directory.resolve("gate");
        try (Cluster cluster = patientCluster(gate)) {
            cluster.start("s", "b1");
            cluster.sendChange(change("r1"));
            cluster.awaitEvents(1, "build-started");
            cluster.sendChange(change("r2"));
            cluster.sendChange(change("r3"));
            cluster.awaitCount(2, "SELECT COUNT(*) FROM build_request_queue");

            cluster.command("/api/requests/3/priority", "priority=10");
            Files.createFile(gate);

            cluster.awaitEvents(3, "build-request-completed");
            assertThat(
                            cluster.count(
                                    """
                                    SELECT (SELECT global_index FROM event
                                             WHERE stream = 'build-request/3' AND type = 'build-request-claimed')
                                         < (SELECT global_index FROM event
                                             WHERE stream = 'build-request/2' AND type = 'build-request-claimed')
                                    """))
                    .isEqualTo(1);
        }
    }

    @Test
    void a_scheduler_master_that_stands_by_takes_over_with_the_timer_that_was_armed()
            throws Exception {
        String owner =
                "SELECT COUNT(*) FROM token WHERE processor_name = 'scheduler/main' AND owner = ";
        try (Cluster cluster =
                new Cluster(
                        "",
                        schedulers("5s", "linux"),
                        "builders:\n" + builder("linux", "shell: {command: \"true\"}"))) {
            cluster.startScheduler("s1");
            cluster.awaitCount(1, owner + "'s1#1'");
            cluster.startStandby("s2");
            cluster.startBuilder("b1");
            // A master declares others lost only after a whole lease of its own.
            Instant connected = Instant.now();
            await().until(() -> Instant.now().isAfter(connected.plus(Cluster.LEASE)));
            assertThat(cluster.sendChange(change("r1")).statusCode()).isEqualTo(200);
            cluster.awaitEvents(1, "timer-armed");

            cluster.kill("s1");
            Instant killed = Instant.now();
            assertThat(cluster.events("timer-fired")).isZero();
            cluster.awaitCount(1, owner + "'s2#1'");
            assertThat(Duration.between(killed, Instant.now()))
                    .isLessThan(Cluster.LEASE.plusSeconds(5));

            cluster.awaitEvents(1, "build-request-completed");
            assertThat(cluster.events("timer-armed")).isEqualTo(1);
            assertThat(cluster.events("timer-fired")).isEqualTo(1);
            assertThat(cluster.events("buildset-submitted")).isEqualTo(1);
        }
    }

    @Test
    void a_timer_that_was_armed_when_the_scheduler_master_was_killed_fires_once_after_its_restart()
            throws Exception {
        try (Cluster cluster =
                new Cluster(
                        "",
                        schedulers("4s", "linux"),
                        "builders:\n" + builder("linux", "shell: {command: \"true\"}"))) {
            cluster.startScheduler("s");
            assertThat(cluster.sendChange(change("r1")).statusCode()).isEqualTo(200);
            cluster.awaitEvents(1, "timer-armed");
            cluster.kill("s");
            assertThat(cluster.events("timer-fired")).isZero();

            cluster.start("s", "b1");
            cluster.awaitEvents(1, "build-request-completed");

            assertThat(cluster.events("timer-fired")).isEqualTo(1);
            assertThat(cluster.events("buildset-submitted")).isEqualTo(1);
        }
    }

    @Test
    void a_database_that_is_restarted_under_load_loses_nothing_and_repeats_nothing()
            throws Exception {
        int changes = 30;
        try (Cluster cluster =
                new Cluster(
                        "",
                        schedulers("0", "one", "two", "three"),
                        "builders:\n"
                                + builder("one", "shell: {command: \"sleep 0.3\"}")
                                + builder("two", "shell: {command: \"sleep 0.2\"}")
                                + builder("three", "shell: {command: \"sleep 0.1\"}"))) {
            cluster.start("s", "b1", "b2");
            for (int i = 0; i < changes; i++) {
                assertThat(cluster.sendChange(change("r" + i)).statusCode()).isEqualTo(200);
            }
            await().until(() -> cluster.events("build-request-completed") >= 5);

            TestDatabase.restart();

            cluster.awaitEvents(changes * 3L, "build-request-completed");
            cluster.awaitEvents(changes, "buildset-completed");
            // A claim whose commit went unanswered is released and claimed again.
            assertThat(
                            cluster.events("build-request-claimed")
                                    - cluster.events("build-request-released"))
                    .isEqualTo(changes * 3L);
            assertThat(cluster.events("master-lost")).isZero();
            assertThat(cluster.count("SELECT COUNT(*) FROM build_request_queue")).isZero();
            assertThat(cluster.count("SELECT COUNT(*) FROM claim")).isZero();
            assertThat(
                            cluster.count(
                                    """
                                    SELECT COUNT(*) FROM (
                                      SELECT stream FROM event GROUP BY stream
                                      HAVING MAX(sequence_number) + 1 <> COUNT(*)) AS holes
                                    """))
                    .isZero();
        }
    }
}
