package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.mastering.BuilderDescription;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry.Registration;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SearchPagesTest {

    private final ServedLog served = new ServedLog(List.of());
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void write() {
        Author b1 =
                served.registry.register(
                        new Registration(
                                "b1",
                                "builder",
                                "host",
                                1,
                                Duration.ofSeconds(30),
                                Map.of("linux", "aaa", "linux-arm", "bbb"),
                                null));
        served.story.change("Ann <ann@example.org>", "deadbeef01", "<b>One</b>");
        served.story.change("bob", "deadbeef02", "Two");
        long last = served.story.change("bob", "f%_f\\01", "Three");
        served.story.fire(List.of(last), "f%_f\\01", "linux");
        served.story.build(b1, "linux", Results.FAILURE);
        served.project();
    }

    @AfterEach
    void close() {
        http.close();
        served.close();
    }

    private HttpResponse<String> search(String text) throws Exception {
        return http.send(
                HttpRequest.newBuilder(
                                URI.create(
                                        served.url()
                                                + "/search?q="
                                                + URLEncoder.encode(text, StandardCharsets.UTF_8)))
                        .build(),
                BodyHandlers.ofString());
    }

    @ParameterizedTest
    @CsvSource({
        "linux/1, /builds/linux/1",
        "-arm, /builders/linux-arm",
        "LINUX-A, /builders/linux-arm",
        "deadbeef02, /changes/2",
        "f%_f, /changes/3",
        "' #2 ', /changes/2",
        "bob, /audit/user/bob"
    })
    void what_is_one_thing_is_gone_to(String text, String path) throws Exception {
        HttpResponse<String> response = search(text);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(302);
        assertThat(URI.create(response.headers().firstValue("Location").orElseThrow()).getPath())
                .isEqualTo(path);
    }

    @Test
    void of_several_things_each_is_told() throws Exception {
        assertThat(search("1").body())
                .contains("href=\"/changes/1\"", "href=\"/requests/1\"", "linux, FAILURE");
        assertThat(search("dead").body())
                .contains("href=\"/changes/1\"", "href=\"/changes/2\"", "&lt;b&gt;One&lt;/b&gt;")
                .doesNotContain("<b>One", "ann@example.org");
        assertThat(search("linux").body())
                .contains("href=\"/builders/linux\"", "href=\"/builders/linux-arm\"");
    }

    @Test
    void a_builder_that_no_master_has_is_found_by_what_waits_or_was_built() throws Exception {
        served.story.fire(List.of(), "r", "former");
        served.story.build(new Author("b1", 1), "former", Results.SUCCESS);
        served.story.fire(List.of(), "r", "orphan");
        served.project();

        assertThat(search("forme").headers().firstValue("Location").orElse(""))
                .endsWith("/builders/former");
        assertThat(search("orphan").headers().firstValue("Location").orElse(""))
                .endsWith("/builders/orphan");
        assertThat(search("r").body())
                .contains(">former<", ">orphan<", ">linux-arm<", "no living master has it");
    }

    @Test
    void of_many_the_first_are_shown_and_it_is_said_that_there_are_more() throws Exception {
        served.registry.register(
                new Registration(
                        "b2",
                        "builder",
                        "host",
                        1,
                        Duration.ofSeconds(30),
                        IntStream.range(100, 151)
                                .boxed()
                                .collect(Collectors.toMap(i -> "p" + i, _ -> "f")),
                        new Descriptions(
                                Map.of(
                                        "p100",
                                        new BuilderDescription(
                                                List.of("slow"), "Builds it all", "app", null)),
                                Map.of()),
                        null));

        assertThat(search("p1").body())
                .contains(
                        "these are the first 50 of kind builder",
                        "Builds it all; project app; tags slow",
                        ">p149<")
                .doesNotContain(">p150<");
        assertThat(search("p14").body()).contains(">p149<").doesNotContain("There is more");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nothing",
                "dea",
                "%%%%",
                "f__f",
                "linux/9",
                "linux/99999999999999999999",
                "<script>"
            })
    void what_is_not_there_is_said_with_what_can_be_found(String text) throws Exception {
        HttpResponse<String> response = search(text);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .contains("Nothing is called", "by a part of their names")
                .doesNotContain("<script>");
    }

    @Test
    void who_looks_for_nothing_is_told_what_can_be_found() throws Exception {
        assertThat(search(" ").body())
                .contains("by a part of their names")
                .doesNotContain("Nothing is called");
    }
}
