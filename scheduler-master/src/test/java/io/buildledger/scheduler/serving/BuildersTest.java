package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.mastering.BuilderDescription;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.domain.mastering.ProjectDescription;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.scheduler.serving.buildbot.DescribedAnswers;
import io.buildledger.testing.TestStory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BuildersTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String TOLD = "b1 aaa, b2 bbb";

    private final ServedLog served = new ServedLog(List.of());
    private long requestId;

    /** Two masters that differ in one builder, of which one request was built and one waits. */
    @BeforeEach
    void begin() {
        Author b1 = register("b1", Map.of("linux", "aaa", "docs", "ddd"), Descriptions.NONE);
        register(
                "b2",
                Map.of("linux", "bbb", "docs", "ddd"),
                new Descriptions(
                        Map.of(
                                "docs",
                                new BuilderDescription(
                                        List.of("slow", "a&b"),
                                        "<b>makes</b>\nmore",
                                        "app",
                                        "next_build: newest_first")),
                        Map.of(
                                "app",
                                new ProjectDescription("<i>it</i>", "https://example.org/app"))));
        served.story.fire(List.of(), "r", "linux");
        Won won = served.story.claim(b1, "linux");
        served.story.start(b1, won);
        served.story.complete(b1, won, Results.SUCCESS, "");
        served.story.fire(List.of(), "r", "linux");
        requestId = won.claim().requestId() + 1;
        served.project();
    }

    @AfterEach
    void end() {
        served.close();
    }

    private Author register(
            String name, Map<String, String> fingerprints, Descriptions descriptions) {
        return served.registry.register(
                new Registration(
                        name,
                        "builder",
                        "host",
                        1,
                        Duration.ofSeconds(30),
                        fingerprints,
                        descriptions,
                        null));
    }

    private String get(String path) throws Exception {
        HttpResponse<String> response =
                HTTP.send(
                        HttpRequest.newBuilder(URI.create(served.url() + path)).build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private JsonNode json(String path) throws Exception {
        return new DescribedAnswers(served.url()).readOwn(path);
    }

    @Test
    void a_page_has_a_hundred_builders_and_leads_to_the_further_ones() throws Exception {
        register(
                "b3",
                IntStream.range(100, 250).boxed().collect(Collectors.toMap(i -> "p" + i, _ -> "f")),
                Descriptions.NONE);

        assertThat(get("/builders"))
                .contains("1 to 100 of 152 builders", ">p197<", "\"/builders?skip=100\"")
                .contains("hx-get=\"/sections/builders\"")
                .doesNotContain(">p198<", "The first builders");
        assertThat(get("/builders?skip=100"))
                .contains("101 to 152 of 152 builders", ">p198<", ">p249<", "The first builders")
                .contains("hx-get=\"/sections/builders?skip=100\"")
                .doesNotContain(">p197<", "Further builders");
        assertThat(get("/builders?skip=-1&tag=slow")).contains(">docs<").doesNotContain("Further");
        assertThat(get("/builders?skip=999")).contains("1 to 100 of 152 builders");
    }

    @Test
    void the_waterfall_goes_back_and_tells_what_its_marks_mean() throws Exception {
        assertThat(get("/waterfall"))
                .contains("linux/1 SUCCESS", "hx-get=\"/sections/waterfall\"", ">exception<")
                .doesNotContain("Older builds");
        assertThat(get("/waterfall?before=linux/1"))
                .contains("There are none before these", "href=\"/waterfall\"")
                .doesNotContain("linux/1 SUCCESS", "hx-get");
        assertThat(get("/waterfall?tag=slow")).contains("No builder of this kind has built");
    }

    @ParameterizedTest
    @CsvSource({
        "before=linux, before: 'linux' is no build",
        "before=linux/2, before: 'linux/2' is no build",
        "before=linux/x, before: 'linux/x' is no build",
        "before=linux/1&tag=slow, leave out 'before'"
    })
    void a_place_in_the_waterfall_that_there_is_not_is_told(String query, String told)
            throws Exception {
        HttpResponse<String> answer =
                HTTP.send(
                        HttpRequest.newBuilder(URI.create(served.url() + "/waterfall?" + query))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains(told.replace("'", "&#39;"));
    }

    @Test
    void builders_are_listed_with_what_each_master_builds() throws Exception {
        JsonNode docs = json("/api/builders").path("builders").path(0);
        JsonNode linux = json("/api/builders").path("builders").path(1);

        assertThat(docs.path("name").asString()).isEqualTo("docs");
        assertThat(docs.path("tags").toString()).isEqualTo("[\"slow\",\"a&b\"]");
        assertThat(docs.path("project").path("url").asString())
                .isEqualTo("https://example.org/app");
        assertThat(docs.path("fingerprint").asString()).isEqualTo("ddd");
        assertThat(docs.path("diverges").asBoolean()).isFalse();
        assertThat(linux.path("fingerprint").asString()).isEqualTo("bbb");
        assertThat(linux.path("diverges").asBoolean()).isTrue();
        assertThat(linux.path("project").isNull()).isTrue();
        assertThat(linux.path("masters").path(0).path("master").asString()).isEqualTo("b1");
        assertThat(linux.path("masters").path(0).path("fingerprint").asString()).isEqualTo("aaa");
        assertThat(linux.path("masters").path(0).path("claims").asBoolean()).isTrue();
        assertThat(linux.path("masters").path(0).path("since").asString()).matches("\\d{4}-.*T.*Z");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                                           | docs linux
                    ?tag=slow              | docs
                    ?tag=a%26b&project=app | docs
                    ?tag=fast              |
                    ?project=lib           |
                    ?limit=1               | docs
                    """)
    void builders_are_found_by_tag_and_project(@Nullable String query, @Nullable String found)
            throws Exception {
        List<String> names =
                json("/api/builders" + Objects.requireNonNullElse(query, ""))
                        .path("builders")
                        .valueStream()
                        .map(it -> it.path("name").asString())
                        .toList();

        assertThat(String.join(" ", names)).isEqualTo(Objects.requireNonNullElse(found, ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/masters", "/api/requests", "/api/builds", "/api/builds/linux/1"})
    void whatever_lists_builders_says_that_masters_differ(String path) throws Exception {
        JsonNode diverging = json(path).path("diverging");

        assertThat(diverging).hasSize(1);
        assertThat(diverging.path(0).path("builder").asString()).isEqualTo("linux");
        assertThat(diverging.path(0).path("told").asString()).isEqualTo(TOLD);
    }

    @Test
    void so_do_the_pages() throws Exception {
        assertThat(get("/"))
                .contains(TOLD)
                .containsPattern("linux</span></a> *<span[^>]*>DIVERGES");
        assertThat(get("/sections/requests")).contains("DIVERGES");
        assertThat(get("/sections/builds")).contains("DIVERGES");
        assertThat(get("/sections/masters")).contains(TOLD);
        assertThat(get("/builds/linux/1")).contains(TOLD);
        assertThat(get("/requests/" + requestId)).contains(TOLD);
        assertThat(get("/builders")).contains(TOLD, "DIVERGES");
        register("b1", Map.of("linux", "bbb"), Descriptions.NONE);
        for (String page : List.of("/", "/builds/linux/1", "/requests/" + requestId, "/builders")) {
            assertThat(get(page)).doesNotContain("DIVERGES", TOLD);
        }
    }

    @Test
    void the_page_of_builders_leads_to_those_of_a_tag_and_nobody_breaks_out_of_it()
            throws Exception {
        assertThat(get("/builders"))
                .contains(
                        "&lt;b&gt;makes&lt;/b&gt;",
                        "href=\"/builders?tag=a%26b\"",
                        "href=\"/builders?project=app\"",
                        "href=\"https://example.org/app\"")
                .doesNotContain("<b>makes", "<i>it");
        assertThat(get("/builders?tag=slow")).contains("docs").doesNotContain("linux");
        assertThat(get("/builders?tag=none")).contains("There is no builder with tag none.");
    }

    @Test
    void what_waits_says_why_also_where_no_master_has_the_builder() throws Exception {
        assertThat(get("/waiting"))
                .contains("b1, b2 hold no claim: they claim when a worker is there");
        served.registry.drain(TestStory.SCHEDULER, "b1", false, "ann");
        served.story.fire(List.of(), "r", "orphan");
        served.project();
        String nobody = "no living master has builder orphan: start a builder master whose file";

        assertThat(get("/"))
                .contains(nobody, "b2 has the builder and holds no claim", "href=\"/waiting\"")
                .doesNotContain("b1 has the builder, and is drained");
        assertThat(get("/waiting"))
                .contains(nobody, "b2 has the builder and holds no claim", ">orphan<")
                .contains("1 to 2 of 2 builders, for which 2 requests wait.")
                .contains("href=\"/requests/%d\"".formatted(requestId));
        assertThat(get("/builders/orphan")).contains(nobody);
        assertThat(get("/builders?state=waiting")).contains(">orphan<", ">linux<", "none that");

        served.registry.drain(TestStory.SCHEDULER, "b2", false, "ann");

        assertThat(get("/builders/linux/now"))
                .contains(
                        "b1 has the builder, and is drained: undrain it or start another; b2 has the builder, and is drained");
    }

    @Test
    void what_waits_comes_by_the_hundred_builders() throws Exception {
        served.story.fire(
                List.of(),
                "r",
                IntStream.range(100, 201).mapToObj(i -> "p" + i).toArray(String[]::new));
        served.project();

        assertThat(get("/waiting"))
                .contains("1 to 100 of 102 builders", "\"/waiting?skip=100\"", ">p198<")
                .doesNotContain(">p200<");
        assertThat(get("/waiting?skip=100"))
                .contains("101 to 102 of 102 builders", ">p200<", "The first builders");
        assertThat(get("/sections/waiting?skip=-1")).contains("1 to 100 of 102 builders");
    }

    @Test
    void where_nothing_is_so_that_is_said_in_a_line() throws Exception {
        assertThat(get("/builders?state=red")).contains("No builder is red.");
        assertThat(get("/builders?state=running&tag=slow"))
                .contains("No builder with tag slow is running.");
        assertThat(get("/")).doesNotContain("Red now", "nothing waits");
        served.test.commands.cancel(TestStory.SCHEDULER, requestId, "ann", "not needed");
        served.project();

        assertThat(get("/"))
                .contains("failure, nothing runs, and nothing waits.")
                .doesNotContain("<h2>Running");
        assertThat(get("/waiting")).contains("No request waits.");
    }

    @Test
    void a_request_is_explained_by_its_builders_policy() throws Exception {
        served.story.fire(List.of(), "r", "docs");
        served.project();

        assertThat(
                        json("/api/requests/%d/explain".formatted(requestId + 1))
                                .path("reasons")
                                .values())
                .extracting(JsonNode::asString)
                .contains(
                        "b2 chooses among the builder's requests and workers by its policy (next_build: newest_first), so another may go first, or this one wait for a worker that may build it");
        assertThat(get("/builders")).contains("next_build: newest_first");
    }

    @Test
    void a_request_is_explained_by_what_masters_differ_in() throws Exception {
        assertThat(json("/api/requests/%d/explain".formatted(requestId)).path("reasons").values())
                .extracting(JsonNode::asString)
                .contains(
                        "masters build different things for it: b1 aaa, b2 bbb; of those with builder_fingerprint: refuse only such claim as have bbb");
    }
}
