package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.verifying.Verification;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A build that waits for two others, with real processes. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class TriggerIT {

    @TempDir Path directory;

    private Path gate() {
        return directory.resolve("gate");
    }

    private Cluster cluster() {
        return new Cluster(
                "",
                """
                schedulers:
                  - single_branch: {name: main, change_filter: {branch: main}, builder_names: [all]}
                  - triggerable: {name: tests, builder_names: [green, red]}
                """,
                """
                builders:
                  - name: all
                    worker_names: [local]
                    factory:
                      - trigger: {scheduler_names: [tests], wait_for_finish: true, set_properties: {of: "%%(prop:buildername)s"}}
                  - {name: green, worker_names: [local], factory: [shell: {command: "until [ -e %1$s ]; do sleep 0.1; done"}]}
                  - {name: red, worker_names: [local], factory: [shell: {command: "until [ -e %1$s ]; do sleep 0.1; done; test all = green"}]}
                """
                        .formatted(gate()));
    }

    private static void sendChange(Cluster cluster) throws Exception {
        Map<String, String> change =
                Map.of("author", "a", "branch", "main", "revision", "r1", "repository", "r");
        assertThat(cluster.sendChange(change).statusCode()).isEqualTo(200);
    }

    @Test
    void a_red_child_makes_its_parent_red_also_if_no_scheduler_master_was_up_when_it_was_asked_for()
            throws Exception {
        try (Cluster cluster = cluster()) {
            cluster.startScheduler("s");
            sendChange(cluster);
            cluster.awaitEvents(1, "build-requested");
            cluster.stop("s");
            cluster.startBuilder("b1");
            cluster.awaitEvents(1, "build-triggered");
            cluster.startScheduler("s");
            cluster.awaitEvents(3, "build-started");
            Files.createFile(gate());

            cluster.awaitEvents(3, "build-request-completed");
            await().untilAsserted(() ->
                    assertThat(cluster.get("/api/builds/all/1"))
                            .contains(
                                    "\"results\":\"FAILURE\",\"summary\":\"triggered tests: FAILURE\"",
                                    "\"scheduler\":\"tests\",\"waitedFor\":true,\"state\":\"submitted\"",
                                    "\"builder\":\"green\"",
                                    "\"builder\":\"red\""));
            assertThat(cluster.get("/builds/all/1"))
                    .contains("<a href=\"/requests/2\">2 green</a>", ">red/1</a>");
            assertThat(cluster.events("build-triggered")).isEqualTo(1);
            assertThat(cluster.get("/api/requests/3/audit"))
                    .contains("Triggered from build all/1, which waits for it");
            assertThat(Verification.of(cluster.database).violations()).isEmpty();
        }
    }

    @Test
    void when_the_parents_master_is_killed_its_children_end_and_the_next_attempt_has_its_own()
            throws Exception {
        try (Cluster cluster = cluster()) {
            cluster.start("s", "b1");
            sendChange(cluster);
            cluster.awaitEvents(3, "build-started");
            cluster.startBuilder("b2");

            cluster.kill("b1");
            cluster.awaitEvents(2, "build-request-cancelled");
            cluster.awaitEvents(2, "build-triggered");
            Files.createFile(gate());

            cluster.awaitEvents(3, "build-request-completed");
            await().untilAsserted(() ->
                    assertThat(cluster.get("/api/builds/all/2"))
                            .contains("\"results\":\"FAILURE\""));
            assertThat(cluster.get("/api/requests/2/audit"))
                    .contains("by build all/1: the build that waits for this was released: ");
            assertThat(Verification.of(cluster.database).violations()).isEmpty();
        }
    }
}
