package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.steplog.StepLogs;
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
                .contains(
                        "data-build=\"/builds/linux/1\"",
                        "action=\"/builds/linux/1/search/1/stdio\"")
                .doesNotContain("<template", "<b>red");
        assertThat(get("/builds/linux/1/lines/1/stdio").body())
                .isEqualToNormalizingNewlines(
                        "<div data-first=\"0\" data-next=\"2\" data-written=\"true\" data-more=\"false\">"
                                + lines
                                + "</div>");
        assertThat(get("/builds/linux/1/lines/1/stdio?from=2").body())
                .contains("data-first=\"2\" data-next=\"2\"", "data-more=\"false\"");
        assertThat(get("/builds/linux/1/text/1/stdio").body())
                .isEqualTo("\u001b[31m<b>red\u001b[0m & plain\ncut");
        assertThat(get("/builds/linux/1/text/1/stdio").headers().firstValue("Content-Type"))
                .hasValueSatisfying(it -> assertThat(it).startsWith("text/plain"));
        assertThat(get("/builds/linux/1/text/1/stdio").headers().firstValue("Content-Disposition"))
                .isEmpty();
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
                        "data-step=\"1\" data-name=\"stdio\" data-first=\"0\" data-next=\"5\" data-written=\"false\" data-more=\"false\"")
                .contains(
                        "data-step=\"4\" data-name=\"stdio\" data-first=\"0\" data-next=\"250\" data-written=\"false\" data-more=\"true\"")
                .contains("id=\"L4-stdio-250\"")
                .doesNotContain("id=\"L4-stdio-251\"");
        assertThat(get("/builds/linux/1/lines/4/stdio?from=250").body())
                .contains("id=\"L4-stdio-251\"", "data-more=\"false\"");
    }

    /** A log of a build that runs, or the build has failed. */
    private void log(boolean isWritten, String step, Line... lines) {
        Author b1 = served.registry.register(TestMasters.builder("b1"));
        served.story.fire(List.of(), "r", "linux");
        Won won = served.story.claim(b1, "linux");
        served.story.start(b1, won);
        long log = served.story.startStep(b1, won, 1, step);
        served.story.write(log, 0, lines);
        if (!isWritten) {
            served.story.finishStep(b1, won, 1, log, Results.FAILURE);
        }
        served.project();
    }

    private static Line[] lines(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(line -> new Line(Source.STDOUT, "line " + line, false))
                .toArray(Line[]::new);
    }

    @Test
    void a_long_log_has_its_beginning_on_the_page_and_any_other_lines_are_a_question_away()
            throws Exception {
        log(false, "test", lines(2_500));

        assertThat(get("/builds/linux/1").body())
                .contains("id=\"L1-stdio-1\"", "id=\"L1-stdio-1000\"", "data-more=\"true\"")
                .doesNotContain("id=\"L1-stdio-1001\"");
        assertThat(get("/builds/linux/1/lines/1/stdio?from=1500&limit=2").body())
                .contains(
                        "data-first=\"1500\" data-next=\"1502\" data-written=\"false\" data-more=\"true\"")
                .contains("id=\"L1-stdio-1501\"", "id=\"L1-stdio-1502\"")
                .doesNotContain("id=\"L1-stdio-1503\"");
        assertThat(get("/builds/linux/1/lines/1/stdio?last=true").body())
                .contains(
                        "data-first=\"1500\" data-next=\"2500\" data-written=\"false\" data-more=\"false\"");
        assertThat(get("/builds/linux/1/lines/1/stdio?from=-1&limit=0").body())
                .contains("data-first=\"0\" data-next=\"1\"");
        assertThat(get("/builds/linux/1/lines/1/stdio?from=" + Long.MAX_VALUE).body())
                .doesNotContain("<code");
    }

    @Test
    void a_log_that_is_still_written_has_its_end_on_the_page() throws Exception {
        log(true, "test", lines(2_500));

        assertThat(get("/builds/linux/1").body())
                .contains(
                        "data-first=\"1500\" data-next=\"2500\" data-written=\"true\" data-more=\"false\"")
                .contains("id=\"L1-stdio-1501\"", "id=\"L1-stdio-2500\"")
                .doesNotContain("id=\"L1-stdio-1500\"");
    }

    @Test
    void a_log_is_downloaded_as_a_file_whose_name_every_system_takes() throws Exception {
        log(false, "../te\"st\r\n: ü", new Line(Source.STDOUT, "one", false));

        HttpResponse<String> file = get("/builds/linux/1/text/1/stdio?download=true");

        assertThat(file.headers().firstValue("Content-Disposition"))
                .contains("attachment; filename=\"linux-1-_te_st_-stdio.txt\"");
        assertThat(file.body()).isEqualTo("one\n");
    }

    @Test
    void lines_are_found_by_a_text_as_a_terminal_shows_them_and_are_nothing_but_text()
            throws Exception {
        log(
                true,
                "test",
                new Line(Source.STDOUT, "no", false),
                new Line(
                        Source.STDERR,
                        "an \u001b[31mER\u001b[1mror\u001b[0m <b>&amp;\u202e",
                        false),
                new Line(Source.STDOUT, "a long er", true),
                new Line(Source.STDOUT, "ror", false),
                new Line(Source.STDOUT, "x".repeat(500) + "ERROR", false));

        String found = get("/builds/linux/1/search/1/stdio?q=Error").body();

        assertThat(found)
                .contains("3 lines</span> of <span>1 to 5</span>", "The log is still written.")
                .contains(
                        """
                        href="/builds/linux/1#L1-stdio-2" aria-label="line 2" data-number="2"></a>an <mark>ERror</mark> &lt;b&gt;&amp;amp;\ufffd</code>\
                        """)
                .contains("#L1-stdio-3\"", "a long <mark>error</mark></code>")
                .contains("…" + "x".repeat(120) + "<mark>ERROR</mark></code>")
                .doesNotContain("\u001b", "Search on");
        assertThat(get("/builds/linux/1/search/1/stdio?q=%22%3E%3Cscript%3E&from=4").body())
                .contains("No line</span> of <span>5 to 5</span>")
                .contains("value=\"&quot;&gt;&lt;script&gt;\"")
                .doesNotContain("\"><script>");
        assertThat(get("/builds/linux/1/search/1/stdio").body())
                .doesNotContain("class=\"summary\"");
        assertThat(get("/builds/linux/1/search/1/other?q=x").statusCode()).isEqualTo(404);
        assertThat(get("/builds/linux/1/search/1/stdio?q=" + "x".repeat(101)).statusCode())
                .isEqualTo(400);
    }

    @Test
    void a_search_says_where_it_has_stopped() throws Exception {
        log(false, "test", lines(250));

        String found = get("/builds/linux/1/search/1/stdio?q=line+").body();

        assertThat(found)
                .contains("100 lines</span> of <span>1 to 100</span>", "The search stopped there")
                .contains("href=\"/builds/linux/1/search/1/stdio?q=line%20&amp;from=100\"");
        assertThat(get("/builds/linux/1/search/1/stdio?q=line+&from=200").body())
                .contains("50 lines</span> of <span>201 to 250</span>")
                .doesNotContain("Search on");
    }

    @Test
    void a_search_reads_so_much_of_a_log_at_once_and_no_more() {
        Line line = new Line(Source.STDOUT, "x".repeat(LogSearch.ENOUGH_TEXT / 4), false);
        LogSearch found =
                LogSearch.of(from -> new StepLogs.Page(List.of(line), from + 1, false), "y", 7);
        LogSearch ofShort =
                LogSearch.of(
                        from ->
                                new StepLogs.Page(
                                        List.of(new Line(Source.STDOUT, "", false)),
                                        from + 1,
                                        false),
                        "y",
                        0);

        assertThat(found).isEqualTo(new LogSearch(List.of(), 7, 11, false));
        assertThat(ofShort).isEqualTo(new LogSearch(List.of(), 0, 100, false));
    }
}
