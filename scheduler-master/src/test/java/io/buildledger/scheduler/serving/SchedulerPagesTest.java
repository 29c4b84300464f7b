package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.Property;
import io.buildledger.log.Author;
import io.buildledger.log.Streams;
import io.buildledger.testing.TestMasters;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SchedulerPagesTest {

    private final ServedLog served = new ServedLog(0, ServedSchedulers.class);
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void configure() {
        // Whoever starts, ends or is lost: an event.
        served.test.insertRaw("master/s");
        await().until(() ->
                served.test.count("SELECT COUNT(*) FROM event WHERE type = 'scheduler-configured'")
                        == 3);
    }

    @AfterEach
    void close() {
        http.close();
        served.close();
    }

    private String get(String path) throws Exception {
        HttpResponse<String> response =
                http.send(
                        HttpRequest.newBuilder(URI.create(served.url() + path)).build(),
                        BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    /** As a browser sends a form. */
    private HttpResponse<String> post(String path, String form) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(served.url() + path))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .header("Origin", served.url())
                        .POST(BodyPublishers.ofString(form))
                        .build(),
                BodyHandlers.ofString());
    }

    /** The path of the page that a browser goes to. */
    private static String target(HttpResponse<String> answer) {
        return URI.create(answer.headers().firstValue("Location").orElseThrow()).getPath();
    }

    @Test
    void all_schedulers_are_shown_and_those_that_people_can_force() throws Exception {
        assertThat(get("/schedulers"))
                .contains(">main<", ">try<", "single_branch", "Force: force")
                .contains("href=\"/schedulers/force\"");
        assertThat(get("/schedulers/main"))
                .contains("single_branch", "href=\"/builders/linux\"", ">Disable<")
                .doesNotContain("action=\"/schedulers/main/force\"");
    }

    @Test
    void a_build_is_forced_by_the_form_and_its_request_is_shown() throws Exception {
        assertThat(get("/schedulers/force"))
                .contains("name=\"jobs\"", "max=\"8\"", "name=\"branch\"", "name=\"reason\"");

        HttpResponse<String> answer =
                post(
                        "/schedulers/force/force",
                        "requestedBy=me&reason=because&jobs=2&branch=main&revision=&repository=&project=&priority=");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
        assertThat(target(answer)).isEqualTo("/requests/1");
        served.project();
        assertThat(get("/builders/linux")).contains("href=\"/schedulers/force?builder=linux\"");
        BuildsetSubmitted submitted =
                (BuildsetSubmitted) served.test.log.read(Streams.buildset(1)).getFirst().event();
        assertThat(submitted.properties())
                .containsEntry("jobs", new Property(2, "Force Build Form"));
        assertThat(submitted.properties().get("owner"))
                .isEqualTo(new Property("me", "Force Build Form"));
        assertThat(submitted.sourceStamps().getFirst().branch()).isEqualTo("main");
        assertThat(get("/requests/1"))
                .contains("<dt>Asked for</dt><dd>by <a href=\"/audit/user/me\">me</a></dd>")
                .contains(": because");
        Author b1 = new Author("b1", 1);
        served.story.start(b1, served.story.claim(b1, "linux"));
        served.project();
        assertThat(get("/builds/linux/1"))
                .contains("<span>a build was forced by &#39;me&#39;: because</span>")
                .contains("href=\"/schedulers/force\">scheduler force</a>");
    }

    @Test
    void what_is_wrong_with_a_form_is_told_beside_the_field_and_nothing_is_lost() throws Exception {
        HttpResponse<String> answer =
                post(
                        "/schedulers/force/force",
                        "requestedBy=me+%3Cx%3E&reason=&jobs=99&branch=a%22b&priority=1");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .contains("href=\"#field-reason\"", "&#39;reason&#39; is missing")
                .contains("&#39;99&#39; is not a whole number from")
                .contains("value=\"me &lt;x&gt;\"", "value=\"99\"", "value=\"a&quot;b\"")
                .contains("value=\"1\"");
        assertThat(served.test.count("SELECT COUNT(*) FROM event WHERE type = 'build-forced'"))
                .isZero();
    }

    @Test
    void a_scheduler_is_disabled_and_enabled_again_by_who_says_to_be() throws Exception {
        HttpResponse<String> answer =
                post("/schedulers/main/disable", "requestedBy=me&reason=a+holiday");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
        assertThat(target(answer)).isEqualTo("/schedulers/main");
        assertThat(get("/schedulers/main")).contains(">disabled<", ">Enable<");
        assertThat(
                        served.test.count(
                                "SELECT COUNT(*) FROM event WHERE type = 'scheduler-switched' AND payload LIKE '%\"me\"%a holiday%'"))
                .isOne();

        post("/schedulers/main/enable", "requestedBy=&reason=");
        assertThat(get("/sections/schedulers")).doesNotContain(">disabled<");
    }

    @Test
    void what_can_t_be_is_told_on_a_page() throws Exception {
        assertThat(post("/schedulers/none/disable", "").statusCode()).isEqualTo(404);
        assertThat(post("/schedulers/main/force", "reason=x").body())
                .contains("scheduler main is not of type force");
        assertThat(post("/schedulers/none/force", "reason=x").statusCode()).isEqualTo(404);
        HttpResponse<String> other =
                http.send(
                        HttpRequest.newBuilder(
                                        URI.create(served.url() + "/schedulers/main/disable"))
                                .header("Origin", "https://example.org")
                                .POST(BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.ofString());
        assertThat(other.statusCode()).isEqualTo(403);
    }

    @Test
    void a_master_is_drained_and_goes_on_again() throws Exception {
        served.registry.register(TestMasters.builder("b1"));
        assertThat(get("/masters"))
                .contains(
                        ">b1<",
                        ">Drain it<",
                        ">Drain<",
                        "ends when the builds that it has are over");

        HttpResponse<String> answer = post("/masters/b1/drain", "requestedBy=me");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
        assertThat(target(answer)).isEqualTo("/masters");
        assertThat(get("/masters/now")).contains(">draining<", "Let it go on");
        post("/masters/b1/undrain", "requestedBy=me");
        assertThat(get("/masters/now")).doesNotContain(">draining<");
        served.registry.register(TestMasters.scheduler("s1"));
        assertThat(get("/masters/now")).contains("also if it is the one that serves this page");
        assertThat(post("/masters/none/drain", "").statusCode()).isEqualTo(404);
    }
}
