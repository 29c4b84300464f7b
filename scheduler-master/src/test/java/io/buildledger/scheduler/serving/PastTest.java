package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.log.Author;
import io.buildledger.scheduler.serving.buildbot.DescribedAnswers;
import io.buildledger.testing.TestMasters;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PastTest {

    private final ServedLog served = new ServedLog();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Author b1 = served.registry.register(TestMasters.builder("b1"));

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

    private JsonNode state(String query) throws Exception {
        return new DescribedAnswers(served.url()).readOwn("/api/state?" + query);
    }

    /** One request runs and another waits; both have ended when the log does. */
    private long somethingThatIsOver() {
        served.story.fire(List.of(served.story.change("ann", "abc", "x")), "abc", "linux", "docs");
        Won won = served.story.claim(b1, "linux");
        served.story.start(b1, won);
        long then = served.test.log.head();
        served.story.complete(
                b1, won, io.buildledger.domain.building.Results.SUCCESS, "it is built");
        return then;
    }

    @Test
    void what_was_so_after_an_event_is_told_to_programs() throws Exception {
        long then = somethingThatIsOver();

        JsonNode state = state("event=" + then);

        assertThat(state.path("event").asLong()).isEqualTo(then);
        assertThat(state.path("claims").path(0).path("master").asString()).isEqualTo("b1");
        assertThat(state.path("claims").path(0).path("state").asString()).isEqualTo("running");
        assertThat(state.path("queue").path(0).path("builder").asString()).isEqualTo("docs");
        assertThat(state("event=" + served.test.log.head()).path("claims").isEmpty()).isTrue();
        assertThat(state("at=2020-01-01T00:00:00Z").path("masters").isEmpty()).isTrue();
        assertThat(state("at=2999-01-01T00:00:00Z").path("event").asLong())
                .isEqualTo(served.test.log.head());
    }

    @Test
    void a_page_shows_it_and_has_all_moments_to_choose_from() throws Exception {
        long then = somethingThatIsOver();

        String newest = get("/state").body();
        String past = get("/state?event=" + then).body();

        assertThat(newest)
                .contains("max=\"%d\"".formatted(served.test.log.head()))
                .contains("No master held a request.");
        assertThat(newest).contains("aria-valuetext=\"event ").doesNotContain("rel=\"next\"");
        assertThat(past)
                .contains("value=\"%d\"".formatted(then))
                .contains("aria-valuetext=\"event %d of ".formatted(then))
                .contains("rel=\"prev\" href=\"/state?event=%d\"".formatted(then - 1))
                .contains("rel=\"next\" href=\"/state?event=%d\"".formatted(then + 1))
                .contains("href=\"/builds/linux/1\"")
                .doesNotContain("No master held a request.");
        assertThat(get("/sections/state?event=" + then).body())
                .contains("href=\"/builds/linux/1\"")
                .doesNotContain("<header");
        assertThat(get("/state?at=2020-01-01T00:00:00Z").body())
                .contains("Before the first event")
                .contains("rel=\"next\"")
                .doesNotContain("rel=\"prev\"");
    }

    @ParameterizedTest
    @CsvSource({
        "/api/state, 'at, event: one of them says which moment is meant'",
        "/api/state?at=2026-01-01T00:00:00Z&event=1, 'at, event: one of them says which moment is meant'",
        "/api/state?at=noon, at: 'noon' is no time like 2026-10-01T03:12:00Z",
        "/state?at=noon, at: &#39;noon&#39; is no time like 2026-10-01T03:12:00Z",
        "/api/state?event=x, event"
    })
    void what_is_no_moment_is_told(String path, String message) throws Exception {
        HttpResponse<String> answer = get(path);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/state?event=1", "/state"})
    void two_are_answered_at_once_and_others_are_told_to_come_again(String path) throws Exception {
        PastReading reading = served.bean(PastReading.class);
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch end = new CountDownLatch(1);
        List<Thread> readers =
                Stream.generate(() -> Thread.ofVirtual().unstarted(() -> hold(reading, begun, end)))
                        .limit(2)
                        .toList();
        readers.forEach(Thread::start);
        begun.await();

        HttpResponse<String> refused = get(path);
        end.countDown();
        for (Thread reader : readers) {
            reader.join();
        }

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body())
                .contains(
                        "2 moments that are past are being read already; ask again in a few seconds");
        assertThat(get(path).statusCode()).isEqualTo(200);
    }

    private static void hold(PastReading reading, CountDownLatch begun, CountDownLatch end) {
        try {
            reading.read(_ -> {
                begun.countDown();
                end.await();
                return 0;
            });
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
