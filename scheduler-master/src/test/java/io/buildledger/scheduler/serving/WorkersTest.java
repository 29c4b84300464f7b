package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.attaching.OpenCommands;
import io.buildledger.attaching.WorkerRegister;
import io.buildledger.attaching.WorkerRoster;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.domain.attaching.Backoff;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopRequested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerUnpaused;
import io.buildledger.log.Author;
import io.buildledger.scheduler.serving.buildbot.DescribedAnswers;
import io.buildledger.testing.TestMasters;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WorkersTest {

    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(10), Duration.ofHours(1));

    private final ServedLog served = new ServedLog();
    private final HttpClient http = HttpClient.newHttpClient();
    private final WorkerRegister register =
            new WorkerRegister(
                    served.test.log,
                    served.test.dataSource,
                    new OpenCommands(served.test.dataSource));
    private final Author b1 = served.registry.register(TestMasters.builder("b1"));

    @AfterEach
    void close() {
        http.close();
        served.close();
    }

    private void list(String... names) {
        new WorkerRoster(served.test.log, served.test.dataSource)
                .list(
                        b1,
                        List.of(names).stream()
                                .map(name -> new Listed(name, !name.contains("/"), false, 2))
                                .toList());
    }

    private HttpResponse<String> post(String path, String form) throws Exception {
        HttpResponse<String> response =
                http.send(
                        HttpRequest.newBuilder(URI.create(served.url() + path))
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(BodyPublishers.ofString(form))
                                .build(),
                        BodyHandlers.ofString());
        if (path.startsWith("/api/")) {
            new DescribedAnswers(served.url()).require("post", path, response);
        }
        return response;
    }

    private String get(String path) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create(served.url() + path)).build(),
                        BodyHandlers.ofString())
                .body();
    }

    private static JsonNode json(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return new JsonMapper().readTree(response.body());
    }

    private Object lastOf(String worker) {
        return served.test.log.read("worker/" + worker).getLast().event();
    }

    @Test
    void a_worker_is_paused_and_unpaused_in_the_name_of_who_asks() throws Exception {
        list("w1");
        register.attach(b1, "w1", "3.7.0", "posix");

        JsonNode paused =
                json(post("/api/workers/w1/pause", "requestedBy=ann&reason=new+disk+%C3%BC"));
        assertThat(paused.path("changed").asBoolean()).isTrue();
        assertThat(paused.path("worker").path("state").asString()).isEqualTo("paused");
        assertThat(paused.at("/worker/paused/requestedBy").asString()).isEqualTo("ann");
        assertThat(lastOf("w1")).isEqualTo(new WorkerPaused("w1", "new disk ü", "ann"));
        assertThat(json(post("/api/workers/w1/pause", "")).path("changed").asBoolean()).isFalse();
        assertThat(get("/workers")).contains(">paused<", "by ann: new disk ü");

        JsonNode unpaused = json(post("/api/workers/w1/unpause", "requestedBy=joe"));
        assertThat(unpaused.path("changed").asBoolean()).isTrue();
        assertThat(unpaused.at("/worker/paused").isNull()).isTrue();
        assertThat(lastOf("w1")).isEqualTo(new WorkerUnpaused("w1", "", "joe"));
        assertThat(get("/sections/workers")).contains(">idle<").doesNotContain("ann");
    }

    @Test
    void a_worker_is_paused_stopped_and_let_go_on_its_page() throws Exception {
        list("w1");
        register.attach(b1, "w1", "3.7.0", "posix");

        HttpResponse<String> paused = post("/workers/w1/pause", "requestedBy=ann&reason=new+disk");
        assertThat(paused.statusCode()).isEqualTo(302);
        assertThat(paused.headers().firstValue("Location")).contains("/workers/w1");
        assertThat(lastOf("w1")).isEqualTo(new WorkerPaused("w1", "new disk", "ann"));
        assertThat(get("/workers/w1"))
                .contains(
                        ">paused<", "by ann: new disk", "/workers/w1/unpause", "/workers/w1/stop");
        post("/workers/w1/unpause", "requestedBy=+");
        assertThat(lastOf("w1")).isEqualTo(new WorkerUnpaused("w1", "", "somebody"));
        post("/workers/w1/stop", "");
        assertThat(get("/workers/w1/now"))
                .contains(">stopping<")
                .doesNotContain("/workers/w1/stop");
        assertThat(get("/workers/w9")).contains("there is no worker w9", "<main");
    }

    @Test
    void a_page_of_a_worker_has_the_builds_of_that_one_alone() throws Exception {
        list("b1-worker", "b1/b1-worker", "w2");
        served.story.fire(List.of(), "abc", "linux/arm");
        served.story.claim(b1, "linux/arm");
        served.project();

        assertThat(get("/workers/b1-worker")).contains("href=\"/builds/linux%2Farm/1\"");
        assertThat(get("/workers/b1%2Fb1-worker")).contains("href=\"/builds/linux%2Farm/1\"");
        assertThat(get("/workers/w2")).contains("No builds yet").doesNotContain("linux");
        assertThat(get("/workers"))
                .contains("href=\"/workers/w2\"", "href=\"/workers/b1%2Fb1-worker\"");
    }

    @Test
    void a_build_leads_to_its_worker_by_whatever_name_that_has_and_to_its_master()
            throws Exception {
        list("w1", "b1/b1-worker");
        served.story.fire(List.of(), "abc", "linux");
        served.story.claim(b1, "linux");
        served.project();

        assertThat(get("/builds/linux/1"))
                .contains(
                        "href=\"/masters/b1/workers/b1-worker\"", "href=\"/masters#master-6231\"");
        assertThat(get("/state")).contains("href=\"/masters/b1/workers/b1-worker\"");
        assertThat(get("/masters")).contains("id=\"master-6231\"");
        assertThat(placeOf("/masters/b1/workers/b1-worker")).isEqualTo("/workers/b1%2Fb1-worker");
        assertThat(placeOf("/masters/b1/workers/w1")).isEqualTo("/workers/w1");
        assertThat(placeOf("/masters/b1/workers/gone")).isEqualTo("/workers");
    }

    /** Where an address leads to. */
    private String placeOf(String path) throws Exception {
        HttpResponse<Void> answer =
                http.send(
                        HttpRequest.newBuilder(URI.create(served.url() + path)).build(),
                        BodyHandlers.discarding());
        return URI.create(answer.headers().firstValue("Location").orElseThrow()).getRawPath();
    }

    @Test
    void a_local_worker_goes_by_its_masters_name_and_its_own() throws Exception {
        list("b1/local");

        assertThat(json(post("/api/workers/b1%2Flocal/pause", "")).at("/worker/state").asString())
                .isEqualTo("paused");
        assertThat(get("/api/workers/b1%2Flocal")).contains("\"master\":\"b1\"");
    }

    @Test
    void a_worker_is_told_to_stop() throws Exception {
        list("w1");
        register.attach(b1, "w1", "3.7.0", "posix");

        assertThat(
                        json(post("/api/workers/w1/stop", "requestedBy=ann&reason=it+moves"))
                                .at("/worker/state")
                                .asString())
                .isEqualTo("stopping");

        assertThat(lastOf("w1")).isEqualTo(new WorkerStopRequested("w1", "it moves", "ann"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    w9/pause   | 404 | there is no worker w9 in the file of any master; a local one is MASTER/NAME
                    w9/unpause | 404 | there is no worker w9 in the file of any master; a local one is MASTER/NAME
                    w9/stop    | 404 | there is no worker w9 in the file of any master; a local one is MASTER/NAME
                    w1/stop    | 409 | worker w1 is not attached to any living master, so that none could stop it: pause it, and none claims for it when it comes back
                    b1%2Flocal/stop | 409 | worker b1/local is a local one, which ends with its master: it can be paused, and not stopped
                    """)
    void what_can_t_be_is_told(String path, int status, String problem) throws Exception {
        list("w1", "b1/local");

        HttpResponse<String> response = post("/api/workers/" + path, "");

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(new JsonMapper().readTree(response.body()).path("detail").asString())
                .isEqualTo(problem);
        assertThat(served.test.count("SELECT COUNT(*) FROM event WHERE stream LIKE 'worker/%'"))
                .isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    now=true          | now: there is no such field; known are reason, requestedBy
                    reason=a%0Ab      | reason: has a control character
                    """)
    void fields_that_are_wrong_are_told(String form, String problem) throws Exception {
        list("w1");

        HttpResponse<String> response = post("/api/workers/w1/pause", form);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains(problem);
    }

    @Test
    void workers_are_listed_with_what_they_do() throws Exception {
        assertThat(get("/workers")).contains("No living builder master has a worker");
        list("w1", "w2", "b1-worker");
        register.attach(b1, "w1", "3.7.0", "posix");
        register.attach(b1, "b1-worker", "4.3.0", "posix");
        register.failed(b1, "w1", BACKOFF, "worker w1 is lost: <cut>");
        served.story.fire(List.of(), "abc", "linux/arm");
        served.story.claim(b1, "linux/arm");
        served.project();

        JsonNode workers =
                new DescribedAnswers(served.url()).readOwn("/api/workers").path("workers");

        assertThat(workers.valueStream().map(it -> it.path("name").asString()))
                .containsExactly("b1-worker", "w1", "w2");
        assertThat(workers.at("/0/builds/0").asString()).isEqualTo("linux/arm/1");
        assertThat(workers.at("/0/state").asString()).isEqualTo("busy");
        assertThat(workers.at("/0/version").asString()).isEqualTo("4.3.0");
        assertThat(workers.at("/1/state").asString()).isEqualTo("quarantined");
        assertThat(workers.at("/1/quarantine/failures").asInt()).isEqualTo(1);
        assertThat(workers.at("/2/state").asString()).isEqualTo("absent");
        assertThat(workers.at("/2/lastSeen").isNull()).isTrue();
        assertThat(new JsonMapper().readTree(get("/api/workers?limit=1")).path("workers"))
                .hasSize(1);
        assertThat(get("/api/workers?limit=0")).contains("limit: 0 is not between 1 and 1000");
        assertThat(get("/api/locks?limit=0")).contains("limit: 0 is not between 1 and 1000");
        assertThat(get("/api/workers/w9")).contains("there is no worker w9");
        assertThat(get("/workers"))
                .contains(
                        "href=\"/builds/linux%2Farm/1\"",
                        "1 of 2", "worker w1 is lost: &lt;cut&gt;", ">never<");
        assertThat(get("/")).contains("href=\"/workers\"");
    }
}
