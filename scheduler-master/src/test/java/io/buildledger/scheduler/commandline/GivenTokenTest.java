package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.buildledger.scheduler.commandline.RunCommand.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GivenTokenTest {

    private static final String TOKEN = "blt_abc-DEF_0123";

    /** What a master answers. */
    private record Reply(int status, String header, String value, String body) {}

    @TempDir Path directory;

    private HttpServer server;
    private volatile Reply reply = new Reply(200, "X-None", "", "{\"builds\": []}");
    private final AtomicReference<@Nullable String> shown = new AtomicReference<>();

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    shown.set(exchange.getRequestHeaders().getFirst("Authorization"));
                    byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().set(reply.header(), reply.value());
                    exchange.getRequestBody().readAllBytes();
                    exchange.sendResponseHeaders(reply.status(), body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private Path file(String text, String mode) throws IOException {
        Path file = Files.writeString(directory.resolve("token"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private Answer ask(String... args) {
        return RunCommand.run(
                Stream.concat(Stream.of(args), Stream.of("--master", url()))
                        .toArray(String[]::new));
    }

    @Test
    void the_option_comes_before_the_token_of_the_environment_and_that_before_its_file()
            throws IOException {
        Path file = file(TOKEN + "\n", "rw-r-----");
        Map<String, String> both =
                Map.of("BUILDLEDGER_TOKEN", "blt_x", "BUILDLEDGER_TOKEN_FILE", file.toString());

        assertThat(GivenToken.find(null, Map.of())).isNull();
        assertThat(GivenToken.find(file, both)).isEqualTo(TOKEN);
        assertThat(GivenToken.find(null, both)).isEqualTo("blt_x");
        assertThat(GivenToken.find(null, Map.of("BUILDLEDGER_TOKEN_FILE", file.toString())))
                .isEqualTo(TOKEN);
        assertThat(
                        GivenToken.find(
                                null,
                                Map.of("BUILDLEDGER_TOKEN", "", "BUILDLEDGER_TOKEN_FILE", "")))
                .isNull();
    }

    @Test
    void a_token_that_can_t_be_used_is_refused_and_not_repeated() throws IOException {
        assertThatThrownBy(() -> GivenToken.find(null, Map.of("BUILDLEDGER_TOKEN", "blt one")))
                .hasMessage(
                        "BUILDLEDGER_TOKEN: it holds no token: one word of ASCII letters, digits and signs");
        Path file = directory.resolve("token");
        assertThatThrownBy(() -> GivenToken.find(file, Map.of()))
                .hasMessage(
                        "--token-file: there is no file %s: write the token to it".formatted(file));
        file("blt_one\nX-Evil: 1\n", "rw-------");
        assertThatThrownBy(() ->
                        GivenToken.find(null, Map.of("BUILDLEDGER_TOKEN_FILE", file.toString())))
                .hasMessageStartingWith("BUILDLEDGER_TOKEN_FILE: " + file + " holds no token")
                .message()
                .doesNotContain("one\n", "Evil");
        file(TOKEN, "rw-r--r--");
        Answer answer = ask("builds", "--token-file", file.toString());
        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.err())
                .isEqualTo(
                        "--token-file: others than its owner and group may use %s: chmod o= it\n"
                                .formatted(file));
        assertThat(shown.get()).isNull();
    }

    @Test
    void a_master_is_shown_the_token_and_a_hook_is_not() throws IOException {
        String file = file(TOKEN, "rw-------").toString();

        assertThat(ask("builds", "--token-file", file).status()).isZero();
        assertThat(shown.get()).isEqualTo("Bearer " + TOKEN);
        assertThat(ask("drain", "b1", "--token-file", file).err()).isEmpty();
        assertThat(shown.get()).isEqualTo("Bearer " + TOKEN);
        assertThat(ask("builds").status()).isZero();
        assertThat(shown.get()).isNull();
        Answer hook = ask("sendchange", "-W", "ann", "--token-file", file);
        assertThat(hook.status()).isEqualTo(2);
        assertThat(hook.err()).startsWith("--token-file: this asks for nothing that takes a token");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://ci.example.org",
                "http://192.0.2.1:8010",
                "http://127.0.0.1@ci.example.org",
                "http://localhost.example.org:8010/"
            })
    void nobody_on_the_way_can_read_the_token(String master) throws IOException {
        Answer answer =
                RunCommand.run(
                        "builds",
                        "--master",
                        master,
                        "--token-file",
                        file(TOKEN, "rw-------").toString());

        assertThat(answer.status()).isEqualTo(2);
        assertThat(answer.err())
                .startsWith("--master: the token would be sent to ")
                .contains(" for everybody to read: write https://")
                .doesNotContain(TOKEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:1", "http://[::1]:1", "https://ci.example.org"})
    void a_token_may_be_shown_to_this_machine_and_in_secret(String master) {
        assertThat(new Master(master).withToken(TOKEN)).isNotNull();
    }

    @Test
    void a_refusal_is_told_in_a_line_with_what_to_do() throws IOException {
        String file = file(TOKEN, "rw-------").toString();

        reply =
                new Reply(
                        401,
                        "WWW-Authenticate",
                        "Bearer",
                        "{\"detail\": \"Authorization: there is no such token, or it has expired\"}");
        Answer unknown = ask("builds", "--token-file", file);
        assertThat(unknown.status()).isEqualTo(1);
        assertThat(unknown.err())
                .startsWith(
                        "Authorization: there is no such token, or it has expired: give one by --token-file, BUILDLEDGER_TOKEN_FILE or BUILDLEDGER_TOKEN; 'bin/buildledger token new' makes one")
                .hasLineCount(1)
                .doesNotContain(TOKEN);

        reply =
                new Reply(
                        403,
                        "X-None",
                        "",
                        "{\"detail\": \"no role gives 'drain' to ann by this token: ask who configures this cluster\"}");
        assertThat(ask("drain", "b1", "--token-file", file).err())
                .isEqualTo(
                        "no role gives 'drain' to ann by this token: ask who configures this cluster\n");

        reply =
                new Reply(
                        401,
                        "WWW-Authenticate",
                        "Basic realm=\"x\"",
                        "{\"detail\": \"who are you?\"}");
        assertThat(ask("sendchange", "-W", "ann").err()).isEqualTo("who are you?\n");

        reply = new Reply(403, "X-None", "", "<html>no</html>");
        assertThat(ask("builds").err())
                .startsWith(url() + " refuses that (status 403), but not as a master does: ")
                .hasLineCount(1);
    }

    @Test
    void a_token_goes_nowhere_that_an_answer_leads_to() throws IOException {
        HttpServer other =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        AtomicReference<String> asked = new AtomicReference<>("nothing");
        other.createContext(
                "/",
                exchange -> {
                    asked.set(exchange.getRequestURI().toString());
                    exchange.close();
                });
        other.start();
        try {
            String login = "http://127.0.0.1:%d/login".formatted(other.getAddress().getPort());
            reply = new Reply(302, "Location", login, "<html>");

            Answer answer = ask("builds", "--token-file", file(TOKEN, "rw-------").toString());

            assertThat(answer.status()).isEqualTo(1);
            assertThat(answer.err())
                    .startsWith("%s leads to %s: if that is a master, ".formatted(url(), login))
                    .hasLineCount(1);
            assertThat(asked.get()).isEqualTo("nothing");
        } finally {
            other.stop(0);
        }
    }
}
