package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.BuildEvent.PropertySet;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import io.buildledger.testing.TestMasters;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ChangePagesTest {

    private final ServedLog served = new ServedLog(List.of());
    private final HttpClient http = HttpClient.newHttpClient();

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

    @Test
    void each_change_has_a_row_with_what_builders_made_of_it() throws Exception {
        Author b1 = served.registry.register(TestMasters.builder("b1"));
        long change = served.story.change("Ann <ann@example.org>", "abc", "<b>Mend</b> it\nmore");
        served.story.fire(List.of(change), "abc", "linux", "mac");
        served.story.build(b1, "linux", Results.FAILURE);
        served.project();

        assertThat(get("/changes"))
                .contains(
                        "&lt;b&gt;Mend&lt;/b&gt; it",
                        ">Ann<",
                        "data-live=\"change buildset build-request\"")
                .contains("href=\"/builds/linux/1\"", "aria-label=\"linux: FAILURE\"")
                .contains("href=\"/requests/2\"", "aria-label=\"mac: unclaimed\"", "title=\"mac\"")
                .doesNotContain("<b>Mend", "ann@example.org", "Older changes");
        assertThat(get("/sections/grid?tag=none")).doesNotContain("linux");
    }

    @Test
    void a_build_tells_its_changes_and_what_it_was_told() throws Exception {
        Author b1 = served.registry.register(TestMasters.builder("b1"));
        long change = served.story.change("Ann <ann@example.org>", "abc", "<b>Mend</b> it\nmore");
        served.story.fire(List.of(change), "abc", "linux");
        Won won = served.story.claim(b1, "linux");
        served.story.start(b1, won);
        Entry version =
                new Entry(
                        Streams.build("linux", 1),
                        0,
                        new PropertySet("linux", 1, 1, "version", "<i>1.2</i>"));
        served.test.log.inTransaction(() -> served.test.log.append(b1, null, List.of(version)));
        served.project();

        assertThat(get("/builds/linux/1"))
                .contains("href=\"/changes/1\"", "&lt;b&gt;Mend&lt;/b&gt; it", ">Ann<")
                .contains(">version<", "&lt;i&gt;1.2&lt;/i&gt;", ">step 1<")
                .contains("hx-get=\"/builds/linux/1/inputs\" data-live=\"build%2Flinux%2F1\"")
                .doesNotContain("<b>Mend", "<i>1.2", "ann@example.org");
        assertThat(get("/builds/linux/1/inputs"))
                .contains(">version<", "hx-get=\"/builds/linux/1/inputs\"")
                .doesNotContain("<header");
        served.story.complete(b1, won, Results.SUCCESS, "it is built");
        served.project();
        assertThat(get("/builds/linux/1/inputs"))
                .contains(">version<")
                .doesNotContain("hx-get", "data-live");
    }

    @Test
    void the_builds_of_a_change_are_found_behind_what_still_waits() throws Exception {
        Author b1 = served.registry.register(TestMasters.builder("b1"));
        long change = served.story.change("ann", "abc", "Mend it");
        served.story.fire(List.of(change), "abc", "docs", "mac", "windows", "linux");
        served.story.build(b1, "linux", Results.SUCCESS);
        served.project();

        assertThat(get("/api/v2/changes/1/builds?limit=1"))
                .containsIgnoringWhitespaces("\"total\": 1");
    }

    @Test
    void a_change_without_a_revision_says_none() throws Exception {
        long change = served.story.change("ann", null, "Mend it");
        served.story.fire(List.of(change), "abc", "linux");
        served.project();

        for (String page : List.of("/changes", "/changes/1", "/", "/search?q=1")) {
            assertThat(get(page)).as(page).doesNotContain("newest<", ">newest,");
        }
    }

    @Test
    void a_change_tells_its_files() throws Exception {
        served.story.change("ann", "abc", "Mend it");
        served.project();

        assertThat(get("/changes/1")).contains("Which files", "<code>README.md</code>");
    }

    @Test
    void older_changes_are_on_pages_of_their_own() throws Exception {
        for (int i = 1; i <= 45; i++) {
            served.story.change("ann", "r" + i, "Change number " + i + ".");
        }
        served.project();

        assertThat(get("/changes"))
                .contains("Change number 45.", "Change number 16.", "/changes?before=16\"")
                .doesNotContain("Change number 15.");
        assertThat(get("/changes?before=16"))
                .contains("Change number 15.", "Change number 1.")
                .doesNotContain("Change number 16.", "Older changes", "data-live=");
    }
}
