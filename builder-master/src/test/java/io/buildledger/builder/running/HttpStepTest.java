package io.buildledger.builder.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.buildledger.builder.running.BuildBench.Finished;
import io.buildledger.domain.building.Results;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class HttpStepTest {

    private static final TestLog DATABASE = new TestLog();
    private static final int HUGE = 64 * 1024 * 1024;

    /** What a server was sent. */
    private record Request(
            String method,
            String uri,
            String body,
            @Nullable String type,
            @Nullable String authorization) {

        static Request of(HttpExchange exchange) throws IOException {
            return new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                    exchange.getRequestHeaders().getFirst("Content-Type"),
                    exchange.getRequestHeaders().getFirst("Authorization"));
        }
    }

    @TempDir Path directory;
    private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<HttpServer> servers = new ArrayList<>();
    private BuildBench bench;

    @BeforeEach
    void open() {
        bench = new BuildBench(DATABASE, directory);
    }

    @AfterEach
    void close() {
        ended.countDown();
        servers.forEach(it -> it.stop(0));
        threads.shutdownNow();
        bench.close();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    /** Serves on the loopback, and returns the address. */
    private String serve(HttpHandler handler) {
        try {
            HttpServer server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(threads);
            server.createContext(
                    "/",
                    exchange -> {
                        try (exchange) {
                            requests.add(Request.of(exchange));
                            handler.handle(exchange);
                        }
                    });
            server.start();
            servers.add(server);
            return "http://127.0.0.1:" + server.getAddress().getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private Finished run(String keys) {
        bench.run(BuildBench.HEAD, WrittenSteps.of(directory, "- http: {" + keys + "}"));
        return bench.finished.getFirst();
    }

    private List<String> content() {
        return bench.lines(1, "content").stream().map(Line::text).toList();
    }

    @Test
    void a_request_is_made_and_its_answer_logged() {
        String url =
                serve(exchange -> {
                    exchange.getResponseHeaders().add("X-Answer", "42");
                    answer(exchange, 201, "done\nwell");
                });

        Finished end =
                run(
                        "url: '%s/builds?x=1#top', method: PUT, params: {'a b': 'c&d'}, data: {rev: 1, who: 'ü'}"
                                .formatted(url));

        assertThat(end)
                .isEqualTo(new Finished(1, Results.SUCCESS, null, "http successful (status 201)"));
        assertThat(requests)
                .containsExactly(
                        new Request(
                                "PUT",
                                "/builds?x=1&a+b=c%26d",
                                "rev=1&who=%C3%BC",
                                "application/x-www-form-urlencoded",
                                null));
        assertThat(bench.text(1))
                .contains(
                        "PUT " + url + "/builds?x=1&a+b=c%26d#top", "status 201", "  x-answer: 42");
        assertThat(content()).containsExactly("done", "well");
    }

    @Test
    void a_body_is_text_or_JSON_and_POST_is_the_method() {
        String url = serve(exchange -> answer(exchange, 200, ""));

        run("url: '%s', data: plain".formatted(url));
        run("url: '%s', json: {a: [1, true]}".formatted(url));
        run("url: '%s', json: {}, headers: {content-type: application/x-own}".formatted(url));

        assertThat(requests)
                .containsExactly(
                        new Request("POST", "/", "plain", null, null),
                        new Request("POST", "/", "{\"a\":[1,true]}", "application/json", null),
                        new Request("POST", "/", "{}", "application/x-own", null));
    }

    @Test
    void what_is_sent_and_headers_like_secrets_are_not_in_the_log() {
        String url =
                serve(exchange -> {
                    exchange.getResponseHeaders().add("Set-Cookie", "hunter2");
                    exchange.getResponseHeaders().add("X-Private", "hunter2");
                    answer(exchange, 200, "fine");
                });

        run(
                """
                url: '%s/?token=hunter2', data: hunter2, hide_request_headers: [x-mine], hide_response_headers: [X-PRIVATE],
                headers: {Authorization: Bearer hunter2, X-Api-Key: hunter2, X-Mine: hunter2, Accept: text/plain}
                """
                        .formatted(url)
                        .replace("\n", " "));

        assertThat(requests.getFirst().authorization()).isEqualTo("Bearer hunter2");
        assertThat(bench.text(1))
                .contains(
                        "  Authorization: <HIDDEN>",
                        "  X-Api-Key: <HIDDEN>",
                        "  X-Mine: <HIDDEN>",
                        "  Accept: text/plain",
                        "  set-cookie: <HIDDEN>",
                        "  x-private: <HIDDEN>")
                .noneMatch(line -> line.contains("hunter2"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    200 |                                 | SUCCESS
                    304 |                                 | SUCCESS
                    404 |                                 | FAILURE
                    500 |                                 | FAILURE
                    404 | , 'expected_status': [404, 410] | SUCCESS
                    200 | , 'expected_status': [204]      | FAILURE
                    302 | , 'allow_redirects': false      | SUCCESS
                    302 | , 'allow_redirects': false, 'expected_status': [302] | SUCCESS
                    302 | , 'allow_redirects': false, 'expected_status': [200] | FAILURE
                    """)
    void the_status_tells_whether_it_has_succeeded(
            int status, @Nullable String keys, Results results) {
        String url = serve(exchange -> answer(exchange, status, ""));

        assertThat(
                        run("method: GET, url: '%s'%s".formatted(url, keys == null ? "" : keys))
                                .results())
                .isEqualTo(results);
    }

    @Test
    void a_redirect_is_followed_without_credentials_to_another_host() {
        String other = serve(exchange -> answer(exchange, 200, "there"));
        String url =
                serve(exchange -> {
                    exchange.getResponseHeaders().add("Location", other + "/b");
                    answer(exchange, 302, "elsewhere");
                });

        Finished end =
                run(
                        "url: '%s/a', data: x, headers: {Authorization: Bearer hunter2}"
                                .formatted(url));

        assertThat(end.results()).isEqualTo(Results.SUCCESS);
        assertThat(requests)
                .extracting(Request::method, Request::uri, Request::authorization)
                .containsExactly(tuple("POST", "/a", "Bearer hunter2"), tuple("GET", "/b", null));
        assertThat(bench.text(1)).contains("status 302 from " + url + "/a", "status 200");
        assertThat(content()).containsExactly("there");
    }

    @Test
    void redirects_without_an_end_are_a_failure() {
        String url =
                serve(exchange -> {
                    exchange.getResponseHeaders().add("Location", "/again");
                    answer(exchange, 302, "");
                });

        assertThat(run("method: GET, url: '%s'".formatted(url)).summary())
                .isEqualTo("failed http (status 302, which is not followed further)");
    }

    @Test
    void of_a_huge_answer_the_beginning_is_read() {
        CompletableFuture<Boolean> cut = new CompletableFuture<>();
        String url =
                serve(exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    byte[] line = ("x".repeat(1023) + "\n").getBytes(StandardCharsets.US_ASCII);
                    try {
                        for (int sent = 0; sent < HUGE; sent += line.length) {
                            exchange.getResponseBody().write(line);
                        }
                        cut.complete(false);
                    } catch (IOException e) {
                        cut.complete(true);
                        throw e;
                    }
                });

        assertThat(run("method: GET, url: '%s'".formatted(url)).results())
                .isEqualTo(Results.SUCCESS);

        assertThat(content()).hasSize(1024);
        assertThat(bench.text(1))
                .contains("the answer has more than 1048576 bytes; the rest was not read");
        assertThat(cut.orTimeout(10, TimeUnit.SECONDS).join()).isTrue();
    }

    @Test
    void an_answer_in_another_encoding_is_readable() {
        String url =
                serve(exchange -> {
                    exchange.getResponseHeaders()
                            .add("Content-Type", "text/plain; charset=\"ISO-8859-1\"");
                    exchange.sendResponseHeaders(200, 1);
                    exchange.getResponseBody().write(0xFC);
                });

        run("method: GET, url: '%s'".formatted(url));

        assertThat(content()).containsExactly("ü");
    }

    private void hang(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write('x');
        exchange.getResponseBody().flush();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void an_answer_that_does_not_end_is_a_failure_after_the_timeout() {
        String url = serve(this::hang);

        assertThat(run("url: '%s', timeout: 300ms".formatted(url)))
                .isEqualTo(
                        new Finished(
                                1, Results.FAILURE, null, "failed http (no answer within 0.3 s)"));
    }

    @Test
    void an_interruption_ends_the_wait_for_an_answer() throws Exception {
        String url = serve(this::hang);
        RunningBuild running =
                bench.prepare(
                        BuildBench.HEAD,
                        Map.of(),
                        WrittenSteps.of(directory, "- http: {url: '%s'}".formatted(url)));
        CompletableFuture<BuildOutcome> outcome = BuildBench.start(running);
        await().atMost(10, TimeUnit.SECONDS).until(() -> !requests.isEmpty());

        running.interrupt("enough");

        assertThat(outcome.get(10, TimeUnit.SECONDS).results()).isEqualTo(Results.CANCELLED);
    }

    @Test
    void nobody_there_is_a_failure() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }

        Finished end = run("url: 'http://127.0.0.1:%d/'".formatted(free));

        assertThat(end.results()).isEqualTo(Results.FAILURE);
        assertThat(end.summary()).isEqualTo("failed http (no answer: ConnectException)");
    }
}
