package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRequested;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.RebuiltFrom;
import io.buildledger.log.Author;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.scheduler.serving.buildbot.DescribedAnswers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CommandsTest {

    private final ServedLog served = new ServedLog();
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        http.close();
        served.close();
    }

    private HttpResponse<String> send(String path, String type, String body, String... headers)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(served.url() + path))
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
        new DescribedAnswers(served.url()).require("post", path, response);
        return response;
    }

    private HttpResponse<String> post(String path, String form, String... headers)
            throws Exception {
        return send(path, "application/x-www-form-urlencoded", form, headers);
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

    private static String detail(HttpResponse<String> response) {
        assertThat(response.headers().firstValue("Content-Type").orElse(""))
                .startsWith("application/problem+json");
        return new JsonMapper().readTree(response.body()).path("detail").asString();
    }

    private Author register(String name, String... builders) {
        return served.registry.register(
                new Registration(
                        name,
                        "builder",
                        "host",
                        1,
                        Duration.ofSeconds(30),
                        Stream.of(builders)
                                .collect(Collectors.toMap(builder -> builder, _ -> "f00d")),
                        null));
    }

    private Object lastOf(String stream) {
        return served.test.log.read(stream).getLast().event();
    }

    @Test
    void a_master_is_drained_and_undrained_in_the_name_of_who_asks() throws Exception {
        register("b1", "linux");

        JsonNode drained = json(post("/api/masters/b1/drain", "requestedBy=ann"));
        assertThat(drained.path("changed").asBoolean()).isTrue();
        assertThat(drained.path("self").asBoolean()).isFalse();
        assertThat(drained.path("master").path("drain").asString()).isEqualTo("drain");
        assertThat(lastOf("master/b1")).isEqualTo(new MasterDrained("b1", 1, false, "ann"));
        assertThat(json(post("/api/masters/b1/drain", "")).path("changed").asBoolean()).isFalse();
        assertThat(get("/sections/masters")).contains(">draining<");

        JsonNode undrained = json(post("/api/masters/b1/undrain", "requestedBy=ann"));
        assertThat(undrained.path("changed").asBoolean()).isTrue();
        assertThat(undrained.path("master").path("drain").isNull()).isTrue();
        assertThat(lastOf("master/b1")).isEqualTo(new MasterUndrained("b1", 1, "ann"));
        assertThat(get("/sections/masters")).contains(">live<");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    application/x-www-form-urlencoded | now=true&requestedBy=ann
                    application/json                  | {"now": true, "requestedBy": "ann"}
                    application/json                  | {"now": "true", "requestedBy": "ann"}
                    """)
    void fields_come_as_a_form_or_as_json(String type, String body) throws Exception {
        register("b1", "linux");

        assertThat(
                        json(send("/api/masters/b1/drain", type, body))
                                .path("master")
                                .path("drain")
                                .asString())
                .isEqualTo("now");
        assertThat(lastOf("master/b1")).isEqualTo(new MasterDrained("b1", 1, true, "ann"));
        assertThat(get("/sections/masters")).contains(">stopping<");
    }

    @Test
    void a_reload_is_answered_with_what_came_of_it() throws Exception {
        Author b1 = register("b1", "linux");
        served.onReloadAsked =
                () ->
                        served.registry.reloaded(
                                b1,
                                lastId("master/b1"),
                                new ConfigurationReloaded(
                                        "b1", 1, "ann", List.of("builders.docs: added"), Map.of()),
                                Descriptions.NONE);
        JsonNode reloaded = json(post("/api/masters/b1/reload", "requestedBy=ann"));
        assertThat(reloaded.path("outcome").asString()).isEqualTo("reloaded");
        assertThat(reloaded.path("differences").path(0).asString())
                .isEqualTo("builders.docs: added");
        assertThat(served.test.log.read("master/b1").get(1).event())
                .isEqualTo(new ConfigurationReloadRequested("b1", 1, "ann"));

        served.onReloadAsked =
                () ->
                        served.registry.reloadRefused(
                                b1,
                                lastId("master/b1"),
                                new ConfigurationReloadRefused(
                                        "b1", 1, "ann", List.of("there is no such file")));
        JsonNode refused = json(post("/api/masters/b1/reload", ""));
        assertThat(refused.path("outcome").asString()).isEqualTo("refused");
        assertThat(refused.path("problems").path(0).asString()).isEqualTo("there is no such file");
    }

    private String lastId(String stream) {
        return served.test.log.read(stream).getLast().id();
    }

    @Test
    void a_reload_that_no_master_has_come_to_is_a_202_and_one_of_a_master_that_is_gone_is_not()
            throws Exception {
        Author b1 = register("b1", "linux");
        CompletableFuture<HttpResponse<String>> asked =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        return post("/api/masters/b1/reload", "");
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
        await().until(() -> {
            served.nanoTime.addAndGet(Duration.ofSeconds(10).toNanos());
            return asked.isDone();
        });
        assertThat(asked.join().statusCode()).isEqualTo(202);
        assertThat(asked.join().body()).contains("\"outcome\":\"pending\"");

        served.onReloadAsked = () -> served.registry.stop(b1);
        HttpResponse<String> over = post("/api/masters/b1/reload", "");
        assertThat(over.statusCode()).isEqualTo(409);
        assertThat(detail(over)).startsWith("master b1 has ended before it came to it");
        HttpResponse<String> gone = post("/api/masters/b1/reload", "");
        assertThat(gone.statusCode()).isEqualTo(404);
        assertThat(detail(gone)).isEqualTo("there is no living master b1");
    }

    @Test
    void a_master_that_does_not_live_is_a_404() throws Exception {
        served.registry.stop(register("b1", "linux"));

        assertThat(post("/api/masters/b1/drain", "").statusCode()).isEqualTo(404);
        HttpResponse<String> unknown = post("/api/masters/b2/undrain", "");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(detail(unknown)).isEqualTo("there is no living master b2");
        assertThat(served.test.count("SELECT COUNT(*) FROM event WHERE type LIKE '%drained'"))
                .isZero();
    }

    @Test
    void a_request_is_cancelled_with_who_and_why() throws Exception {
        served.story.fire(List.of(), "abc", "linux");

        JsonNode answer =
                json(post("/api/requests/1/cancel", "requestedBy=ann&reason=not+needed+%C3%BC"));

        assertThat(answer.path("requestId").asLong()).isEqualTo(1);
        assertThat(answer.path("results").asString()).isEqualTo("CANCELLED");
        assertThat(lastOf(Streams.buildRequest(1)))
                .isEqualTo(new BuildRequestCancelled(1, "ann", "not needed ü"));
    }

    @Test
    void a_request_gets_another_priority() throws Exception {
        served.story.fire(List.of(), "abc", "linux");

        JsonNode answer =
                json(
                        send(
                                "/api/requests/1/priority",
                                "application/json",
                                "{\"priority\": -7, \"requestedBy\": \"ann\"}"));

        assertThat(answer.path("priority").asInt()).isEqualTo(-7);
        assertThat(lastOf(Streams.buildRequest(1)))
                .isEqualTo(new BuildRequestPriorityChanged(1, -7, "ann"));
    }

    private Won running(String builder) {
        Author b1 = register("b1", builder);
        served.story.fire(List.of(), "abc", builder);
        Won won = served.story.claim(b1, builder);
        served.story.start(b1, won);
        return won;
    }

    @Test
    void a_build_is_stopped_with_who_and_why() throws Exception {
        running("linux/arm");

        JsonNode answer =
                json(post("/api/builds/linux%2Farm/1/stop", "requestedBy=ann&reason=it+hangs"));

        assertThat(answer.path("requestId").asLong()).isEqualTo(1);
        assertThat(answer.path("results").asString()).isEqualTo("CANCELLED");
        assertThat(lastOf(Streams.buildRequest(1)))
                .isEqualTo(
                        new BuildRequestCancelled(
                                1, "ann", "build linux/arm/1 was stopped: it hangs"));
    }

    @Test
    void a_build_is_retried_with_who_and_why() throws Exception {
        running("linux");

        JsonNode answer =
                json(
                        send(
                                "/api/builds/linux/1/retry",
                                "application/json",
                                "{\"reason\": \"it hangs\", \"requestedBy\": \"ann\"}"));

        assertThat(answer.path("requestId").asLong()).isEqualTo(1);
        assertThat(answer.path("results").asString()).isEqualTo("RETRY");
        assertThat(lastOf(Streams.buildRequest(1)))
                .isEqualTo(new BuildRequestReleased(1, 1, "s", "it hangs", "ann"));
        served.project();
        assertThat(get("/builds/linux/1")).contains("retry asked for by ann: it hangs");
        assertThat(get("/requests/1")).contains("by s: retry asked for by ann: it hangs");
    }

    @Test
    void a_build_and_a_buildset_are_rebuilt_with_who_and_why() throws Exception {
        running("linux");

        JsonNode ofBuild = json(post("/api/builds/linux/1/rebuild", "requestedBy=ann&reason=why"));
        JsonNode ofBuildset = json(post("/api/buildsets/1/rebuild", ""));

        assertThat(ofBuild.path("buildsetId").asLong()).isEqualTo(2);
        assertThat(ofBuild.path("requestIds").path("linux").asLong()).isEqualTo(2);
        assertThat(ofBuild.path("rebuiltFrom").path("buildNumber").asLong()).isEqualTo(1);
        assertThat(((BuildsetSubmitted) lastOf(Streams.buildset(2))).rebuiltFrom())
                .isEqualTo(new RebuiltFrom(1, "linux", 1L, "ann"));
        assertThat(ofBuildset.path("buildsetId").asLong()).isEqualTo(3);
        assertThat(((BuildsetSubmitted) lastOf(Streams.buildset(3))).rebuiltFrom())
                .isEqualTo(new RebuiltFrom(1, null, null, "somebody"));
    }

    @ParameterizedTest
    @CsvSource({
        "builds/linux/9/stop, there is no build linux/9",
        "builds/mac/1/retry, there is no build mac/1",
        "builds/linux/9/rebuild, there is no build linux/9",
        "buildsets/9/rebuild, there is no buildset 9"
    })
    void a_build_that_is_unknown_is_a_404(String path, String problem) throws Exception {
        running("linux");

        HttpResponse<String> response = post("/api/" + path, "");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(detail(response)).isEqualTo(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    stop  | build linux/1 has ended already as SUCCESS: build successful
                    retry | build linux/1 has ended already as SUCCESS: build successful; rebuild has it built again
                    """)
    void a_build_that_has_ended_is_a_409_that_says_how(String command, String problem)
            throws Exception {
        served.story.fire(List.of(), "abc", "linux");
        served.story.build(new Author("b1", 1), "linux", Results.SUCCESS);
        served.project();

        HttpResponse<String> response = post("/api/builds/linux/1/" + command, "");

        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(detail(response)).isEqualTo(problem);
    }

    @ParameterizedTest
    @CsvSource({"cancel,''", "priority,priority=1"})
    void a_request_that_is_unknown_is_a_404_and_one_that_has_ended_a_409(
            String command, String form) throws Exception {
        served.story.fire(List.of(), "abc", "linux");
        served.story.build(new Author("b1", 1), "linux", Results.SUCCESS);

        HttpResponse<String> unknown = post("/api/requests/2/" + command, form);
        HttpResponse<String> ended = post("/api/requests/1/" + command, form);

        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(detail(unknown)).isEqualTo("there is no request 2");
        assertThat(ended.statusCode()).isEqualTo(409);
        assertThat(detail(ended)).isEqualTo("request 1 has ended already as SUCCESS");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    /api/masters/b1/drain    | now=perhaps             | now: is neither true nor false
                    /api/masters/b1/drain    | later=true              | later: there is no such field; known are now, requestedBy
                    /api/masters/b1/drain    | now=true&now=false      | now: is given twice
                    /api/requests/1/priority | ''                      | priority: is missing
                    /api/requests/1/priority | priority=high           | priority: is not a whole number
                    /api/requests/1/priority | priority=2147483648     | priority: is not a whole number
                    /api/requests/x/cancel   | ''                      | id: 'x' is not a number
                    /api/requests/1/cancel   | reason=a%0Ab            | reason: has a control character
                    /api/requests/1/cancel   | requestedBy=a%1Bb       | requestedBy: has a control character
                    /api/builds/linux/x/stop | ''                      | number: 'x' is not a number
                    /api/builds/linux/1/stop | why=x                   | why: there is no such field; known are reason, requestedBy
                    /api/buildsets/1/rebuild | reason=a%0Ab            | reason: has a control character
                    """)
    void a_field_that_is_wrong_is_told_by_its_name(String path, String form, String problem)
            throws Exception {
        register("b1", "linux");
        served.story.fire(List.of(), "abc", "linux");

        HttpResponse<String> response = post(path, form);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(detail(response)).startsWith(problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "{", "{\"now\": [true]}", "7", "{\"later\": 1}"})
    void json_that_is_no_object_of_known_fields_is_refused(String body) throws Exception {
        register("b1", "linux");

        assertThat(send("/api/masters/b1/drain", "application/json", body).statusCode())
                .isEqualTo(400);
    }

    @Test
    void a_form_that_is_broken_is_not_half_obeyed() throws Exception {
        served.story.fire(List.of(), "abc", "linux");

        HttpResponse<String> response = post("/api/requests/1/cancel", "reason=%ZZ");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(detail(response)).startsWith("body: ");
        assertThat(served.test.hasWork("linux")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/masters/b1/drain",
                "/api/masters/b1/undrain",
                "/api/requests/1/cancel",
                "/api/requests/1/priority?priority=1",
                "/api/builds/linux/1/stop",
                "/api/builds/linux/1/retry",
                "/api/builds/linux/1/rebuild",
                "/api/buildsets/1/rebuild"
            })
    void a_page_of_another_site_can_t_command(String path) throws Exception {
        running("linux");
        long before = served.test.count("SELECT COUNT(*) FROM event");

        for (String origin : List.of("http://evil.example", "null", "http://127.0.0.1:1")) {
            HttpResponse<String> response = post(path, "", "Origin", origin);

            assertThat(response.statusCode()).isEqualTo(403);
            assertThat(detail(response)).startsWith("Origin: '" + origin + "' is another site");
        }
        assertThat(served.test.count("SELECT COUNT(*) FROM event")).isEqualTo(before);
        // Of its own pages none is refused for that.
        assertThat(post(path, "", "Origin", served.url()).statusCode()).isEqualTo(200);
    }

    @Test
    void requests_that_no_living_master_would_claim_are_listed_and_counted() throws Exception {
        register("b1", "linux");
        served.story.fire(List.of(), "abc", "linux", "mac", "win");
        served.story.fire(List.of(), "def", "mac");
        served.project();

        JsonNode answer = new JsonMapper().readTree(get("/api/requests?unserved=true"));

        assertThat(answer.path("unserved").toString())
                .isEqualTo(
                        "[{\"builder\":\"mac\",\"requests\":2},{\"builder\":\"win\",\"requests\":1}]");
        assertThat(answer.path("requests").valueStream().map(it -> it.path("requestId").asLong()))
                .containsExactly(2L, 4L, 3L);
        assertThat(get("/"))
                .contains("For 2 of these builders no living master claims.")
                .contains("no living master has builder mac: start a builder master whose file")
                .doesNotContain("no living master has builder linux");
    }

    @Test
    void what_is_added_or_claimed_meanwhile_moves_no_list_that_is_read_by_parts() throws Exception {
        served.story.fire(List.of(), "abc", "linux", "mac");
        served.story.fire(List.of(), "def", "linux", "mac");
        served.project();
        JsonNode newest = page("/api/requests?limit=2");
        JsonNode offered = page("/api/requests?unserved=true&limit=1");
        assertThat(ids(newest)).containsExactly(4L, 3L);
        assertThat(ids(offered)).containsExactly(1L);

        served.story.fire(List.of(), "ghi", "linux");
        served.story.claim(register("b1", "win"), "linux");
        served.project();

        JsonNode older = page("/api/requests?limit=2&after=" + newest.path("next").asString());
        assertThat(ids(older)).containsExactly(2L, 1L);
        assertThat(older.path("next").isNull()).isTrue();
        JsonNode rest =
                page("/api/requests?unserved=true&after=" + offered.path("next").asString());
        assertThat(ids(rest)).containsExactly(3L, 5L, 2L, 4L);
        assertThat(rest.path("next").isNull()).isTrue();
    }

    private JsonNode page(String path) throws Exception {
        return new JsonMapper().readTree(get(path));
    }

    private static List<Long> ids(JsonNode answer) {
        return answer.path("requests")
                .valueStream()
                .map(it -> it.path("requestId").asLong())
                .toList();
    }

    @Test
    void a_builder_whose_only_master_drains_is_not_served() throws Exception {
        Author b1 = register("b1", "linux");
        served.story.fire(List.of(), "abc", "linux");
        assertThat(get("/api/requests")).contains("\"unserved\":[]");

        post("/api/masters/b1/drain", "");
        assertThat(get("/api/requests")).contains("{\"builder\":\"linux\",\"requests\":1}");
        post("/api/masters/b1/undrain", "");
        assertThat(get("/api/requests")).contains("\"unserved\":[]");

        served.registry.stop(b1);
        assertThat(get("/api/requests")).contains("{\"builder\":\"linux\",\"requests\":1}");
    }

    @Test
    void a_master_is_shown_with_what_it_holds() throws Exception {
        Author b1 = register("b1", "linux");
        served.story.fire(List.of(), "abc", "linux");
        served.story.claim(b1, "linux");

        JsonNode master = new JsonMapper().readTree(get("/api/masters/b1"));
        assertThat(master.path("claims").asLong()).isEqualTo(1);
        assertThat(master.path("drain").isNull()).isTrue();
        assertThat(get("/api/masters/b2")).contains("there is no master b2");
    }
}
