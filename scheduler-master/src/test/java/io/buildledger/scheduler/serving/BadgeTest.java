package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.testing.TestMasters;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BadgeTest {

    private final ServedLog served = new ServedLog(List.of());
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        http.close();
        served.close();
    }

    /** What a badge says to who can't see it. */
    private String badge(String path) throws Exception {
        HttpResponse<String> response =
                http.send(
                        HttpRequest.newBuilder(URI.create(served.url() + "/badges/" + path))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("image/svg+xml");
        assertThat(response.headers().firstValue("Cache-Control").orElseThrow())
                .contains("max-age=30");
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(response.body().getBytes(StandardCharsets.UTF_8)))
                .getDocumentElement()
                .getAttribute("aria-label");
    }

    @Test
    void a_badge_tells_the_last_result_of_a_builder_and_of_a_branch() throws Exception {
        Author b1 = served.registry.register(TestMasters.builder("b1"));
        long change = served.story.change("ann", "r1", "One");
        served.story.fire(List.of(change), "r1", "linux");
        served.story.build(b1, "linux", Results.FAILURE);
        served.story.fire(List.of(change), "r1", "linux");
        served.story.build(b1, "linux", Results.CANCELLED);
        served.project();
        String branch =
                served.test
                        .jdbc
                        .sql("SELECT DISTINCT branch FROM buildset_view")
                        .query(String.class)
                        .single();

        assertThat(badge("linux.svg")).isEqualTo("linux: failure");
        assertThat(badge("linux.svg?branch=" + branch)).isEqualTo("linux: failure");
        assertThat(badge("linux.svg?branch=another")).isEqualTo("linux: no result");
        assertThat(badge("linux.svg?label=main%20build")).isEqualTo("main build: failure");
        assertThat(badge("none.svg")).isEqualTo("none: no result");
    }

    @Test
    void whatever_a_builder_is_called_the_badge_is_a_picture() throws Exception {
        assertThat(badge("a%3Cb%3E%22%26.1%20x.svg")).isEqualTo("a<b>\"&.1 x: no result");
        assertThat(badge("linux.svg?label=%01%EF%BF%BFx")).isEqualTo("\uFFFD\uFFFDx: no result");
        assertThat(badge("linux.svg?label=" + "x".repeat(100)))
                .isEqualTo("x".repeat(59) + "…: no result");
    }
}
