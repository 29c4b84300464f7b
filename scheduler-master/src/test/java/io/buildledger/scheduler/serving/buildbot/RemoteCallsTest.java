package io.buildledger.scheduler.serving.buildbot;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.attaching.WorkerRoster;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.RebuiltFrom;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.log.Author;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestOrders;
import io.buildledger.testing.TestStory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What Buildbot's clients call, each in the log afterwards with who asked for it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RemoteCallsTest {

    private static final String FORCE =
            """
            schedulers:
              - force:
                  name: force
                  builder_names: [linux]
                  parameters: [int: {name: jobs, default: 1, max: 8}]
            builders:
              - {name: linux, worker_names: [w1], factory: [shell: {command: make}]}
            workers: [name: w1]
            """;

    private static final String SCHEDULER =
            """
            INSERT INTO scheduler_status
                   (name, type, last_sequence, enabled, pending, firings, fires_at, renamed_to, master)
            VALUES ('main', 'single_branch', 0, TRUE, 0, 1, NULL, NULL, 'b1')
            """;

    private static final int LINES = 10_001;

    private static ServedLog served;
    private static DescribedAnswers client;

    private static final SourceStamp PATCHED =
            new SourceStamp(
                    "r", "main", "abc", "", "", new Patch("--- a\n+++ b\n", 1, "ann", "why", ""));

    /** Request 1 is built, and 2 to 6 wait; the last one is of a patch. */
    @BeforeAll
    static void begin() throws Exception {
        served = new ServedLog(ServedLog.file(FORCE).schedulers());
        Author b1 = served.registry.register(TestMasters.builder("b1"));
        new WorkerRoster(served.test.log, served.test.dataSource)
                .list(b1, List.of(new Listed("far", true, false, 1)));
        served.test.jdbc.sql(SCHEDULER).update();
        for (int i = 0; i < 5; i++) {
            served.story.fire(List.of(), "abc", "linux");
        }
        served.test.log.inTransaction(() ->
                served.test.buildsets.submit(
                        TestStory.SCHEDULER,
                        "scheduler/main/0",
                        TestOrders.of(6, List.of(), PATCHED, 0, null, "linux"),
                        TestStory.NOON));
        Won won = served.story.claim(b1, "linux");
        served.story.start(b1, won);
        long log = served.story.startStep(b1, won, 1, "make");
        served.story.write(
                log,
                0,
                Collections.nCopies(LINES, new Line(Source.STDOUT, "x")).toArray(Line[]::new));
        served.project();
        client = new DescribedAnswers(served.url());
    }

    @AfterAll
    static void end() {
        served.close();
    }

    private static HttpResponse<String> post(String path, String method, String params)
            throws Exception {
        return client.post(
                "/api/v2" + path,
                """
                {"jsonrpc": "2.0", "id": 7, "method": "%s", "params": %s}
                """
                        .formatted(method, params));
    }

    private static JsonNode call(String path, String method, String params) throws Exception {
        HttpResponse<String> response = post(path, method, params);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode answer = client.require("post", "/api/v2" + path, response);
        assertThat(answer.path("id").asInt()).isEqualTo(7);
        assertThat(answer.path("jsonrpc").asString()).isEqualTo("2.0");
        return answer.path("result");
    }

    private static Object lastOf(String stream) {
        return served.test.log.read(stream).getLast().event();
    }

    @Test
    void a_build_is_built_once_more_and_stopped() throws Exception {
        JsonNode rebuilt = call("/builds/1001", "rebuild", "{\"owner\": \"ann\"}");

        assertThat(lastOf("buildset/" + rebuilt.path(0).asLong()))
                .isInstanceOfSatisfying(
                        BuildsetSubmitted.class,
                        it ->
                                assertThat(it.rebuiltFrom())
                                        .extracting(RebuiltFrom::requestedBy)
                                        .isEqualTo("ann"));
        assertThat(rebuilt.path(1)).hasSize(1);
        assertThat(
                        call(
                                        "/builders/linux/builds/1",
                                        "stop",
                                        "{\"owner\": \"ann\", \"reason\": \"no\"}")
                                .isNull())
                .isTrue();
        assertThat(lastOf("build-request/1"))
                .isInstanceOfSatisfying(
                        BuildRequestCancelled.class,
                        it -> {
                            assertThat(it.cancelledBy()).isEqualTo("ann");
                            assertThat(it.reason()).endsWith(": no");
                        });
        HttpResponse<String> again = post("/builds/1001", "stop", "{}");
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(new JsonMapper().readTree(again.body()).at("/error/message").asString())
                .contains("CANCELLED");
    }

    @Test
    void a_request_is_cancelled_or_goes_before_others() throws Exception {
        call("/buildrequests/2", "cancel", "{\"username\": \"ann\"}");
        call("/buildrequests/3", "set_priority", "{\"priority\": 5, \"owner\": \"bob\"}");

        assertThat(lastOf("build-request/2")).isInstanceOf(BuildRequestCancelled.class);
        assertThat(lastOf("build-request/3"))
                .isInstanceOfSatisfying(
                        BuildRequestPriorityChanged.class,
                        it -> assertThat(it.changedBy()).isEqualTo("bob"));
    }

    @Test
    void a_build_is_forced_and_what_is_wrong_with_the_form_is_told() throws Exception {
        call(
                "/forceschedulers/force",
                "force",
                "{\"builderid\": \"linux\", \"owner\": \"ann\", \"reason\": \"why\", \"jobs\": 2}");

        assertThat(lastOf("scheduler-command/force"))
                .isInstanceOfSatisfying(
                        BuildForced.class,
                        it -> {
                            assertThat(it.requestedBy()).isEqualTo("ann");
                            assertThat(it.properties().get("jobs"))
                                    .hasToString("Property[value=2, source=Force Build Form]");
                        });
        HttpResponse<String> refused =
                post("/forceschedulers/force", "force", "{\"jobs\": 9, \"other\": 1}");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("jobs: ", "other: ", "\"code\"");
    }

    @Test
    void a_scheduler_is_switched_and_a_worker_rests() throws Exception {
        call("/schedulers/main", "enable", "{\"enabled\": false, \"owner\": \"ann\"}");
        call("/workers/far", "pause", "{\"reason\": \"hot\", \"owner\": \"ann\"}");

        assertThat(lastOf("scheduler-command/main"))
                .isInstanceOfSatisfying(
                        SchedulerSwitched.class,
                        it -> assertThat(it.requestedBy()).isEqualTo("ann"));
        assertThat(lastOf("worker/far")).isInstanceOf(WorkerPaused.class);
        assertThat(client.read("/workers/far").at("/workers/0/paused").asBoolean()).isTrue();
        call("/workers/far", "unpause", "{}");
        assertThat(client.read("/workers/far").at("/workers/0/paused").asBoolean()).isFalse();
        assertThat(post("/workers/far", "stop", "{}").statusCode()).isEqualTo(409);
    }

    @Test
    void lines_of_a_long_log_say_where_more_are_behind_them() throws Exception {
        String contents = "/builds/1001/steps/1/logs/stdio/contents";

        assertThat(client.read(contents).at("/meta/incomplete").asBoolean()).isTrue();
        assertThat(client.read(contents + "?limit=7").path("meta")).isEmpty();
        assertThat(client.read(contents + "?offset=10000").path("meta")).isEmpty();
    }

    @Test
    void a_patch_is_told_of_one_thing_and_without_its_body_in_a_list() throws Exception {
        JsonNode inList = client.read("/buildsets?bsid=6").at("/buildsets/0/sourcestamps/0");
        JsonNode stamp = client.read("/sourcestamps/" + inList.path("ssid").asLong());

        assertThat(inList.at("/patch/author").asString()).isEqualTo("ann");
        assertThat(inList.at("/patch/body").isNull()).isTrue();
        assertThat(stamp.at("/sourcestamps/0/patch/body").asString()).startsWith("--- a");
        assertThat(client.read("/buildsets/6").at("/buildsets/0/sourcestamps/0"))
                .isEqualTo(stamp.at("/sourcestamps/0"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/buildrequests/4 | explode | {} | 501 | cancel, set_priority",
                "/buildrequests/99 | cancel | {} | 404 | there is no build request 99",
                "/buildrequests/4 | set_priority | {} | 400 | priority",
                "/buildrequests/4 | cancel | [] | 400 | params",
                "/schedulers/main | enable | {} | 400 | enabled",
                "/forceschedulers/force | force | {\"builderid\": 3} | 400 | builderid",
                "/builds/99001 | stop | {} | 404 | there is no build",
                "/builds/x | stop | {} | 404 | not a number"
            })
    void what_cannot_be_done_is_an_error_that_says_so(
            String path, String method, String params, int status, String what) throws Exception {
        HttpResponse<String> response = post(path, method, params);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        JsonNode answer = new JsonMapper().readTree(response.body());
        assertThat(answer.at("/error/message").asString()).contains(what);
        assertThat(answer.at("/error/code").isInt()).isTrue();
        assertThat(answer.path("jsonrpc").asString()).isEqualTo("2.0");
    }

    private static HttpResponse<String> cancel(long request, String... headers) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                served.url() + "/api/v2/buildrequests/" + request))
                                .headers(headers)
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                """
                                                {"jsonrpc": "2.0", "id": 7, "method": "cancel"}
                                                """))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void what_is_done_is_answered_as_json_whatever_is_accepted() throws Exception {
        HttpResponse<String> response =
                cancel(
                        5,
                        "Content-Type",
                        "application/json; charset=utf-8",
                        "Accept",
                        "application/json-rpc");

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(lastOf("build-request/5")).isInstanceOf(BuildRequestCancelled.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "x"})
    void a_call_that_is_not_sent_as_json_is_refused(String type) throws Exception {
        HttpResponse<String> response = cancel(4, "Content-Type", type);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(new JsonMapper().readTree(response.body()).at("/error/message").asString())
                .startsWith("Content-Type");
        assertThat(lastOf("build-request/4")).isNotInstanceOf(BuildRequestCancelled.class);
    }

    @Test
    void what_is_no_call_is_refused() throws Exception {
        for (String body : List.of("", "x", "[]", "{}", "{\"jsonrpc\": \"2.0\"}")) {
            HttpResponse<String> response = client.post("/api/v2/buildrequests/4", body);
            assertThat(response.statusCode()).as(body).isEqualTo(400);
            assertThat(response.body()).contains("\"error\"", "body: ");
        }
    }
}
