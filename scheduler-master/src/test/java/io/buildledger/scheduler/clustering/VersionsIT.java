package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster that is upgraded master by master. The two versions are this program and the
 * {@linkplain NextProgram next} one; with {@code -Dbuildledger.former=CHECKOUT}, a former one that
 * was packaged there, and this one ({@code .ci/versions} does so).
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class VersionsIT {

    private static final @Nullable String CHECKOUT = System.getProperty("buildledger.former");

    @TempDir static Path directory;
    private static Program former;
    private static Program next;

    @BeforeAll
    static void programs() throws IOException {
        if (CHECKOUT == null) {
            former = Program.UNPACKED;
            next = new NextProgram(directory);
        } else {
            former = Program.packagedIn(Path.of(CHECKOUT));
            next = Program.UNPACKED;
        }
    }

    private static Cluster cluster(String command) {
        return new Cluster(
                "",
                """
                schedulers:
                  - single_branch: {name: main, change_filter: {branch: main}, builder_names: [linux]}
                """,
                """
                builders:
                  - {name: linux, worker_names: [local], factory: [shell: {command: "%s"}]}
                """
                        .formatted(command));
    }

    private static void sendChange(Cluster cluster, int number) throws Exception {
        Map<String, String> change =
                Map.of(
                        "author",
                        "a",
                        "branch",
                        "main",
                        "revision",
                        "r" + number,
                        "repository",
                        "r");
        assertThat(cluster.sendChange(change).statusCode()).isEqualTo(200);
    }

    private static void start(Cluster cluster, Program program, String builder) {
        cluster.use(program);
        cluster.startBuilder(builder);
    }

    private static long builtBy(Cluster cluster, String master) throws Exception {
        return cluster.count(
                """
                SELECT COUNT(*) FROM event
                 WHERE type = 'build-request-completed' AND metadata LIKE '%%"master":"%s"%%'
                """
                        .formatted(master));
    }

    @Test
    void masters_of_two_versions_work_on_one_log_and_the_newer_takes_over() throws Exception {
        try (Cluster cluster = cluster("sleep 0.3")) {
            cluster.use(former);
            cluster.start("s1", "b1");
            sendChange(cluster, 1);
            cluster.awaitEvents(1, "build-request-completed");

            start(cluster, next, "b2");
            for (int i = 2; i <= 12; i++) {
                sendChange(cluster, i);
            }
            cluster.awaitEvents(12, "build-request-completed");
            cluster.awaitEvents(12, "buildset-completed");

            assertThat(builtBy(cluster, "b1")).isGreaterThan(1);
            assertThat(builtBy(cluster, "b2")).isPositive();
            // What the former program shows and tells of the next one's, as far as it understands.
            for (String page : new String[] {"/", "/api/requests", "/api/builds", "/api/masters"}) {
                assertThat(cluster.get(page)).isNotEmpty();
            }
            for (int i = 1; i <= 12; i++) {
                assertThat(cluster.get("/api/requests/" + i + "/audit")).contains("buildset");
            }

            cluster.use(next);
            cluster.startStandby("s2");
            cluster.stop("s1");
            cluster.stop("b1");
            cluster.startScheduler("s1");
            sendChange(cluster, 13);
            cluster.awaitEvents(13, "build-request-completed");
            cluster.awaitEvents(13, "buildset-completed");

            // What the former program's views have passed over.
            assertThat(cluster.run(next, "replay")).startsWith("0: ");
            assertThat(cluster.run(next, "verify")).startsWith("0: ");
        }
    }

    @Test
    @DisabledIfSystemProperty(
            named = "buildledger.former",
            matches = ".*",
            disabledReason = "a former program does not know what the next one will write")
    void what_a_newer_master_has_written_is_left_to_newer_masters_and_the_rest_goes_on()
            throws Exception {
        Path gate = directory.resolve("gate");
        try (Cluster cluster = cluster("until [ -e " + gate + " ]; do sleep 0.1; done")) {
            cluster.use(former);
            cluster.startScheduler("s1");
            start(cluster, next, "b2");
            sendChange(cluster, 1);
            cluster.awaitEvents(1, "build-noted");
            cluster.kill("b2");

            // Restarted on the newer schema, as after a power cut in the middle of an upgrade.
            start(cluster, former, "b1");
            await("it is told")
                    .atMost(Duration.ofSeconds(60))
                    .until(() ->
                            (cluster.output("s1") + cluster.output("b1"))
                                    .contains(
                                            "request 1 is not offered again: build-request/1@3 is build-noted, revision 1, which a newer program wrote and this master does not understand: upgrade this master"));
            Files.createFile(gate);
            sendChange(cluster, 2);
            cluster.awaitEvents(1, "build-request-completed");
            assertThat(cluster.events("build-request-released")).isZero();
            assertThat(cluster.output("b1"))
                    .contains("made by a newer program; this one can work with it");
            assertThat(cluster.post("/api/requests/1/cancel", "requestedBy=ann").body())
                    .contains("build-request/1@3 is build-noted, revision 1");
            assertThat(cluster.run(former, "verify")).startsWith("0: ");

            start(cluster, next, "b3");
            cluster.awaitEvents(2, "build-request-completed");
            assertThat(cluster.events("build-request-released")).isEqualTo(1);
            assertThat(cluster.run(next, "replay")).startsWith("0: ");
            assertThat(cluster.run(next, "verify")).startsWith("0: ");
        }
    }
}
