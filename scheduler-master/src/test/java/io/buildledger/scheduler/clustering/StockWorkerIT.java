package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.testing.LoadBalancer;
import io.buildledger.testing.StockWorker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real {@code buildbot-worker} and masters that come and go, behind a load balancer. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StockWorkerIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir Path directory;

    /** A command that notes who runs it, and whether a former one runs still, and waits. */
    private Cluster cluster() {
        Path pid = directory.resolve("pid");
        return new Cluster(
                "drain_timeout: 0s\nworker_protocol: {port: 0}\n",
                "",
                """
                schedulers:
                  - single_branch: {name: main, change_filter: {branch: main}, builder_names: [linux]}
                """,
                """
                builders:
                  - name: linux
                    worker_names: [w]
                    factory:
                      - shell:
                          name: wait
                          command: >-
                            if [ -e %1$s ] && kill -0 $(cat %1$s); then touch %3$s; fi;
                            echo $$ > %1$s; echo $BUILDLEDGER_MASTER >> %2$s;
                            until [ -e %4$s ]; do sleep 0.1; done
                """
                        .formatted(
                                pid,
                                directory.resolve("ran"),
                                directory.resolve("overlap"),
                                directory.resolve("gate")));
    }

    private static Map<String, String> change() {
        return Map.of("author", "someone", "branch", "main", "revision", "r1", "repository", "r");
    }

    private StockWorker worker(LoadBalancer balancer) throws Exception {
        return StockWorker.create(
                        directory.resolve("worker"), "127.0.0.1:" + balancer.port(), "w", "pass")
                .start();
    }

    private void awaitRuns(int times) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> Files.readAllLines(directory.resolve("ran")).size() == times);
    }

    private void completes(Cluster cluster) throws Exception {
        Files.createFile(directory.resolve("gate"));
        cluster.awaitEvents(1, "build-request-completed");
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(cluster.get("/api/requests"))
                                .contains("\"results\":\"SUCCESS\""));
        assertThat(directory.resolve("overlap")).doesNotExist();
        assertThat(cluster.count("SELECT COUNT(*) FROM claim")).isZero();
        assertThat(cluster.count("SELECT COUNT(*) FROM open_command")).isZero();
    }

    @Test
    void a_worker_of_a_killed_master_comes_to_the_other_and_ends_what_it_was_left_running_first()
            throws Exception {
        try (Cluster cluster = cluster();
                LoadBalancer balancer = new LoadBalancer()) {
            cluster.addWorker("w", "pass");
            cluster.startScheduler("s");
            int first = cluster.startBuilderForWorkers("b1");
            balancer.to(first);
            try (StockWorker _ = worker(balancer)) {
                cluster.awaitEvents(1, "worker-attached");
                assertThat(cluster.sendChange(change()).statusCode()).isEqualTo(200);
                awaitRuns(1);
                int second = cluster.startBuilderForWorkers("b2");
                balancer.to(first, second);
                Instant connected = Instant.now();
                await().until(() -> Instant.now().isAfter(connected.plus(Cluster.LEASE)));

                cluster.kill("b1");
                awaitRuns(2);
                completes(cluster);

                assertThat(Files.readAllLines(directory.resolve("ran")))
                        .containsExactly("b1", "b2");
                assertThat(
                                cluster.count(
                                        "SELECT COUNT(*) FROM event WHERE type = 'worker-attached'"
                                                + " AND payload LIKE '%\"master\":\"b2\"%'"
                                                + " AND payload LIKE '%\"orphans\":[\"1.1.1.1\"]%'"))
                        .isEqualTo(1);
                assertThat(cluster.get("/api/requests/1/audit")).contains("master b1 is gone");
            }
        }
    }

    @Test
    void a_connection_that_is_cut_in_a_command_makes_the_build_begin_again_and_never_twice_at_once()
            throws Exception {
        try (Cluster cluster = cluster();
                LoadBalancer balancer = new LoadBalancer()) {
            cluster.addWorker("w", "pass");
            cluster.startScheduler("s");
            balancer.to(cluster.startBuilderForWorkers("b1"));
            try (StockWorker _ = worker(balancer)) {
                cluster.awaitEvents(1, "worker-attached");
                assertThat(cluster.sendChange(change()).statusCode()).isEqualTo(200);
                awaitRuns(1);

                balancer.cut();
                awaitRuns(2);
                completes(cluster);

                assertThat(cluster.events("build-request-released")).isEqualTo(1);
                assertThat(cluster.events("worker-detached")).isEqualTo(1);
                assertThat(cluster.get("/api/requests/1/audit")).contains("worker w is lost");
            }
        }
    }
}
