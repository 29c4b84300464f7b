package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Shadows beside a cluster of real processes, with real signals. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ShadowIT {

    private static final String GRACE = "2s";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static Cluster cluster() {
        Cluster cluster =
                new Cluster(
                        "",
                        """
                        schedulers:
                          - single_branch: {name: main, change_filter: {branch: main}, builder_names: [linux]}
                          - dependent: {name: after, upstream: main, builder_names: [docs]}
                        """,
                        """
                        builders:
                          - {name: linux, worker_names: [local], factory: []}
                          - {name: docs, worker_names: [local], factory: []}
                        """);
        cluster.start("s", "b1");
        return cluster;
    }

    private static void sendChange(Cluster cluster, String revision) throws Exception {
        Map<String, String> change =
                Map.of("author", "a", "branch", "main", "revision", revision, "repository", "r");
        assertThat(cluster.sendChange(change).statusCode()).isEqualTo(200);
    }

    private static void awaitOutput(Cluster cluster, String name, String text) {
        await(name + ": " + text).atMost(PATIENCE).until(() -> cluster.output(name).contains(text));
    }

    @Test
    void one_with_the_same_file_tells_nothing_and_one_with_another_what_differs_and_nobody_minds()
            throws Exception {
        try (Cluster cluster = cluster()) {
            cluster.startShadow("same", file -> file, GRACE);
            cluster.startShadow(
                    "other",
                    file ->
                            file.replace("builder_names: [linux]", "builder_names: [linux, docs]")
                                    .replace("name: after", "name: later"),
                    GRACE);
            sendChange(cluster, "r1");
            cluster.awaitEvents(2, "buildset-completed");

            awaitOutput(
                    cluster,
                    "other",
                    " main, change 1: would have made buildset 1 otherwise: on docs besides\n");
            awaitOutput(cluster, "other", " later, change 1: would have made a buildset on docs\n");
            awaitOutput(
                    cluster, "other", " after, change 1: would not have made buildset 2 on docs\n");
            cluster.tellToStop("other");
            assertThat(cluster.awaitEnd("other")).isZero();
            assertThat(cluster.output("other"))
                    .contains(
                            "2 buildsets made, 2 would have been: 0 the same, 1 otherwise, 1 only here, 1 only by the cluster, 0 not compared yet");

            cluster.kill("same");
            assertThat(cluster.output("same")).doesNotContain("would");
            sendChange(cluster, "r2");
            cluster.awaitEvents(4, "buildset-completed");

            assertThat(cluster.count("SELECT COUNT(*) FROM master")).isEqualTo(2);
            assertThat(cluster.events("master-lost")).isZero();
            String caughtUp =
                    cluster.run(
                            Program.UNPACKED,
                            "scheduler-master",
                            "--shadow",
                            "--since",
                            "1h",
                            "--until-caught-up",
                            "--grace",
                            GRACE);
            assertThat(caughtUp)
                    .startsWith("0: ")
                    .contains("4 buildsets made, 4 would have been: 4 the same, 0 otherwise");
            assertThat(cluster.run(Program.UNPACKED, "verify")).startsWith("0: ");
        }
    }

    @Test
    void sighup_has_it_begin_anew_with_its_file_and_a_broken_one_is_refused() throws Exception {
        try (Cluster cluster = cluster()) {
            cluster.startShadow("shadow", file -> file, GRACE);
            cluster.changeFileOf("shadow", file -> file.replace("factory: []", "factry: []"));
            cluster.hangUp("shadow");
            awaitOutput(cluster, "shadow", "the shadow goes on as before: mend its file");

            cluster.changeFileOf(
                    "shadow",
                    file ->
                            file.replace("factry: []", "factory: []")
                                    .replace(
                                            "upstream: main, builder_names: [docs]",
                                            "upstream: main, builder_names: [linux]"));
            cluster.hangUp("shadow");
            awaitOutput(cluster, "shadow", "the configuration was read anew");
            sendChange(cluster, "r1");

            awaitOutput(
                    cluster,
                    "shadow",
                    " after, change 1: would have made buildset 2 otherwise: on linux besides; not on docs\n");
            assertThat(cluster.runs("shadow")).isTrue();
        }
    }
}
