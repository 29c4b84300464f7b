package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person can get wrong is told in one line, with the place and the remedy. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class BadInputIT {

    private static final String NOTHING = "schedulers: []\n";

    @TempDir Path directory;

    private record Ended(int status, String output) {}

    private Ended start(String role, Path configuration) throws Exception {
        Process process =
                new ProcessBuilder(Cluster.command(role, configuration, "x"))
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }

    private static void assertOneLine(Ended ended, String... parts) {
        assertThat(ended.status()).as(ended.output()).isEqualTo(1);
        assertThat(ended.output().strip().lines()).as(ended.output()).hasSize(1);
        assertThat(ended.output()).contains(parts);
    }

    private Path edited(Cluster cluster, String from, String to) throws Exception {
        String good = Files.readString(cluster.directory.resolve("cluster.yaml"));
        assertThat(good).contains(from);
        return Files.writeString(directory.resolve("bad.yaml"), good.replace(from, to));
    }

    @ParameterizedTest
    @ValueSource(strings = {"scheduler-master", "builder-master"})
    void a_file_with_an_unknown_key_is_refused_with_its_place(String role) throws Exception {
        try (Cluster cluster = new Cluster("", NOTHING, "")) {
            assertOneLine(
                    start(role, edited(cluster, "basedir:", "basdir:")),
                    "bad.yaml:6:",
                    "there is no key 'basdir' here");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"scheduler-master", "builder-master"})
    void a_wrong_password_is_told(String role) throws Exception {
        try (Cluster cluster = new Cluster("", NOTHING, "")) {
            assertOneLine(
                    start(role, edited(cluster, "db_password: \"", "db_password: \"x")),
                    "bad.yaml: db_user, db_password:");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"scheduler-master", "builder-master"})
    void an_unreachable_database_is_told(String role) throws Exception {
        Path file =
                Files.writeString(
                        directory.resolve("bad.yaml"),
                        "db_url: jdbc:mysql://127.0.0.1:1/nowhere\ndb_user: u\ndb_password: p\n");

        assertOneLine(
                start(role, file),
                "can't connect to jdbc:mysql://127.0.0.1:1/nowhere",
                "start the database");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "builder-master   | workers: [{name: w, password_file: none}]            | workers[0].password_file: there is no file",
                "builder-master   | secrets: [file: {directory: none}]                   | secrets[0].file.directory",
                "scheduler-master | change_hooks: {github: {secret_file: none}}          | change_hooks.github.secret_file: there is no file"
            })
    void a_secret_that_can_t_be_read_is_told_before_the_database_is_asked(
            String role, String yaml, String told) throws Exception {
        Path file =
                Files.writeString(
                        directory.resolve("bad.yaml"),
                        "db_url: jdbc:mysql://127.0.0.1:1/nowhere\ndb_user: u\n" + yaml + "\n");

        assertOneLine(start(role, file), told, "none");
    }

    @Test
    void a_second_start_of_a_master_that_runs_here_is_refused_and_does_it_no_harm()
            throws Exception {
        try (Cluster cluster = new Cluster("", NOTHING, "")) {
            cluster.startBuilder("x");

            assertOneLine(
                    start("builder-master", cluster.directory.resolve("cluster.yaml")),
                    "master x runs already on this machine",
                    "another --name");
            assertThat(cluster.events("master-lost")).isZero();
            assertThat(cluster.events("master-started")).isEqualTo(1);
        }
    }

    @Test
    void where_builds_must_not_overlap_a_start_elsewhere_waits_for_the_end_of_the_lease()
            throws Exception {
        try (Cluster cluster = new Cluster("on_lease_lapse: stop\n", "", NOTHING, "")) {
            cluster.setLease(Duration.ofSeconds(20));
            cluster.startBuilder("x");
            cluster.update("UPDATE master SET host = 'elsewhere'");

            assertOneLine(
                    start("builder-master", cluster.directory.resolve("cluster.yaml")),
                    "master x lives on elsewhere",
                    "on_lease_lapse: stop",
                    "start it again later");
            assertThat(cluster.events("master-lost")).isZero();
        }
    }

    @Test
    void a_port_in_use_is_named() throws Exception {
        try (Cluster cluster = new Cluster("", NOTHING, "");
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            cluster.startScheduler("x");

            assertOneLine(
                    start(
                            "scheduler-master",
                            edited(
                                    cluster,
                                    "port: " + cluster.port,
                                    "port: " + taken.getLocalPort())),
                    "web.port: port " + taken.getLocalPort() + " of 127.0.0.1 is in use");
            assertThat(cluster.events("master-lost")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"scheduler-master", "builder-master"})
    void a_port_for_hints_that_is_in_use_is_named(String role) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Cluster cluster =
                        new Cluster(
                                "hints: {port: %d}\n".formatted(taken.getLocalPort()),
                                "",
                                NOTHING,
                                "")) {
            assertOneLine(
                    start(role, cluster.directory.resolve("cluster.yaml")),
                    "hints.port: port " + taken.getLocalPort() + " of 127.0.0.1 is in use",
                    "set another hints.port");
            assertThat(
                            cluster.count(
                                    "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"))
                    .isZero();
        }
    }

    @Test
    void a_malformed_or_oversized_change_is_refused_with_its_field_and_nothing_is_taken()
            throws Exception {
        try (Cluster cluster = new Cluster("", NOTHING, "")) {
            cluster.startScheduler("s");

            assertRefused(cluster, 400, Map.of("branch", "main"), "author");
            assertRefused(cluster, 400, Map.of("author", "a", "brunch", "main"), "brunch");
            assertRefused(cluster, 400, Map.of("author", "a", "files", "[1,{}]"), "files");
            assertRefused(cluster, 400, Map.of("author", "a", "when", "yesterday"), "when");
            assertRefused(cluster, 400, Map.of("author", "a", "when", "1e999999999"), "when");
            assertRefused(
                    cluster, 400, Map.of("author", "a", "properties", "{\"a\":"), "properties");
            assertRefused(cluster, 413, Map.of("author", "a".repeat(501)), "author");
            assertRefused(
                    cluster, 413, Map.of("author", "a", "comments", "c".repeat(5_000_000)), "body");
            assertThat(cluster.events("change-received")).isZero();

            assertThat(cluster.sendChange(new HashMap<>(Map.of("author", "a"))).statusCode())
                    .isEqualTo(200);
            assertThat(cluster.events("change-received")).isEqualTo(1);
        }
    }

    private static void assertRefused(
            Cluster cluster, int status, Map<String, String> change, String field)
            throws Exception {
        HttpResponse<String> response = cluster.sendChange(change);
        assertThat(response.statusCode()).as(field + ": " + response.body()).isEqualTo(status);
        assertThat(response.body()).contains(field + ":").doesNotContain("\tat ");
    }
}
