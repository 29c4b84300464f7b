package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.testing.StockWorker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Steps use a secret in every place that takes a text, and afterwards everything is searched for
 * it.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SecretsIT {

    private static final String SECRET = "s3cr3t/of the farm+1";

    /** Is printed beside the secret, so that a search that finds nothing is a search that works. */
    private static final String WITNESS = "plainly-to-be-seen";

    private static final List<String> FORMS =
            List.of(
                    SECRET,
                    URLEncoder.encode(SECRET, StandardCharsets.UTF_8),
                    SECRET.replace("/", "%2F").replace("+", "%2B").replace(" ", "%20"),
                    base64("worker:" + SECRET),
                    base64(SECRET));

    private static final String FACTORY =
            """
            - shell:
                name: print
                command: >-
                  echo %(kw:witness)s "$TOKEN" '%(secret:token)s';
                  printf %%s 's3cr3t/of'; sleep 0.3; echo ' the farm+1'; echo "$TOKEN" >&2;
                  echo "$TOKEN" > followed; printf 'worker:%%s' "$TOKEN" | base64;
                  printf %%s "$TOKEN" | base64; set -x; : "$TOKEN"; sleep 1
                env: {TOKEN: "%(secret:token)s"}
                kw: {witness: plainly-to-be-seen}
                log_files: {followed: followed}
            - set_property_from_command: {command: "echo '%(secret:token)s'", property: seen}
            - set_property: {property: given, value: "of %(secret:token)s"}
            - set_properties: {properties: {deep: [{is: "%(secret:token)s"}]}}
            - shell: {name: use, command: [echo, "%(prop:seen)s", "%(prop:given)s"]}
            - string_download: {s: "%(secret:token)s", workerdest: token.txt}
            - shell: {name: look, command: cat token.txt}
            - file_upload: {workersrc: token.txt, masterdest: "%(secret:token)s.txt", halt_on_failure: false}
            - file_upload: {workersrc: "%(secret:token)s", masterdest: none.txt, halt_on_failure: false}
            - make_directory: {dir: "%(secret:token)s"}
            - shell: {name: fails, command: exit 3, description: "with %(secret:token)s"}
            - http: {url: "http://127.0.0.1:1/hook", params: {token: "%(secret:token)s"}}
            - git: {repourl: "http://127.0.0.1:1/none", auth_credentials: {username: worker, password: "%(secret:token)s"}, halt_on_failure: false}
            - master_shell: {command: "echo '%(secret:token)s' plainly-to-be-seen"}
            - shell: {name: no program, command: ["/none/%(secret:token)s"]}
            - assert: {check: {property: {given: x}}, always_run: true}
            """;

    @TempDir Path directory;

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private Cluster cluster() throws IOException {
        Path secrets = Files.createDirectory(directory.resolve("secrets"));
        Path file = Files.writeString(secrets.resolve("token"), SECRET + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return new Cluster(
                "drain_timeout: 0s\nworker_protocol: {port: 0}\nallow_master_shell: true\n",
                "secrets: [file: {directory: '%s'}]\n".formatted(secrets),
                """
                schedulers:
                  - single_branch: {name: main, change_filter: {branch: main}, builder_names: [own, attached]}
                """,
                """
                builders:
                  - name: own
                    worker_names: [local]
                    factory:
                %1$s
                  - name: attached
                    worker_names: [w]
                    factory:
                %1$s
                """
                        .formatted(FACTORY.indent(6)));
    }

    @Test
    void a_secret_is_nowhere_in_the_database_nor_on_pages_nor_in_what_masters_print()
            throws Exception {
        try (Cluster cluster = cluster()) {
            cluster.addWorker("w", "pass");
            cluster.startScheduler("s");
            int port = cluster.startBuilderForWorkers("b1");
            try (StockWorker _ =
                    StockWorker.create(
                                    directory.resolve("worker"), "127.0.0.1:" + port, "w", "pass")
                            .start()) {
                cluster.awaitEvents(1, "worker-attached");
                cluster.sendChange(
                        Map.of(
                                "author", "someone",
                                "branch", "main",
                                "revision", "r1",
                                "repository", "r"));
                await().atMost(Duration.ofMinutes(2))
                        .until(() -> cluster.events("build-request-completed") == 2);
                await().atMost(Duration.ofMinutes(1))
                        .untilAsserted(() ->
                                assertThat(cluster.get("/api/requests"))
                                        .doesNotContain("\"finished\":false"));

                assertThat(cluster.events("step-finished"))
                        .as(
                                cluster.get("/api/builds/own/1")
                                        + cluster.get("/api/builds/attached/1"))
                        .isEqualTo(32);
                Map<String, List<byte[]>> tables = cluster.contents();
                assertThat(tables).containsKeys("event", "step_log_chunk", "build_view");
                assertThat(withWitness(tables)).contains("step_log_chunk");
                tables.forEach((table, values) ->
                        values.forEach(value -> assertWithoutSecret(table, text(value))));
                for (String page : pages(cluster)) {
                    assertWithoutSecret(page, cluster.get(page));
                }
                for (int request = 1; request <= 2; request++) {
                    assertWithoutSecret("bundle", bundle(cluster, request));
                }
                for (String master : List.of("s", "b1")) {
                    assertWithoutSecret("output of " + master, cluster.output(master));
                }
            }
        }
    }

    private static List<String> withWitness(Map<String, List<byte[]>> tables) {
        return tables.entrySet().stream()
                .filter(table ->
                        table.getValue().stream().anyMatch(it -> text(it).contains(WITNESS)))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static List<String> pages(Cluster cluster) throws Exception {
        List<String> pages = new ArrayList<>(List.of("/", "/api/requests"));
        for (String builder : List.of("own", "attached")) {
            String build = "/builds/" + builder + "/1";
            String api = cluster.get("/api" + build);
            assertThat(api).contains("<token>");
            pages.addAll(List.of(build, "/api" + build, "/api" + build + "/logs"));
        }
        for (int request = 1; request <= 2; request++) {
            pages.add("/requests/" + request);
            pages.add("/api/requests/%d/audit".formatted(request));
            pages.add("/api/audit/request/%d".formatted(request));
            pages.add("/audit/request/%d".formatted(request));
        }
        return pages;
    }

    private static String bundle(Cluster cluster, int request) throws Exception {
        Path file = cluster.directory.resolve("bundle-%d.jsonl.gz".formatted(request));
        assertThat(
                        cluster.run(
                                Program.UNPACKED,
                                "bundle",
                                "--request",
                                String.valueOf(request),
                                "--out",
                                file.toString()))
                .startsWith("0: ");
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            String bundle = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(bundle).contains("<token>");
            return bundle;
        }
    }

    private static void assertWithoutSecret(String where, String text) {
        for (String form : FORMS) {
            int at = text.indexOf(form);
            assertThat(at < 0 ? "" : text.substring(Math.max(0, at - 200), at))
                    .as("%s: what comes before the secret", where)
                    .isEmpty();
            assertThat(at).as(where).isNegative();
        }
    }

    /** Logs are stored deflated. */
    private static String text(byte[] value) {
        if (value.length > 2 && value[0] == 0x78) {
            try (InflaterInputStream inflated =
                    new InflaterInputStream(new ByteArrayInputStream(value))) {
                return new String(inflated.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                return new String(value, StandardCharsets.UTF_8);
            }
        }
        return new String(value, StandardCharsets.UTF_8);
    }
}
