package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.viewing.ViewProjector;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class LiveTest {

    private static final Author B1 = new Author("b1", 1);
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON = new JsonMapper();

    private static ServedLog served;

    @BeforeAll
    static void begin() {
        served = new ServedLog();
        served.story.change("a", "abc", "x");
        served.story.project();
    }

    @AfterAll
    static void end() {
        served.close();
    }

    /** A page that listens. */
    private static final class Page implements AutoCloseable {

        private final InputStream body;
        private final BufferedReader lines;
        private long id = -1;

        Page(String query, String... headers) throws Exception {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(served.url() + "/live" + query));
            if (headers.length > 0) {
                request.headers(headers);
            }
            HttpResponse<InputStream> response =
                    HTTP.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
            assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
            body = response.body();
            lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        }

        List<String> next() throws IOException {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id:")) {
                    id = Long.parseLong(line.substring("id:".length()));
                } else if (line.startsWith("data:{")) {
                    return JSON.readTree(line.substring("data:".length()))
                            .path("streams")
                            .valueStream()
                            .map(JsonNode::asString)
                            .toList();
                }
            }
            throw new IOException("the stream has ended");
        }

        /** All that is told until it is of this stream. */
        List<String> until(String stream) throws IOException {
            List<String> all = new ArrayList<>();
            while (!all.contains(stream)) {
                all.addAll(next());
            }
            return all;
        }

        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    private static long position() {
        return ViewProjector.position(served.test.jdbc).index();
    }

    private static String get(String path) throws Exception {
        return HTTP.send(
                        HttpRequest.newBuilder(URI.create(served.url() + path)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void nobody_listens_who_asks_for_the_head_alone() throws Exception {
        HttpResponse<Void> response =
                HTTP.send(
                        HttpRequest.newBuilder(URI.create(served.url() + "/live")).HEAD().build(),
                        HttpResponse.BodyHandlers.discarding());

        assertThat(response.statusCode()).isEqualTo(405);
    }

    @Test
    void a_page_hears_of_what_the_views_show_by_then() throws Exception {
        try (Page page = new Page("?after=" + position())) {
            long change = served.story.change("ann", "def", "Heard of");
            served.story.project();

            assertThat(page.until("change/" + change)).isNotEmpty();
            assertThat(get("/sections/changes")).contains("Heard of");
        }
    }

    @Test
    void a_page_hears_of_all_that_came_since_it_was_made_and_since_it_was_connected()
            throws Exception {
        long made = position();
        long first = served.story.change("ann", "1", "first");
        served.story.project();
        long id;
        try (Page page = new Page("?after=" + made)) {
            assertThat(page.until("change/" + first)).isNotEmpty();
            id = page.id;
        }
        long second = served.story.change("ann", "2", "second");
        served.story.project();

        try (Page other = new Page("?after=" + position());
                Page again = new Page("?after=" + made, "Last-Event-ID", Long.toString(id))) {
            assertThat(again.until("change/" + second)).doesNotContain("change/" + first);
            long third = served.story.change("ann", "3", "third");
            served.story.project();
            assertThat(other.until("change/" + third)).doesNotContain("change/" + first);
        }
    }

    @Test
    void steps_of_a_build_are_told_of_as_they_are_committed() throws Exception {
        long change = served.story.change("ann", "4", "x");
        served.story.fire(List.of(change), "4", "linux");
        Won won = served.story.claim(B1, "linux");
        served.story.start(B1, won);
        served.story.project();
        String build = "build/linux/" + won.claim().buildNumber();
        try (Page page = new Page("?after=" + position())) {
            long log = served.story.startStep(B1, won, 1, "test");
            assertThat(page.until(build)).isNotEmpty();

            served.story.finishStep(B1, won, 1, log, Results.SUCCESS);
            assertThat(page.until(build)).isNotEmpty();
        }
        served.story.complete(B1, won, Results.SUCCESS, "done");
    }

    @Test
    void somebody_who_was_away_for_too_long_hears_that_all_may_have_changed() throws Exception {
        try (Page page = new Page("?after=" + position());
                Page late = new Page("?after=-1")) {
            assertThat(late.next()).contains("*");
            assertThat(page).isNotNull();
        }
    }

    @Test
    void a_wrong_place_harms_nobody() throws Exception {
        try (Page wrong = new Page("?after=" + Long.MAX_VALUE);
                Page page = new Page("?after=" + position())) {
            long change = served.story.change("ann", "5", "x");
            served.story.project();

            assertThat(page.until("change/" + change)).isNotEmpty();
            assertThat(wrong.until("change/" + change)).isNotEmpty();
        }
    }

    @Test
    void while_nobody_listens_nobody_looks() throws Exception {
        LiveFeed feed = served.bean(LiveFeed.class);
        try (Page page = new Page("?after=" + position())) {
            assertThat(feed.isLooking()).isTrue();
            assertThat(page).isNotNull();
        }
        // That a page is gone is noticed by what is sent to it.
        await().until(() -> {
            served.story.change("ann", "6", "x");
            served.story.project();
            return !feed.isLooking();
        });
    }

    @Test
    void a_page_carries_the_place_from_which_it_goes_on() throws Exception {
        served.story.project();

        assertThat(get("/"))
                .contains("<meta name=\"live-after\" content=\"%d\">".formatted(position()))
                .contains("data-live=\"change\"");
    }

    @Test
    void a_master_that_ends_ends_its_answers_first() throws Exception {
        ServedLog other = new ServedLog();
        HttpResponse<InputStream> answer =
                HTTP.send(
                        HttpRequest.newBuilder(URI.create(other.url() + "/live")).build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        Thread end = Thread.ofPlatform().start(other::close);

        answer.body().readAllBytes();
        end.join();
    }

    @Test
    void pages_and_what_they_load_are_compressed_and_the_live_stream_is_not() throws Exception {
        for (String path : List.of("/", "/buildledger.css", "/live.js")) {
            HttpResponse<byte[]> answer =
                    HTTP.send(
                            HttpRequest.newBuilder(URI.create(served.url() + path))
                                    .header("Accept-Encoding", "gzip")
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.headers().firstValue("Content-Encoding")).as(path).hasValue("gzip");
            assertThat(answer.headers().allValues("Vary").toString().toLowerCase(Locale.ROOT))
                    .contains("accept-encoding");
        }
        try (Page page = new Page("?after=" + position(), "Accept-Encoding", "gzip")) {
            long change = served.story.change("ann", "zip", "Told at once");
            served.story.project();
            // It would be gathered, and no text.
            assertThat(page.until("change/" + change)).isNotEmpty();
        }
    }

    private static String part(String path) throws Exception {
        return HTTP.send(
                        HttpRequest.newBuilder(URI.create(served.url() + path))
                                .header("HX-Request", "true")
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void a_part_is_made_once_for_all_pages_until_the_log_grows() throws Exception {
        try (Page page = new Page("?after=" + position())) {
            long first = served.story.change("ann", "7", "The seventh");
            served.story.project();
            page.until("change/" + first);
            assertThat(part("/sections/changes")).contains("The seventh");

            long second = served.story.change("ann", "8", "The eighth");
            served.story.project();
            page.until("change/" + second);
            assertThat(part("/sections/changes")).contains("The eighth");
            assertThat(part("/sections/changes?of=nobody")).contains("The eighth");
        }
        assertThat(get("/builds/nobody/1")).contains("no build nobody/1");
    }
}
