package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.Property;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.serving.buildbot.DescribedAnswers;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SchedulersTest {

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

    private HttpResponse<String> post(String path, String json) throws Exception {
        HttpResponse<String> response =
                http.send(
                        HttpRequest.newBuilder(URI.create(served.url() + "/api/schedulers" + path))
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(json))
                                .build(),
                        BodyHandlers.ofString());
        new DescribedAnswers(served.url()).require("post", "/api/schedulers" + path, response);
        return response;
    }

    private HttpResponse<String> get(String path) throws Exception {
        return getApi("/schedulers" + path);
    }

    private HttpResponse<String> getApi(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(served.url() + "/api" + path)).build(),
                BodyHandlers.ofString());
    }

    private static JsonNode answer(int status, HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return new JsonMapper().readTree(response.body());
    }

    @Test
    void schedulers_are_listed_by_name_with_what_they_wait_for() throws Exception {
        JsonNode schedulers = answer(200, get("")).path("schedulers");

        assertThat(schedulers.findValuesAsString("name")).containsExactly("force", "main", "try");
        assertThat(schedulers.findValuesAsString("type"))
                .containsExactly("force", "single_branch", "try");
        assertThat(schedulers.path(1).path("pending").asInt()).isZero();
    }

    @Test
    void a_form_tells_its_fields_and_builds_what_is_entered() throws Exception {
        JsonNode form = answer(200, get("/force/form"));
        assertThat(form.path("needsReason").asBoolean()).isTrue();
        assertThat(form.path("fields").path(0).path("name").asString()).isEqualTo("jobs");
        assertThat(form.path("fields").path(0).path("type").asString()).isEqualTo("int");

        JsonNode asked =
                answer(
                        200,
                        post(
                                "/force/force",
                                "{\"requestedBy\":\"me\",\"reason\":\"because\",\"jobs\":2}"));
        assertThat(asked.path("done").asBoolean()).isTrue();
        assertThat(asked.path("buildsetId").asLong()).isEqualTo(1);
        assertThat(asked.path("requestIds").path("linux").asLong()).isEqualTo(1);
    }

    @Test
    void what_a_buildset_is_of_is_told_and_what_else_is_of_the_same() throws Exception {
        answer(200, post("/force/force", "{\"reason\":\"because\",\"jobs\":2}"));
        answer(200, post("/force/force", "{\"reason\":\"again\",\"jobs\":3}"));
        served.project();

        JsonNode stamp =
                answer(200, getApi("/buildsets/2/sourcestamps")).path("sourceStamps").path(0);
        JsonNode same = answer(200, getApi("/sourcestamps/" + stamp.path("id").asString()));

        assertThat(same.path("sourceStamp")).isEqualTo(stamp);
        assertThat(same.path("buildsets").toString()).isEqualTo("[2,1]");
        answer(404, getApi("/sourcestamps/nothing"));
        answer(404, getApi("/sourcestamps/%C3%A9"));
        answer(404, getApi("/buildsets/99/sourcestamps"));
    }

    @Test
    void all_fields_that_are_wrong_are_told_at_once() throws Exception {
        JsonNode fields =
                answer(400, post("/force/force", "{\"jobs\":99,\"nonsense\":1}")).path("fields");

        assertThat(fields.propertyNames()).contains("jobs", "nonsense", "reason");
        assertThat(served.test.count("SELECT COUNT(*) FROM event WHERE type = 'build-forced'"))
                .isZero();
    }

    @Test
    void what_is_not_there_or_of_another_type_is_told() throws Exception {
        for (String what : new String[] {"force", "try", "enable", "disable"}) {
            answer(404, post("/nothing/" + what, "{}"));
        }
        answer(404, get("/nothing/form"));
        answer(400, get("/main/form"));
        answer(400, post("/main/force", "{}"));
        answer(400, post("/force/try", "{}"));
    }

    @Test
    void disabling_and_enabling_twice_is_done_once() throws Exception {
        for (String what : new String[] {"disable", "disable", "enable", "enable"}) {
            JsonNode asked = answer(200, post("/main/" + what, "{\"requestedBy\":\"me\"}"));
            assertThat(asked.path("done").asBoolean()).isTrue();
        }

        assertThat(served.test.log.read(Streams.schedulerCommand("main"))).hasSize(2);
    }

    @Test
    void a_patch_is_tried_on_its_revision() throws Exception {
        JsonNode asked =
                answer(
                        200,
                        post(
                                "/try/try",
                                "{\"requestedBy\":\"me\",\"comment\":\"why\",\"revision\":\"abc\",\"patch\":\"--- a\",\"properties\":{\"x\":1}}"));

        long buildset = asked.path("buildsetId").asLong();
        assertThat(served.test.log.read(Streams.buildset(buildset)).getFirst().event())
                .isInstanceOfSatisfying(
                        BuildsetSubmitted.class,
                        it -> {
                            assertThat(it.sourceStamps().getFirst().revision()).isEqualTo("abc");
                            assertThat(it.sourceStamps().getFirst().patch())
                                    .isEqualTo(new Patch("--- a", 1, "me", "why", ""));
                            assertThat(it.properties())
                                    .containsEntry("x", new Property(1, "try build"));
                        });
        answer(400, post("/try/try", "{\"patch\":\"\"}"));
        answer(400, post("/try/try", "{\"patch\":\"x\",\"builder_names\":[\"elsewhere\"]}"));
        answer(400, post("/try/try", "{\"patch\":\"x\",\"builder_names\":[\"linux\",\"linux\"]}"));
        answer(400, post("/try/try", "{\"patch\":\"x\",\"codebase\":\" \"}"));
    }
}
