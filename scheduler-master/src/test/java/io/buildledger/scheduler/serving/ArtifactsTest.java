package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ArtifactsTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String HOSTILE = "a/b;<i>%ü";
    private static final String PAGE = "docs/<script>alert(1)< script> ü;?#%2e.html";
    private static final byte[] BYTES = new byte[1_300_000];

    private static ServedLog served;

    @BeforeAll
    static void begin() throws Exception {
        new Random(5).nextBytes(BYTES);
        served = new ServedLog(0, StoredFiles.class);
        StoredFiles.build(served, "linux", "disk", BYTES, "dist/app.bin", PAGE, "dist/app.bin");
        StoredFiles.build(served, HOSTILE, "database", BYTES, "dist/app.bin", PAGE);
        StoredFiles.build(served, "gone", "disk", BYTES, "a.txt");
        FileSystemUtils.deleteRecursively(StoredFiles.DIRECTORY.resolve("gone"));
        StoredFiles.build(
                served,
                "many",
                "database",
                new byte[0],
                IntStream.range(0, 103).mapToObj(i -> "f" + i).toArray(String[]::new));
        served.project();
    }

    @AfterAll
    static void end() throws Exception {
        served.close();
        StoredFiles.remove();
    }

    private static HttpResponse<byte[]> get(String path) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(served.url() + path)).build(),
                BodyHandlers.ofByteArray());
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static JsonNode json(String path) throws Exception {
        HttpResponse<byte[]> response = get(path);
        assertThat(response.statusCode()).as(text(response)).isEqualTo(200);
        return new JsonMapper().readTree(response.body());
    }

    private static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Test
    void a_list_has_the_newest_of_each_path() throws Exception {
        JsonNode artifacts = json("/api/builds/linux/1/artifacts").path("artifacts");

        assertThat(artifacts).hasSize(2);
        assertThat(artifacts.path(0).path("path").asString()).isEqualTo(PAGE);
        JsonNode app = artifacts.path(1);
        assertThat(app.path("artifact").asInt()).isEqualTo(3);
        assertThat(app.path("path").asString()).isEqualTo("dist/app.bin");
        assertThat(app.path("size").asLong()).isEqualTo(BYTES.length);
        assertThat(app.path("sha256").asString()).isEqualTo(DigestUtils.sha256Hex(BYTES));
        assertThat(app.path("store").asString()).isEqualTo("disk");
        assertThat(
                        json("/api/builds/linux/1/artifacts?path=" + segment(PAGE))
                                .path("artifacts")
                                .path(0))
                .isEqualTo(artifacts.path(0));
    }

    @Test
    void a_long_list_comes_in_pages() throws Exception {
        JsonNode first = json("/api/builds/many/1/artifacts?limit=100");
        JsonNode second =
                json("/api/builds/many/1/artifacts?limit=100&after=" + first.path("next").asInt());

        assertThat(first.path("artifacts")).hasSize(100);
        assertThat(second.path("artifacts")).hasSize(3);
        assertThat(second.path("next").isNull()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"linux, dist/app.bin", "linux, page", "hostile, dist/app.bin", "hostile, page"})
    void bytes_are_as_they_were_and_nothing_of_them_runs(String builder, String path)
            throws Exception {
        boolean isPage = path.equals("page");
        HttpResponse<byte[]> response =
                get(
                        "/artifacts/%s/1/%s"
                                .formatted(
                                        segment(builder.equals("hostile") ? HOSTILE : builder),
                                        isPage ? "docs/" + segment(PAGE.substring(5)) : path));

        assertThat(response.statusCode()).as(text(response)).isEqualTo(200);
        assertThat(response.body()).isEqualTo(BYTES);
        assertThat(response.headers().firstValue("Content-Type"))
                .contains("application/octet-stream");
        assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(BYTES.length);
        assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(response.headers().allValues("Content-Security-Policy"))
                .contains("default-src 'none'; sandbox");
        assertThat(response.headers().firstValue("Content-Disposition").orElseThrow())
                .startsWith("attachment; filename")
                .contains(isPage ? "filename*=UTF-8''%3Cscript%3E" : "app.bin");
        assertThat(response.headers().firstValue("ETag"))
                .contains("\"" + DigestUtils.sha256Hex(BYTES) + "\"");
    }

    @Test
    void what_this_master_does_not_see_is_told_with_the_remedy() throws Exception {
        HttpResponse<byte[]> response = get("/artifacts/gone/1/a.txt");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(text(response))
                .contains(
                        "artifact a.txt of build gone/1 was stored by master b1, and can't be read here",
                        "artifacts: {store: database}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/artifacts/linux/1/no",
                "/artifacts/linux/1/",
                "/artifacts/linux/2/dist/app.bin",
                "/artifacts/linux/1/dist",
                "/artifacts/linux/1/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
                "/artifacts/linux/1/..%2f..%2fsecret",
                "/api/builds/linux/9/artifacts",
                "/api/builds/linux/1/artifacts?path=../x"
            })
    void there_is_nothing_else(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(404);
    }

    @Test
    void the_builds_page_lists_them() throws Exception {
        String page = text(get("/builds/" + segment(HOSTILE) + "/1"));

        assertThat(page)
                .contains(
                        "<h2>Artifacts</h2>",
                        "href=\"/artifacts/" + segment(HOSTILE) + "/1/dist/app.bin\"",
                        "1.3 MB",
                        "docs/&lt;script&gt;alert(1)")
                .doesNotContain("<script>alert(1)", "There are more");
        assertThat(text(get("/builds/many/1"))).contains("There are more", "artifacts");
    }
}
