package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletResponse;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WebAddressTest {

    private static final Author B1 = new Author("b1", 1);
    private static final String HOSTILE = "a/b <script>alert(1)</script> 100% ü?;\\";
    private static final String ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static ServedLog served;
    private static long requestId;

    /** One build of a builder, and in a change and a log, that try to break out of the page. */
    @BeforeAll
    static void begin() {
        served = new ServedLog();
        long change =
                served.story.change("<b>a</b>", "abc", "<script>alert(1)</script>\nsecond line");
        served.story.fire(List.of(change), "abc", HOSTILE, "linux");
        Won won = served.story.claim(B1, HOSTILE);
        requestId = won.claim().requestId();
        served.story.start(B1, won);
        long log = served.story.startStep(B1, won, 1, "<i>test</i>");
        served.story.write(
                log,
                0,
                new Line(Source.HEADER, "make test"),
                new Line(Source.STDOUT, "<script>alert(1)</script>"),
                new Line(Source.STDERR, "\u001b[31mred\u001b[0m"));
        served.story.finishStep(B1, won, 1, log, Results.FAILURE);
        served.story.complete(B1, won, Results.FAILURE, "<u>test</u> failed");
        served.project();
    }

    @AfterAll
    static void end() {
        served.close();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return get(served, path);
    }

    private static HttpResponse<String> get(ServedLog server, String path) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(server.url() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(String path) throws Exception {
        HttpResponse<String> response = get(path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return new JsonMapper().readTree(response.body());
    }

    private static String hostile() {
        return URLEncoder.encode(HOSTILE, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Test
    void changes_are_listed_as_one_object() throws Exception {
        JsonNode change = json("/api/changes").path("changes").path(0);

        assertThat(change.path("changeId").asLong()).isEqualTo(1);
        assertThat(change.path("author").asString()).isEqualTo("<b>a</b>");
        assertThat(change.path("receivedAt").asString()).matches("\\d{4}-.*T.*Z");
    }

    @Test
    void requests_and_builds_are_listed_newest_first() throws Exception {
        JsonNode requests = json("/api/requests?limit=1").path("requests");

        assertThat(requests).hasSize(1);
        assertThat(requests.path(0).path("builder").asString()).isEqualTo("linux");
        assertThat(requests.path(0).path("state").asString()).isEqualTo("unclaimed");
        assertThat(requests.path(0).path("results").isNull()).isTrue();
        assertThat(json("/api/builds").path("builds").path(0).path("results").asString())
                .isEqualTo("FAILURE");
        assertThat(json("/api/masters").path("headOfLog").asLong()).isPositive();
    }

    @Test
    void a_builder_may_have_any_name_its_build_steps_and_log_are_there() throws Exception {
        String build = "/api/builds/" + hostile() + "/1";

        assertThat(json(build).path("build").path("builder").asString()).isEqualTo(HOSTILE);
        assertThat(json(build).path("steps").path(0).path("exitCode").asInt()).isEqualTo(1);
        assertThat(json(build + "/logs").path("logs").path(0).path("name").asString())
                .isEqualTo("stdio");
        assertThat(json(build + "/logs").path("logs").path(0).path("stepName").asString())
                .isEqualTo("<i>test</i>");
        assertThat(json(build + "/logs").path("finished").asBoolean()).isTrue();
        assertThat(json(build + "/logs").path("complete").asBoolean()).isTrue();
        JsonNode page = json(build + "/logs/1/stdio?from=1");
        assertThat(page.path("lines")).hasSize(2);
        assertThat(page.path("lines").path(0).path("source").asString()).isEqualTo("STDOUT");
        assertThat(page.path("next").asLong()).isEqualTo(3);
        assertThat(page.path("complete").asBoolean()).isTrue();
    }

    @Test
    void an_audit_is_an_object_with_entries() throws Exception {
        JsonNode audit = json("/api/requests/" + requestId + "/audit");

        assertThat(audit.path("results").asString()).isEqualTo("FAILURE");
        assertThat(audit.path("entries").path(0).path("what").asString()).isEqualTo("change 1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "request/1",
                "change/1",
                "scheduler/main",
                "builder/HOSTILE",
                "build/HOSTILE%2F1",
                "master/b1",
                "worker/b1-worker",
                "user/%3Cb%3Ea%3C%2Fb%3E"
            })
    void a_story_is_an_object_and_a_page_that_escapes_what_people_wrote(String subject)
            throws Exception {
        String path = "/audit/" + subject.replace("HOSTILE", hostile());

        assertThat(json("/api" + path + "?limit=5").path("entries")).isNotEmpty();
        HttpResponse<String> page = get(path + "?since=2026-01-01T00:00:00Z&until=&limit=5");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Security-Policy")).isPresent();
        assertThat(page.body())
                .contains("Audit of", "<code>")
                .doesNotContain("<script>alert", "<b>a</b>", "<i>test", "<u>test", "th:");
        Matcher links =
                Pattern.compile("href=\"(/(?:audit|requests)/[^\"]*)\"").matcher(page.body());
        while (links.find()) {
            // No scheduler master runs here.
            if (links.group(1).equals("/audit/master/s")) {
                continue;
            }
            assertThat(get(links.group(1).replace("&amp;", "&")).statusCode())
                    .as(links.group(1))
                    .isEqualTo(200);
        }
    }

    @Test
    void claims_are_an_object_and_go_on_after_one() throws Exception {
        JsonNode all = json("/api/audit/claims?by=b1");
        assertThat(all.path("claims")).hasSize(1);
        assertThat(all.path("next").isNull()).isTrue();
        assertThat(json("/api/audit/claims?by=b1&after=" + hostile() + "%2F1").path("claims"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/requests/99/audit",
                "/api/audit/request/99",
                "/api/audit/build/linux%2F99",
                "/api/audit/master/nobody",
                "/api/builds/nobody/1",
                "/api/builds/linux/99/logs",
                "/api/builds/nobody/1/logs/1/stdio"
            })
    void what_does_not_exist_is_a_404_that_says_so(String path) throws Exception {
        HttpResponse<String> response = get(path);

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
        assertThat(new JsonMapper().readTree(response.body()).path("detail").asString())
                .contains("no ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/changes?limit=x",
                "/api/changes?limit=0",
                "/api/builds?limit=1001",
                "/api/requests/x/audit",
                "/api/builds/linux/x",
                "/api/builds/linux/1/logs/1/stdio?from=-1"
            })
    void a_bad_parameter_is_a_400_that_names_it(String path) throws Exception {
        HttpResponse<String> response = get(path);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(new JsonMapper().readTree(response.body()).path("detail").asString())
                .containsPattern("^(limit|id|number|from): ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/audit/request/x",
                "/audit/lock/x",
                "/audit/build/linux",
                "/audit/master/b1?since=yesterday",
                "/audit/master/b1?limit=0",
                "/audit/master/b1?limit=1001",
                "/audit/master/b1?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z"
            })
    void a_story_that_cannot_be_told_is_a_400_as_an_object_and_as_a_page(String path)
            throws Exception {
        assertThat(get("/api" + path).statusCode()).isEqualTo(400);
        assertThat(new JsonMapper().readTree(get("/api" + path).body()).path("detail").asString())
                .isNotBlank();
        HttpResponse<String> page = get(path);
        assertThat(page.statusCode()).isEqualTo(400);
        assertThat(page.body()).contains("To the overview");
        assertThat(get("/audit/master/nobody").statusCode()).isEqualTo(404);
    }

    @Test
    void the_overview_shows_all_sections_and_escapes_what_people_wrote() throws Exception {
        String page = get("/").body();

        assertThat(page)
                .contains(
                        ">Masters</a></h2>",
                        "<h2>Requests</h2>",
                        "<h2>Builds</h2>",
                        ">Changes</a></h2>")
                .contains("&lt;b&gt;a&lt;/b&gt;", ESCAPED, "FAILURE")
                .contains("No master has registered yet")
                .doesNotContain("<script>alert", "<b>a</b>", "second line", "th:");
    }

    @Test
    void the_links_of_the_overview_lead_to_the_build_and_the_request() throws Exception {
        Matcher link = Pattern.compile("href=\"(/builds/[^\"]*)\"").matcher(get("/").body());
        assertThat(link.find()).isTrue();

        HttpResponse<String> build = get(link.group(1).replace("&amp;", "&"));

        assertThat(build.statusCode()).isEqualTo(200);
        assertThat(build.body()).contains("href=\"/requests/" + requestId + "\"");
        assertThat(get("/requests/" + requestId).statusCode()).isEqualTo(200);
    }

    private static String withoutLinksToLines(String page) {
        return page.replaceAll("<code id=\"L[^\"]*\"", "<code")
                .replaceAll("<a class=\"at\"[^>]*></a>", "");
    }

    @Test
    void a_page_of_a_build_shows_steps_and_log_and_escapes_them() throws Exception {
        String page = withoutLinksToLines(get("/builds/" + hostile() + "/1").body());

        assertThat(page)
                .contains("<code class=\"stdout\">" + ESCAPED + "</code>")
                .contains(
                        "<code class=\"stderr\"><span class=\"front-red\">red</span></code>",
                        "<code class=\"header\">make test</code>")
                .contains("&lt;i&gt;test&lt;/i&gt;", "&lt;u&gt;test&lt;/u&gt; failed")
                .contains("data-next=\"3\"", "data-written=\"false\"")
                .contains(
                        "Step <span>1</span> <span class=\"step-name\">&lt;i&gt;test&lt;/i&gt;</span>")
                .doesNotContain("<script>alert", "<i>test", "<u>test", "th:");
    }

    @Test
    void every_log_of_a_step_is_shown_and_a_long_line_is_one() throws Exception {
        try (ServedLog several = new ServedLog()) {
            several.story.fire(List.of(several.story.change("a", "r", "c")), "r", "linux");
            Won won = several.story.claim(B1, "linux");
            several.story.start(B1, won);
            long stdio = several.story.startStep(B1, won, 1, "test");
            long file = new StepLogs(several.test.jdbc).open("linux", 1, 1, "test/all.log");
            several.story.write(
                    stdio,
                    0,
                    new Line(Source.STDOUT, "so ", true),
                    new Line(Source.STDOUT, "long ", true),
                    new Line(Source.STDOUT, "a line"),
                    new Line(Source.STDERR, "not at its ", true));
            several.story.write(
                    file,
                    0,
                    new Line(
                            Source.STDOUT,
                            "\u001b]8;;https://example.org\u001b\\a \u001b[>4;2mlink\u001b]8;;\u0007"));
            several.project();

            assertThat(withoutLinksToLines(get(several, "/builds/linux/1").body()))
                    .contains("id=\"step-1\"")
                    .contains(">stdio</span>", ">test/all.log</span>")
                    .contains("<code class=\"stdout\">so long a line</code>")
                    .contains("<code class=\"stderr\" data-partial=\"true\">not at its </code>")
                    .contains("<code class=\"stdout\">a link</code>")
                    .containsOnlyOnce("id=\"step-1");
            assertThat(get(several, "/api/builds/linux/1/logs/1/test%2Fall.log").body())
                    .contains("link");
        }
    }

    @Test
    void a_page_of_a_request_shows_its_audit_as_a_timeline() throws Exception {
        String page = get("/requests/" + requestId).body();

        assertThat(page)
                .contains("change 1", "scheduler main, firing 1", "claimed", "completed")
                .doesNotContain("<script>alert", "hx-get", "th:");
    }

    @Test
    void the_sections_refresh_themselves() throws Exception {
        assertThat(get("/").body()).contains("hx-get=\"/sections/builds\"");
        for (String section : List.of("masters", "requests", "builds", "changes")) {
            HttpResponse<String> response = get("/sections/" + section);

            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).contains("<h2>").doesNotContain("<html");
        }
    }

    @Test
    void a_page_that_does_not_exist_says_so() throws Exception {
        assertThat(get("/builds/nobody/1").statusCode()).isEqualTo(404);
        assertThat(get("/builds/nobody/1").body()).contains("There is no build nobody/1.");
        assertThat(get("/requests/x").statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/api/changes", "/api/requests/99/audit", "/buildledger.css"})
    void every_answer_forbids_scripts_and_styles_of_others(String path) throws Exception {
        HttpResponse<String> response = get(path);

        assertThat(response.headers().firstValue("Content-Security-Policy").orElse(""))
                .startsWith("default-src 'self'")
                .doesNotContain("unsafe");
        assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(response.headers().firstValue("Referrer-Policy"))
                .as("another would have browsers hide from where a form is sent")
                .contains("same-origin");
        assertThat(response.headers().firstValue("Strict-Transport-Security")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"https://ci.example.org,max-age=31536000", "http://ci.example.org,"})
    void browsers_are_told_to_come_by_tls_alone_where_people_do(String url, @Nullable String told) {
        MockHttpServletResponse response = new MockHttpServletResponse();

        new SecurityHeaders(ServedLog.file("web: {url: \"" + url + "\"}\n")).addTo(response);

        assertThat(response.getHeader("Strict-Transport-Security")).isEqualTo(told);
    }

    @Test
    void all_that_a_page_loads_is_there() throws Exception {
        Matcher loaded =
                Pattern.compile("(?:src|<link(?! rel=\"alternate\")[^>]*href)=\"(/[^\"]*)\"")
                        .matcher(get("/builds/" + hostile() + "/1").body());
        int count = 0;
        while (loaded.find()) {
            assertThat(get(loaded.group(1)).statusCode()).as(loaded.group(1)).isEqualTo(200);
            count++;
        }
        assertThat(count).isEqualTo(6);
        assertThat(get("/").body()).doesNotContain("style=", "onclick");
    }
}
