package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.scheduler.serving.buildbot.DescribedAnswers;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(ReplaceUnderscores.class)
class HiddenStepsTest {

    private static final Author B1 = new Author("b1", 1);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static ServedLog served;

    /** A build that goes on, of which the second step is hidden. */
    @BeforeAll
    static void begin() {
        served = new ServedLog();
        long change = served.story.change("a", "abc", "x");
        served.story.fire(List.of(change), "abc", "linux");
        Won won = served.story.claim(B1, "linux");
        served.story.start(B1, won);
        step(won, 1, "test", false);
        step(won, 2, "upload", true);
        served.project();
    }

    private static void step(Won won, int number, String name, boolean hidden) {
        long log = served.story.startStep(B1, won, number, name);
        served.story.write(log, 0, new Line(Source.STDOUT, "output of " + name));
        served.story.finishStep(B1, won, number, log, Results.SUCCESS, hidden);
    }

    @AfterAll
    static void end() {
        served.close();
    }

    private static String get(String path) throws Exception {
        HttpResponse<String> response =
                HTTP.send(
                        HttpRequest.newBuilder(URI.create(served.url() + path)).build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private static JsonNode json(String path) throws Exception {
        return new DescribedAnswers(served.url()).readOwn(path);
    }

    private static List<String> names(JsonNode answer) {
        return answer.path("steps").valueStream().map(it -> it.path("name").asString()).toList();
    }

    @Test
    void a_build_leaves_them_out_and_counts_them_unless_they_are_asked_for() throws Exception {
        JsonNode build = json("/api/builds/linux/1");
        JsonNode whole = json("/api/builds/linux/1?hidden=true");

        assertThat(names(build)).containsExactly("test");
        assertThat(build.path("hiddenSteps").asInt()).isEqualTo(1);
        assertThat(names(whole)).containsExactly("test", "upload");
        assertThat(whole.path("hiddenSteps").asInt()).isEqualTo(1);
        assertThat(whole.path("steps").path(1).path("hidden").asBoolean()).isTrue();
    }

    @Test
    void their_logs_are_listed_and_told_apart() throws Exception {
        JsonNode logs = json("/api/builds/linux/1/logs").path("logs");

        assertThat(logs.valueStream().map(it -> it.path("hidden").asBoolean()))
                .containsExactly(false, true);
    }

    @Test
    void a_page_leaves_them_out_and_links_to_them() throws Exception {
        for (String page : List.of("/builds/linux/1", "/builds/linux/1/status")) {
            assertThat(get(page))
                    .contains(
                            "<a href=\"/builds/linux/1?hidden=true\">1 hidden step</a>",
                            "hx-get=\"/builds/linux/1/status?hidden=false\"")
                    .doesNotContain("upload");
        }
        assertThat(get("/builds/linux/1")).contains("output of test", "data-hidden=\"false\"");
    }

    @Test
    void a_page_shows_them_if_they_are_asked_for() throws Exception {
        for (String page : List.of("/builds/linux/1", "/builds/linux/1/status")) {
            assertThat(get(page + "?hidden=true"))
                    .contains(
                            "<a href=\"/builds/linux/1\">Leave out 1 hidden step</a>",
                            "hx-get=\"/builds/linux/1/status?hidden=true\"",
                            ">upload</a> <span class=\"quiet\">hidden</span>");
        }
        assertThat(get("/builds/linux/1?hidden=true"))
                .contains("output of upload", "data-hidden=\"true\"");
    }
}
