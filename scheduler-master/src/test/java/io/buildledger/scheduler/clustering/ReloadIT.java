package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another configuration while the masters run, with real processes and real signals. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ReloadIT {

    private static final String SCHEDULERS =
            """
            schedulers:
              - single_branch: {name: main, change_filter: {branch: main}, builder_names: [linux]}
            """;
    private static final String BUILDERS =
            """
            builders:
              - {name: linux, worker_names: [local], factory: []}
            """;
    private static final String DOCS_SCHEDULER =
            "  - single_branch: {name: docs, change_filter: {branch: main}, builder_names: [docs]}\n";
    private static final String DOCS_BUILDER =
            "  - {name: docs, worker_names: [local], factory: [{shell: {command: 'true'}}]}\n";

    @TempDir Path directory;

    private static Cluster cluster() {
        Cluster cluster = new Cluster("", SCHEDULERS, BUILDERS);
        cluster.start("s", "b1");
        return cluster;
    }

    private static void sendChange(Cluster cluster, String revision) throws Exception {
        assertThat(
                        cluster.sendChange(
                                        Map.of(
                                                "author",
                                                "someone",
                                                "branch",
                                                "main",
                                                "revision",
                                                revision,
                                                "repository",
                                                "r"))
                                .statusCode())
                .isEqualTo(200);
    }

    private static String withDocs(String file) {
        return file.replace(
                        "builder_names: [linux]}\n", "builder_names: [linux]}\n" + DOCS_SCHEDULER)
                + DOCS_BUILDER;
    }

    @Test
    void sighup_lets_a_new_scheduler_take_changes_and_a_new_builder_build_and_ends_nobody()
            throws Exception {
        try (Cluster cluster = cluster()) {
            sendChange(cluster, "r1");
            cluster.awaitEvents(1, "build-request-completed");

            cluster.changeFile(ReloadIT::withDocs);
            cluster.hangUp("s");
            cluster.hangUp("b1");
            cluster.awaitEvents(2, "configuration-reloaded");
            sendChange(cluster, "r2");

            cluster.awaitEvents(3, "build-request-completed");
            assertThat(
                            cluster.count(
                                    "SELECT COUNT(*) FROM event WHERE type = 'build-request-claimed' AND payload LIKE '%\"builder\":\"docs\"%'"))
                    .isEqualTo(1);
            assertThat(cluster.output("s"))
                    .contains("schedulers.docs: added")
                    .contains("asked for by signal");
            assertThat(cluster.output("b1")).contains("builders.docs: added");
            assertThat(cluster.count("SELECT COUNT(*) FROM master_builder WHERE master = 'b1'"))
                    .isEqualTo(2);
            assertThat(cluster.events("master-started")).isEqualTo(2);
        }
    }

    @Test
    void a_broken_file_is_refused_and_the_old_one_goes_on() throws Exception {
        try (Cluster cluster = cluster()) {
            cluster.changeFile(file -> withDocs(file).replace("factory: []", "factry: []"));
            cluster.hangUp("s");
            cluster.hangUp("b1");

            cluster.awaitEvents(2, "configuration-reload-refused");
            assertThat(cluster.output("b1")).contains("there is no key 'factry' here");
            sendChange(cluster, "r1");
            cluster.awaitEvents(1, "build-request-completed");
            assertThat(cluster.events("build-requested")).isEqualTo(1);
            assertThat(cluster.runs("s")).isTrue();
            assertThat(cluster.runs("b1")).isTrue();
        }
    }

    @Test
    void the_command_reloads_any_master_and_prints_what_differs_or_why_not() throws Exception {
        Path output = directory.resolve("out");
        try (Cluster cluster = cluster()) {
            cluster.changeFile(ReloadIT::withDocs);
            assertThat(cluster.ask(output, "reload", "b1", "--user", "ann").waitFor()).isZero();
            assertThat(Files.readString(output))
                    .startsWith("b1: reloaded\n")
                    .contains("  builders.docs: added\n", "  schedulers.docs: added\n");
            assertThat(cluster.ask(output, "reload", "s").waitFor()).isZero();
            assertThat(Files.readString(output)).startsWith("s: reloaded\n");
            sendChange(cluster, "r1");
            cluster.awaitEvents(2, "build-request-completed");

            assertThat(cluster.ask(output, "reload", "b1").waitFor()).isZero();
            assertThat(Files.readString(output)).isEqualTo("b1: reloaded, nothing differs\n");

            cluster.changeFile(file -> file.replace("lease: 5s", "lease: 6s"));
            assertThat(cluster.ask(output, "reload", "b1").waitFor()).isEqualTo(1);
            assertThat(Files.readString(output))
                    .contains(":5:1: lease: 5s -> 6s: a master reads 'lease' only when it starts")
                    .endsWith("b1 goes on as before: mend its file\n");

            cluster.stop("b1");
            assertThat(cluster.ask(output, "reload", "b1").waitFor()).isEqualTo(1);
            assertThat(Files.readString(output)).isEqualTo("there is no living master b1\n");
        }
    }
}
