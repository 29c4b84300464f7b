package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.testing.TestMasters;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LogLinesTest {

    private final ServedLog served = new ServedLog(List.of());
    private final HttpClient http = HttpClient.newHttpClient();

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

    @Test
    void a_page_and_what_follows_on_it_show_the_same_of_what_a_terminal_would() throws Exception {
        Author b1 = served.registry.register(TestMasters.builder("b1"));
        served.story.fire(List.of(), "r", "linux");
        Won won = served.story.claim(b1, "linux");
        served.story.start(b1, won);
        long log = served.story.startStep(b1, won, 1, "test");
        served.story.write(
                log,
                0,
                new Line(Source.STDOUT, "\u001b[31m<b>red\u001b[0m & plain", false),
                new Line(Source.STDERR, "cut", true));
        served.project();
        String lines =
                """
                <code id="L1-stdio-1" class="stdout"><a class="at" aria-hidden="true" tabindex="-1" href="#L1-stdio-1" data-number="1"></a><span class="front-red">&lt;b&gt;red</span> &amp; plain</code>\
                <code id="L1-stdio-2" class="stderr" data-partial="true"><a class="at" aria-hidden="true" tabindex="-1" href="#L1-stdio-2" data-number="2"></a>cut</code>\
                """;

        assertThat(get("/builds/linux/1").body())
                .contains(lines)
                .contains("data-lines=\"/builds/linux/1/lines\"")
                .doesNotContain("<template", "<b>red");
        assertThat(get("/builds/linux/1/lines/1/stdio").body())
                .isEqualToNormalizingNewlines(
                        "<div data-next=\"2\" data-complete=\"false\" data-full=\"false\">"
                                + lines
                                + "</div>");
        assertThat(get("/builds/linux/1/lines/1/stdio?from=2").body())
                .contains("data-next=\"2\"", "data-full=\"false\"");
        assertThat(get("/builds/linux/1/text/1/stdio").body())
                .isEqualTo("\u001b[31m<b>red\u001b[0m & plain\ncut");
        assertThat(get("/builds/linux/1/text/1/stdio").headers().firstValue("Content-Type"))
                .hasValueSatisfying(it -> assertThat(it).startsWith("text/plain"));
        assertThat(get("/builds/linux/1/text/1/other").statusCode()).isEqualTo(404);
        assertThat(get("/builds/linux/1/lines/1/other").statusCode()).isEqualTo(404);
        assertThat(get("/builds/linux/9/lines/1/stdio").statusCode()).isEqualTo(404);
        assertThat(get("/builds/linux/1/lines/1/stdio?from=x").statusCode()).isEqualTo(400);
    }

    @Test
    void a_page_has_so_many_lines_of_all_logs_together_and_says_where_to_read_on()
            throws Exception {
        Author b1 = served.registry.register(TestMasters.builder("b1"));
        served.story.fire(List.of(), "r", "linux");
        Won won = served.story.claim(b1, "linux");
        served.story.start(b1, won);
        for (int step = 1; step <= 4; step++) {
            long log = served.story.startStep(b1, won, step, "test");
            served.story.write(
                    log,
                    0,
                    IntStream.range(0, step == 1 ? 5 : LogExcerpt.LINES_OF_PAGE)
                            .mapToObj(line -> new Line(Source.STDOUT, "line " + line, false))
                            .toArray(Line[]::new));
            served.story.finishStep(b1, won, step, log, Results.SUCCESS);
        }
        served.project();

        assertThat(get("/builds/linux/1").body())
                .contains(
                        "data-step=\"1\" data-name=\"stdio\" data-next=\"5\" data-complete=\"true\"")
                .contains(
                        "data-step=\"4\" data-name=\"stdio\" data-next=\"250\" data-complete=\"false\"")
                .contains("id=\"L4-stdio-250\"")
                .doesNotContain("id=\"L4-stdio-251\"");
        assertThat(get("/builds/linux/1/lines/4/stdio?from=250").body())
                .contains("id=\"L4-stdio-251\"", "data-complete=\"true\"");
    }
}
