package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import io.buildledger.viewing.ViewProjector;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SharedPartsTest {

    private static final String PART = "/sections/standing";

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final LiveFeed feed = new LiveFeed(test.jdbc, test.log);
    private LiveFeed.Listener listener;
    private long nanoTime;
    private int status = HttpServletResponse.SC_OK;
    private int made;
    private int length;
    private final SharedParts parts = new SharedParts(feed, () -> nanoTime);

    @BeforeEach
    void listen() {
        feed.start();
        listener = feed.listen(ViewProjector.position(test.jdbc).complete(), Set.of(), "ann");
    }

    @AfterEach
    void end() {
        listener.close();
        feed.stop();
        await().until(() -> !feed.isLooking());
        test.close();
    }

    private String get(String path, boolean isByScript) throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", path);
        if (isByScript) {
            request.addHeader("HX-Request", "true");
        }
        return answer(request).getContentAsString();
    }

    private MockHttpServletResponse answer(String path, String encodings) throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", path);
        request.addHeader("HX-Request", "true");
        request.addHeader("Accept-Encoding", encodings);
        return answer(request);
    }

    private MockHttpServletResponse answer(MockHttpServletRequest request) throws Exception {
        MockHttpServletResponse response = new MockHttpServletResponse();
        parts.doFilter(
                request,
                response,
                (_, answer) -> {
                    made++;
                    HttpServletResponse http = (HttpServletResponse) answer;
                    http.setStatus(status);
                    http.setContentType("text/html");
                    String text = "made " + made;
                    http.getWriter().write(text + " ".repeat(Math.max(0, length - text.length())));
                });
        return response;
    }

    @Test
    void a_part_is_made_once_until_the_log_grows() throws Exception {
        assertThat(get(PART, true)).isEqualTo("made 1");
        assertThat(get(PART, true)).isEqualTo("made 1");
        assertThat(get("/masters/now", true)).isEqualTo("made 2");

        long growths = feed.growths();
        story.change("ann", "def", "y");
        story.project();
        await("the feed to tell of it").until(() -> feed.growths() > growths);

        assertThat(get(PART, true)).isEqualTo("made 3");
    }

    @Test
    void a_part_is_shared_for_a_second() throws Exception {
        assertThat(get(PART, true)).isEqualTo("made 1");
        nanoTime = TimeUnit.SECONDS.toNanos(1) - 1;
        assertThat(get(PART, true)).isEqualTo("made 1");
        nanoTime++;
        assertThat(get(PART, true)).isEqualTo("made 2");
    }

    @Test
    void what_could_not_be_made_is_tried_by_each() throws Exception {
        status = HttpServletResponse.SC_SERVICE_UNAVAILABLE;

        assertThat(get(PART, true)).isEqualTo("made 1");
        assertThat(get(PART, true)).isEqualTo("made 2");
    }

    @Test
    void a_part_is_compressed_once_for_who_takes_that() throws Exception {
        length = 5_000;
        assertThat(answer(PART, "gzip").getHeader("Content-Encoding")).isNull();

        MockHttpServletResponse shared = answer(PART, "br, gzip");
        assertThat(shared.getHeader("Content-Encoding")).isEqualTo("gzip");
        assertThat(shared.getHeader("Vary")).isEqualTo("Accept-Encoding");
        assertThat(shared.getContentLength()).isEqualTo(shared.getContentAsByteArray().length);
        try (InputStream body =
                new GZIPInputStream(new ByteArrayInputStream(shared.getContentAsByteArray()))) {
            assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("made 1")
                    .hasSize(length);
        }
        MockHttpServletResponse refused = answer(PART, "gzip;q=0");
        assertThat(refused.getHeader("Content-Encoding")).isNull();
        assertThat(refused.getContentAsString()).startsWith("made 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/live", "/artifacts/linux/1/app.tar", "/", "/builds/linux/1/text/1/x"})
    void whatever_is_no_part_is_made_for_each(String path) throws Exception {
        assertThat(get(path, true)).isEqualTo("made 1");
        assertThat(get(path, true)).isEqualTo("made 2");
    }

    @Test
    void what_a_browser_goes_to_is_made_for_it() throws Exception {
        assertThat(get(PART, false)).isEqualTo("made 1");
        assertThat(get(PART, false)).isEqualTo("made 2");
    }
}
