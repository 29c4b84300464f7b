package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.rometools.rome.feed.synd.SyndEntry;
import com.rometools.rome.feed.synd.SyndFeed;
import com.rometools.rome.io.SyndFeedInput;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.testing.TestMasters;
import java.io.StringReader;
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
class FeedTest {

    private final ServedLog served = new ServedLog(List.of());
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        http.close();
        served.close();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(served.url() + path))
                        .header("Accept", "text/html,application/atom+xml,*/*;q=0.8")
                        .build(),
                BodyHandlers.ofString());
    }

    private SyndFeed feed(String path) throws Exception {
        HttpResponse<String> response = get(path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("application/atom+xml");
        return new SyndFeedInput().build(new StringReader(response.body()));
    }

    @Test
    void a_feed_tells_what_builds_have_come_to_and_leads_to_their_pages() throws Exception {
        assertThat(feed("/feeds/builds.atom").getEntries()).isEmpty();
        Author b1 = served.registry.register(TestMasters.builder("b1"));
        for (String builder : List.of("linux", "l<i>&\u0001", "linux")) {
            served.story.fire(List.of(), "r1", builder);
            served.story.build(b1, builder, Results.FAILURE);
        }
        served.story.fire(List.of(), "r1", "linux");
        served.story.claim(b1, "linux");
        served.project();

        SyndFeed all = feed("/feeds/builds.atom");
        assertThat(all.getEntries())
                .extracting(SyndEntry::getTitle)
                .containsExactly("linux/2 FAILURE", "l<i>&\uFFFD/1 FAILURE", "linux/1 FAILURE");
        assertThat(all.getEntries())
                .extracting(SyndEntry::getLink)
                .first()
                .isEqualTo(served.url() + "/builds/linux/2");
        assertThat(all.getEntries().getFirst().getDescription().getValue()).isEqualTo("test");
        assertThat(get("/feeds/builds.atom").body())
                .contains("<link rel=\"alternate\" href=\"%s/\"".formatted(served.url()));

        assertThat(feed("/feeds/builds.atom?builder=linux").getEntries())
                .extracting(SyndEntry::getTitle)
                .containsExactly("linux/2 FAILURE", "linux/1 FAILURE");
        assertThat(all.getEntries().getFirst().getUri())
                .isEqualTo("urn:buildledger:builds:linux:2");
        assertThat(get("/feeds/builds.atom?builder=l%3Ci%3E%26%01").body())
                .contains("/feeds/builds.atom?builder=l%3Ci%3E%26%01");
        assertThat(get("/feeds/builds.atom?builder=none").statusCode()).isEqualTo(404);
        assertThat(get("/builders/linux").body())
                .contains("/feeds/builds.atom?builder=linux")
                .contains("<link rel=\"alternate\" type=\"application/atom+xml\"");
    }

    @Test
    void a_reader_is_told_that_a_feed_is_as_it_was() throws Exception {
        HttpResponse<String> first = get("/feeds/builds.atom");
        HttpRequest again =
                HttpRequest.newBuilder(first.uri())
                        .header("If-None-Match", first.headers().firstValue("ETag").orElseThrow())
                        .build();

        assertThat(http.send(again, BodyHandlers.ofString()).statusCode()).isEqualTo(304);
    }

    @Test
    void a_revision_leads_to_what_was_made_of_it() throws Exception {
        served.story.change("ann", "cafe01", "One");
        served.story.change("ann", "cafe02", "Two");
        served.project();

        assertThat(get("/revisions/cafe02").headers().firstValue("Location"))
                .contains("/changes/2");
        assertThat(get("/revisions/cafe").body()).contains("/changes/1", "/changes/2");
        // Also where it is the number of another, and the beginning of a third.
        served.story.change("ann", "1", "Three");
        served.project();
        assertThat(get("/revisions/1").headers().firstValue("Location")).contains("/changes/3");
        HttpResponse<String> none = get("/revisions/beef");
        assertThat(none.statusCode()).isEqualTo(404);
        assertThat(none.body()).contains("There is no change with revision beef.");
        assertThat(get("/bilders").statusCode()).isEqualTo(404);
        assertThat(get("/bilders").body()).contains("<main", "There is no page at this address");
    }
}
