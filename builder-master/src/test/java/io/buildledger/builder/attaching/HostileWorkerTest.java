package io.buildledger.builder.attaching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.builder.attaching.SimulatedWorker.Command;
import io.buildledger.builder.attaching.SimulatedWorker.RefusedException;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the port does with those who break the rules, while an honest worker goes on. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class HostileWorkerTest {

    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofSeconds(1);

    private final WorkerBench bench = new WorkerBench();
    private @Nullable WorkerConnection honest;

    @AfterEach
    void close() {
        bench.close();
    }

    private void listen() throws Exception {
        bench.listen();
        honest = bench.attach("honest", HostileWorkerTest::echo);
    }

    private static void echo(Command command) {
        command.stdout("done\n");
        command.complete(null);
    }

    private SimulatedWorker attachHostile() throws Exception {
        bench.attach("hostile", HostileWorkerTest::echo);
        return bench.worker("hostile");
    }

    private void honestGoesOn() throws Exception {
        Transcript said = new Transcript();
        Objects.requireNonNull(honest)
                .startCommand("c-" + said.hashCode(), "shell", Map.of(), said)
                .get(30, TimeUnit.SECONDS);
        assertThat(said.stdout()).isEqualTo("done\n");
    }

    private void isClosed(SimulatedWorker worker, String reason) throws Exception {
        assertThat(worker.closed().get(30, TimeUnit.SECONDS)).contains(reason);
        Desk.Gone gone = bench.desk.nextGone();
        assertThat(gone.connection().name()).isEqualTo("hostile");
        assertThat(gone.reason()).contains(reason);
        honestGoesOn();
    }

    // After the opening.

    @ParameterizedTest
    @CsvSource({
        "c1,               it is not MessagePack",
        "90,               it is not a map",
        "80,               op must be text",
        "81a26f7001,       op must be text",
        "81a26f70a178,     seq_number must be an integer",
        "'dd7fffffff',     it ends before",
        "'df7fffffff',     it ends before",
    })
    void a_message_that_can_not_be_read_ends_the_connection(String hex, String reason)
            throws Exception {
        listen();
        SimulatedWorker hostile = attachHostile();

        hostile.send(HexFormat.of().parseHex(hex));

        isClosed(hostile, reason);
    }

    @Test
    void noise_ends_the_connection() throws Exception {
        listen();
        SimulatedWorker hostile = attachHostile();
        byte[] noise = new byte[100_000];
        new Random(1).nextBytes(noise);

        hostile.send(noise);

        isClosed(hostile, "it sent a message that can't be read");
    }

    @Test
    void a_giant_frame_ends_the_connection() throws Exception {
        listen();
        SimulatedWorker hostile = attachHostile();

        hostile.send(new byte[5 * 1024 * 1024]);

        assertThat(bench.desk.nextGone().reason()).contains("Max frame length");
        honestGoesOn();
    }

    @Test
    void a_giant_message_in_small_frames_ends_the_connection() throws Exception {
        listen();
        SimulatedWorker hostile = attachHostile();
        byte[] piece = new byte[1024 * 1024];

        hostile.send(new BinaryWebSocketFrame(false, 0, Unpooled.wrappedBuffer(piece)));
        for (int i = 0; i < 5; i++) {
            hostile.send(new ContinuationWebSocketFrame(false, 0, Unpooled.wrappedBuffer(piece)));
        }

        assertThat(bench.desk.nextGone().reason()).contains("it sent too large a message");
        honestGoesOn();
    }

    @Test
    void text_frames_are_ignored() throws Exception {
        listen();
        SimulatedWorker hostile = attachHostile();

        hostile.send(new TextWebSocketFrame("{\"op\": \"update\"}"));
        hostile.send(new TextWebSocketFrame(true, 0, Unpooled.wrappedBuffer(new byte[] {-1, -2})));

        isRefused(hostile.request("nothing", Map.of()), "knows no op 'nothing'");
    }

    @Test
    void an_unknown_op_is_answered_with_an_error_and_the_connection_lives() throws Exception {
        listen();
        SimulatedWorker hostile = attachHostile();

        isRefused(hostile.request("shutdown", Map.of()), "this master knows no op 'shutdown'");
        isRefused(hostile.request("", Map.of()), "this master knows no op ''");

        honestGoesOn();
        assertThat(bench.desk.nobodyIsGone()).isTrue();
    }

    static Stream<Arguments> malformed() {
        Map<String, Object> nil = new LinkedHashMap<>();
        nil.put("args", null);
        return Stream.of(
                Arguments.of("update", Map.of(), "update: args must be a list of pairs"),
                Arguments.of("update", nil, "is nil"),
                Arguments.of("update", Map.of("args", List.of(1)), "a list of pairs"),
                Arguments.of("update", Map.of("args", List.of(List.of("a"))), "a list of pairs"),
                Arguments.of("update", Map.of("args", List.of(List.of(1, 2))), "a list of pairs"),
                Arguments.of("update", Map.of("args", List.of()), "command_id must be text"),
                Arguments.of(
                        "update",
                        Map.of("args", List.of(), "command_id", 7),
                        "command_id must be text, is a number"),
                Arguments.of(
                        "update",
                        Map.of("args", List.of(), "command_id", "x"),
                        "this master has started no command 'x'"),
                Arguments.of("complete", Map.of("args", 7), "args must be text, is a number"),
                Arguments.of("complete", Map.of(), "command_id must be text, is missing"),
                Arguments.of(
                        "update_upload_file_write",
                        Map.of("args", "text"),
                        "args must be binary data, is text"),
                Arguments.of("update_read_file", Map.of("length", "1"), "must be an integer"),
                Arguments.of("update_read_file", Map.of("length", 0), "length must be positive"),
                Arguments.of("update_read_file", Map.of("length", -1), "length must be positive"),
                Arguments.of(
                        "update_upload_file_utime",
                        Map.of("access_time", 1.0, "modified_time", Double.NaN),
                        "modified_time must be a time in seconds"),
                Arguments.of(
                        "update_upload_file_utime",
                        Map.of("access_time", 1e300, "modified_time", 1),
                        "access_time must be a time in seconds"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void a_malformed_request_is_answered_with_the_reason(
            String op, Map<String, Object> fields, String reason) throws Exception {
        listen();
        SimulatedWorker hostile = attachHostile();

        isRefused(hostile.request(op, fields), reason);

        assertThat(bench.desk.nobodyIsGone()).isTrue();
    }

    private static void isRefused(CompletionStage<Object> answer, String reason) {
        assertThatThrownBy(() -> answer.toCompletableFuture().get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(RefusedException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 2, 1_000_000, Long.MAX_VALUE})
    void a_number_that_is_not_due_ends_the_connection(long number) throws Exception {
        listen();
        SimulatedWorker hostile = attachHostile();
        isRefused(hostile.request("nothing", Map.of()), "nothing");

        hostile.send("nothing", number, Map.of());

        assertThat(bench.desk.nextGone().reason())
                .isEqualTo("its request nothing has seq_number %d, 1 was due".formatted(number));
        honestGoesOn();
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 3, Long.MAX_VALUE})
    void an_answer_to_nothing_ends_the_connection(long number) throws Exception {
        listen();
        SimulatedWorker hostile = attachHostile();

        hostile.send("response", number, Map.of());

        isClosed(
                hostile,
                "it answered request %d, which was not asked or has been answered"
                        .formatted(number));
    }

    // Before it.

    private Socket connect() throws IOException {
        Socket socket = new Socket(bench.address().getAddress(), bench.server().port());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private String answerTo(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return untilClosed(socket);
        }
    }

    private static String untilClosed(Socket socket) throws IOException {
        try (InputStream stream = socket.getInputStream()) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String opening(String... headers) {
        return """
        GET /any/path HTTP/1.1\r
        Host: master\r
        Upgrade: WebSocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
        Sec-WebSocket-Version: 13\r
        """
                + Stream.of(headers).map(h -> h + "\r\n").reduce("", String::concat)
                + "\r\n";
    }

    private static String basic(String pair) {
        return "Authorization: Basic "
                + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void without_a_password_nobody_attaches() throws Exception {
        listen();

        assertThat(answerTo(opening()))
                .startsWith("HTTP/1.1 401 Unauthorized")
                .contains("www-authenticate: Basic");
        honestGoesOn();
    }

    @Test
    void a_wrong_password_is_answered_late_and_without_a_hint() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        bench.handshake = new HandshakeLimits(SHORT, LONG, LONG, LONG, 100, 16 * 1024);
        bench.credentials =
                (_, password) -> {
                    if (password.equals("wrong")) {
                        asked.countDown();
                    }
                    return password.equals("right");
                };
        listen();

        // The answer would come after an hour; the deadline of the handshake ends it before.
        assertThat(answerTo(opening(basic("honest:wrong")))).isEmpty();
        assertThat(asked.getCount()).isZero();

        bench.server().close();
        bench.handshake =
                new HandshakeLimits(LONG, LONG, Duration.ofMillis(1), LONG, 100, 16 * 1024);
        bench.listen();
        assertThat(answerTo(opening(basic("honest:wrong")))).endsWith("\r\n\r\nwrong password\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer x", "Basic", "Basic ?", "Basic OnB3", "Basic dzE="})
    void malformed_credentials_are_answered_at_once(String authorization) throws Exception {
        bench.handshake = new HandshakeLimits(LONG, LONG, LONG, LONG, 100, 16 * 1024);
        listen();

        assertThat(answerTo(opening("Authorization: " + authorization)))
                .startsWith("HTTP/1.1 400 Bad Request");
    }

    @Test
    void a_check_that_takes_too_long_is_given_up() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        bench.handshake =
                new HandshakeLimits(LONG, SHORT, Duration.ofMillis(1), LONG, 100, 16 * 1024);
        bench.credentials =
                (name, _) -> {
                    if (name.equals("honest")) {
                        return true;
                    }
                    try {
                        return hold.await(60, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        return false;
                    }
                };
        listen();

        assertThat(answerTo(opening(basic("slow:x"))))
                .startsWith("HTTP/1.1 503")
                .contains("could not be checked within 1000 ms");
        hold.countDown();
        honestGoesOn();
    }

    @Test
    void a_check_that_fails_refuses_but_not_as_a_wrong_password() throws Exception {
        bench.credentials =
                (name, _) -> {
                    if (name.equals("honest")) {
                        return true;
                    }
                    throw new IllegalStateException("the database is away");
                };
        listen();

        assertThat(answerTo(opening(basic("w1:x"))))
                .startsWith("HTTP/1.1 503")
                .endsWith("\r\n\r\nthe password of worker w1 can't be checked\n");
        honestGoesOn();
    }

    static Stream<String> garbage() {
        return Stream.of(
                "\0\1\2\3\r\n\r\n",
                "SSH-2.0-OpenSSH_9.2\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
                "GET / HTTP/1.0\r\n\r\n",
                "GET /" + "x".repeat(100_000) + " HTTP/1.1\r\n\r\n",
                opening("X: " + "x".repeat(100_000)),
                opening("no colon"),
                opening().replace("13", "8"),
                opening().replace("GET", "PUT"),
                opening().replaceAll("Sec-WebSocket-Key.*\r\n", ""));
    }

    @ParameterizedTest
    @MethodSource("garbage")
    void what_opens_no_web_socket_is_answered_with_400(String request) throws Exception {
        listen();

        assertThat(answerTo(request)).startsWith("HTTP/1.1 400 Bad Request");

        honestGoesOn();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET / HT", "GET / HTTP/1.1\r\nAuthorization: Ba"})
    void who_does_not_finish_the_handshake_is_cut_off(String beginning) throws Exception {
        bench.handshake = new HandshakeLimits(SHORT, LONG, LONG, LONG, 100, 16 * 1024);
        listen();

        assertThat(answerTo(beginning)).isEmpty();

        honestGoesOn();
    }

    @Test
    void a_handshake_in_drops_is_cut_off_nevertheless() throws Exception {
        bench.handshake = new HandshakeLimits(SHORT, LONG, LONG, LONG, 100, 16 * 1024);
        listen();

        try (Socket socket = connect()) {
            CompletableFuture<String> answer =
                    CompletableFuture.supplyAsync(() -> {
                        try {
                            return untilClosed(socket);
                        } catch (IOException e) {
                            return "";
                        }
                    });
            while (!answer.isDone()) {
                try {
                    socket.getOutputStream().write('x');
                } catch (IOException e) {
                    break;
                }
            }
            // A line of 4096 bytes is too long, if the deadline was not faster.
            assertThat(answer.get(30, TimeUnit.SECONDS))
                    .satisfiesAnyOf(
                            text -> assertThat(text).isEmpty(),
                            text -> assertThat(text).startsWith("HTTP/1.1 400"));
        }
    }

    @Test
    void thousands_of_silent_connections_push_out_each_other_and_no_worker() throws Exception {
        bench.handshake = new HandshakeLimits(LONG, LONG, LONG, LONG, 50, 16 * 1024);
        listen();
        List<Socket> silent = new ArrayList<>();
        try {
            CountDownLatch pushedOut = new CountDownLatch(9_950);
            for (int i = 0; i < 10_000; i++) {
                if (i % 1_000 == 0) {
                    honestGoesOn();
                }
                Socket socket = connect();
                silent.add(socket);
                Thread.startVirtualThread(() -> countDownWhenClosed(socket, pushedOut));
            }

            assertThat(pushedOut.await(60, TimeUnit.SECONDS)).isTrue();
            honestGoesOn();
            assertThat(bench.attach("another", HostileWorkerTest::echo).name())
                    .isEqualTo("another");
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
        assertThat(bench.desk.nobodyIsGone()).isTrue();
    }

    private static void countDownWhenClosed(Socket socket, CountDownLatch latch) {
        try (socket) {
            if (untilClosed(socket).isEmpty()) {
                latch.countDown();
            }
        } catch (IOException e) {
            // One of those that were left, at the end of the test.
        }
    }

    @Test
    void hundreds_of_wrong_passwords_do_not_keep_an_honest_worker_from_attaching()
            throws Exception {
        bench.handshake = new HandshakeLimits(LONG, LONG, LONG, LONG, 50, 16 * 1024);
        listen();
        List<Socket> wrong = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                Socket socket = connect();
                wrong.add(socket);
                socket.getOutputStream()
                        .write(
                                opening(basic("honest:wrong" + i))
                                        .getBytes(StandardCharsets.ISO_8859_1));
            }

            honestGoesOn();
            assertThat(bench.attach("another", HostileWorkerTest::echo).name())
                    .isEqualTo("another");
        } finally {
            for (Socket socket : wrong) {
                socket.close();
            }
        }
    }
}
