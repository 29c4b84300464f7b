package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.testing.TestMasters;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RequestFormsTest {

    private final ServedLog served = new ServedLog(List.of());
    private final HttpClient http = HttpClient.newHttpClient();
    private Author b1;

    /** Build linux/1 runs, and request 2 waits. */
    @BeforeEach
    void begin() {
        b1 = served.registry.register(TestMasters.builder("b1"));
        served.story.fire(List.of(), "r", "linux");
        Won won = served.story.claim(b1, "linux");
        served.story.start(b1, won);
        served.story.fire(List.of(), "r", "linux");
        served.project();
    }

    @AfterEach
    void close() {
        http.close();
        served.close();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(served.url() + path)).build(),
                BodyHandlers.ofString());
    }

    /** As a browser sends a form. */
    private HttpResponse<String> post(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(served.url() + path))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .header("Origin", served.url())
                        .POST(BodyPublishers.ofString("requestedBy=me&reason=not+needed"))
                        .build(),
                BodyHandlers.ofString());
    }

    private static void assertLeadsTo(String path, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
        assertThat(URI.create(answer.headers().firstValue("Location").orElseThrow()).getPath())
                .isEqualTo(path);
    }

    @Test
    void a_build_that_runs_is_stopped_by_its_page() throws Exception {
        assertThat(get("/builds/linux/1").body())
                .contains(
                        "formaction=\"/builds/linux/1/stop\"",
                        "formaction=\"/builds/linux/1/retry\"")
                .doesNotContain("/rebuild\"");

        assertLeadsTo("/builds/linux/1", post("/builds/linux/1/stop"));

        served.project();
        assertThat(get("/builds/linux/1").body()).contains("CANCELLED", "/builds/linux/1/rebuild");
        assertThat(get("/requests/1").body()).contains("me", "not needed");
        HttpResponse<String> again = post("/builds/linux/1/stop");
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(again.body()).contains("Build linux/1 has ended already as CANCELLED");
    }

    @Test
    void a_build_that_runs_is_stopped_and_its_request_built_again() throws Exception {
        assertLeadsTo("/builds/linux/1", post("/builds/linux/1/retry"));

        served.project();
        assertThat(get("/builds/linux/1").body()).contains("RETRY");
        assertThat(get("/requests/1").body()).contains("/requests/1/cancel");
    }

    @Test
    void a_build_that_has_ended_is_built_once_more() throws Exception {
        served.story.build(b1, "linux", Results.FAILURE);
        served.project();

        assertLeadsTo("/requests/3", post("/builds/linux/2/rebuild"));
    }

    @Test
    void a_request_is_cancelled_by_its_page() throws Exception {
        assertThat(get("/requests/2").body()).contains("action=\"/requests/2/cancel\"");

        assertLeadsTo("/requests/2", post("/requests/2/cancel"));

        served.project();
        assertThat(get("/requests/2").body())
                .contains("CANCELLED", "me", "not needed")
                .doesNotContain("/requests/2/cancel");
        assertThat(post("/requests/2/cancel").statusCode()).isEqualTo(409);
    }

    @Test
    void where_a_form_was_sent_to_leads_to_its_page() throws Exception {
        assertLeadsTo("/builds/linux/1", get("/builds/linux/1/stop"));
        assertLeadsTo("/requests/2", get("/requests/2/cancel"));
        assertThat(get("/requests/2/cancel").headers().firstValue("Location"))
                .as("a proxy may speak another scheme")
                .hasValue("/requests/2");
    }

    @Test
    void who_enters_no_name_is_somebody() throws Exception {
        http.send(
                HttpRequest.newBuilder(URI.create(served.url() + "/requests/2/cancel"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("requestedBy=+&reason="))
                        .build(),
                BodyHandlers.ofString());

        assertThat(get("/requests/2").body()).contains("somebody");
    }

    @Test
    void what_there_is_not_is_told() throws Exception {
        assertThat(post("/builds/linux/9/stop").statusCode()).isEqualTo(404);
        assertThat(post("/builds/linux/9/rebuild").statusCode()).isEqualTo(404);
        assertThat(post("/requests/9/cancel").statusCode()).isEqualTo(404);
    }
}
