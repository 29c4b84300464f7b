package io.buildledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PageVisitorTest {

    private static final String PAGE =
            """
            <link rel="icon" type="image/svg+xml" href="/icon.svg">
            <link rel="alternate" type="application/atom+xml" href="/feed">
            <link rel="stylesheet" href="/styles.css">
            <script src="/live.js" defer></script>
            <a href="/other">other</a>
            """;

    private static final Map<String, String> ANSWERS =
            Map.of("/", PAGE, "/icon.svg", "<svg/>", "/styles.css", "p {}", "/live.js", "live");

    private HttpServer server;
    private PageVisitor visitor;

    @BeforeEach
    void begin() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    String answer = ANSWERS.get(exchange.getRequestURI().getPath());
                    byte[] body = String.valueOf(answer).getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(answer == null ? 404 : 200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
        visitor = new PageVisitor("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @AfterEach
    void end() {
        visitor.close();
        server.stop(0);
    }

    @Test
    void a_page_is_as_large_as_it_is_with_all_that_its_head_names() throws Exception {
        PageVisitor.Size size = visitor.size("/");

        assertThat(size.bytes()).isEqualTo(PAGE.length());
        assertThat(size.requests()).isEqualTo(4);
        assertThat(size.compressedBytesOfAll())
                .isEqualTo(PAGE.length() + "<svg/>p {}live".length());
    }

    @Test
    void each_page_has_as_many_times_as_it_was_visited() throws Exception {
        assertThat(visitor.visit(List.of("/", "/live.js"), 3))
                .containsOnlyKeys("/", "/live.js")
                .allSatisfy((_, millis) -> assertThat(millis.sorted()).hasSize(3));
    }

    @Test
    void a_page_that_is_not_there_is_no_figure() {
        assertThatThrownBy(() -> visitor.size("/other"))
                .isInstanceOf(RunFailedException.class)
                .hasMessageContaining("/other is answered by 404");
    }
}
