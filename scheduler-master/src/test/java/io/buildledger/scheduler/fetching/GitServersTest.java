package io.buildledger.scheduler.fetching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.scheduler.fetching.Git.GitException;
import io.buildledger.testing.GitOverHttp;
import io.buildledger.testing.GitOverSsh;
import io.buildledger.testing.GitRepository;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How git gets into other repositories, over HTTP and SSH, and what those can do to it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class GitServersTest {

    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir Path directory;

    private GitRepository repository;

    @BeforeEach
    void createRepository() throws Exception {
        repository = GitRepository.create(directory.resolve("served/app"), "main");
        repository.commit("first", "a.txt");
    }

    private Git git(String url, GitAccess access, Duration timeout) {
        return new Git(directory.resolve("clone"), new RepositoryAddress(url), access, timeout);
    }

    private Path served() {
        return directory.resolve("served");
    }

    private GitAccess login(String user, String password) throws Exception {
        return new GitAccess(
                new GitAccess.Login(
                        user,
                        Files.writeString(directory.resolve("the password"), password + "\n")),
                null,
                null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"secret", "$(id) `id` 'x' \"y\" \\ %s ;&|<>", "pässwörd", "a:b@c/d?e#f"})
    void a_password_lets_git_in_over_http(String password) throws Exception {
        try (GitOverHttp server = GitOverHttp.start(served())) {
            server.require("c'i $HOME", password);
            Git git = git(server.url("app"), login("c'i $HOME", password), LONG);

            assertThat(git.remote().heads()).containsKey("main");
            git.fetch(List.of("main"));
            assertThat(git.has(repository.git("rev-parse", "HEAD"))).isTrue();
        }
    }

    @Test
    void a_password_that_is_refused_is_told_without_it_though_the_server_says_it()
            throws Exception {
        try (GitOverHttp server = GitOverHttp.start(served())) {
            server.require("ci", "right");
            Git git = git(server.url("app"), login("ci", "wrong-one"), LONG);

            assertThatThrownBy(git::remote)
                    .isInstanceOf(GitException.class)
                    .hasMessageContaining("Authentication failed")
                    .hasMessageContaining("You said Basic ***")
                    .hasMessageNotContainingAny("wrong-one", GitOverHttp.base64("ci:wrong-one"));
        }
    }

    @Test
    void no_password_is_asked_for_where_none_is_given() throws Exception {
        try (GitOverHttp server = GitOverHttp.start(served())) {
            server.require("ci", "right");
            Git git = git(server.url("app"), GitAccess.NONE, LONG);

            assertThatThrownBy(git::remote)
                    .isInstanceOf(GitException.class)
                    .hasMessageContaining("could not read Username");
        }
    }

    @Test
    void a_new_password_counts_from_the_next_command_on() throws Exception {
        try (GitOverHttp server = GitOverHttp.start(served())) {
            server.require("ci", "old");
            Git git = git(server.url("app"), login("ci", "old"), LONG);
            git.remote();
            server.require("ci", "new");
            login("ci", "new");

            assertThat(git.remote().heads()).containsKey("main");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two\nlines"})
    void a_file_that_holds_no_password_is_told(String content) throws Exception {
        Git git = git("http://127.0.0.1:1/app", login("ci", content), LONG);

        assertThatThrownBy(git::remote)
                .isInstanceOf(GitException.class)
                .hasMessageContaining("the password must hold a password and nothing else");
    }

    @Test
    void a_file_of_the_password_that_is_missing_is_told() {
        GitAccess access =
                new GitAccess(new GitAccess.Login("ci", directory.resolve("nowhere")), null, null);

        assertThatThrownBy(git("http://127.0.0.1:1/app", access, LONG)::remote)
                .isInstanceOf(GitException.class)
                .hasMessageContaining("there is no file")
                .hasMessageContaining("nowhere");
    }

    @Test
    void a_host_that_the_repository_redirects_to_is_not_shown_the_password() throws Exception {
        try (GitOverHttp other = GitOverHttp.start(served());
                RedirectingServer server = new RedirectingServer(other)) {
            other.require("ci", "secret");
            Git git = git(server.url(), login("ci", "secret"), LONG);

            assertThatThrownBy(git::remote).isInstanceOf(GitException.class);
            assertThat(other.authorizations()).isNotEmpty().containsOnly("");
        }
    }

    /** Leads to another server, having seen who comes. */
    private static final class RedirectingServer implements AutoCloseable {
        private final HttpServer server;

        RedirectingServer(GitOverHttp other) throws Exception {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext(
                    "/",
                    exchange -> {
                        if (exchange.getRequestHeaders().getFirst("Authorization") == null) {
                            exchange.getResponseHeaders()
                                    .add("WWW-Authenticate", "Basic realm=\"git\"");
                            exchange.sendResponseHeaders(401, -1);
                        } else {
                            exchange.getResponseHeaders()
                                    .add(
                                            "Location",
                                            other.url("app/info/refs?service=git-upload-pack"));
                            exchange.sendResponseHeaders(302, -1);
                        }
                        exchange.close();
                    });
            server.start();
        }

        String url() {
            return "http://127.0.0.1:%d/app".formatted(server.getAddress().getPort());
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    @Test
    void a_key_lets_git_in_over_ssh() throws Exception {
        try (GitOverSsh server = GitOverSsh.start(served())) {
            Path odd = Files.createDirectories(directory.resolve("it's 100% (odd) ;&"));
            Git git =
                    git(
                            server.url("app"),
                            new GitAccess(
                                    null,
                                    server.writeUserKey(odd.resolve("a key")),
                                    server.writeKnownHosts(odd.resolve("known hosts"))),
                            LONG);

            assertThat(git.remote().heads()).containsKey("main");
            git.fetch(List.of("main"));
            assertThat(git.has(repository.git("rev-parse", "HEAD"))).isTrue();
        }
    }

    @Test
    void a_key_that_is_not_let_in_is_told_and_nobody_is_asked() throws Exception {
        try (GitOverSsh server = GitOverSsh.start(served())) {
            Git git =
                    git(
                            server.url("app"),
                            new GitAccess(
                                    null,
                                    GitOverSsh.writeAnotherKey(directory.resolve("key")),
                                    server.writeKnownHosts(directory.resolve("hosts"))),
                            LONG);

            assertThatThrownBy(git::remote)
                    .isInstanceOf(GitException.class)
                    .hasMessageContaining("Permission denied");
        }
    }

    @Test
    void a_host_with_another_key_than_it_had_is_not_spoken_to() throws Exception {
        try (GitOverSsh server = GitOverSsh.start(served())) {
            Git git =
                    git(
                            server.url("app"),
                            new GitAccess(
                                    null,
                                    server.writeUserKey(directory.resolve("key")),
                                    server.writeOtherKnownHosts(directory.resolve("hosts"))),
                            LONG);

            assertThatThrownBy(git::remote)
                    .isInstanceOf(GitException.class)
                    .hasMessageContaining("Host key verification failed");
        }
    }

    @Test
    void a_path_that_ssh_can_not_be_given_is_told() {
        Git git =
                git("ssh://127.0.0.1:1/app", new GitAccess(null, Path.of("/a\"b/key"), null), LONG);

        assertThatThrownBy(git::remote)
                .isInstanceOf(GitException.class)
                .hasMessageContaining("ssh takes no path like /a\"b/key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>welcome</html>",
                "001e# service=git-upload-pack\n0000zzzz",
                "001e# service=git-upload-pack\n0000fff0",
                "0123456789012345678901234567890123456789\trefs/heads/main\n",
                "not a revision\trefs/heads/main\n",
                ""
            })
    void garbage_for_an_answer_is_told_or_nothing(String garbage) throws Exception {
        try (AnsweringServer server =
                new AnsweringServer(
                        "application/x-git-upload-pack-advertisement",
                        garbage.getBytes(StandardCharsets.UTF_8))) {
            Git git = git(server.url(), GitAccess.NONE, LONG);

            assertThat(remoteOrNull(git)).isNull();
        }
    }

    private static Git.@Nullable Remote remoteOrNull(Git git) {
        try {
            return git.remote();
        } catch (GitException e) {
            return null;
        }
    }

    @Test
    void a_list_of_branches_that_does_not_end_is_cut_short() throws Exception {
        try (EndlessServer server = new EndlessServer()) {
            Git git = git(server.url(), GitAccess.NONE, LONG);

            assertThatThrownBy(git::remote)
                    .isInstanceOf(GitException.class)
                    .hasMessageContaining("said more than anybody would need to know");
        }
    }

    @Test
    void a_server_that_tells_of_what_it_does_not_have_is_told() throws Exception {
        try (GitOverHttp server = GitOverHttp.start(served())) {
            Git git = git(server.url("app"), GitAccess.NONE, LONG);
            git.remote();
            String head = repository.git("rev-parse", "HEAD");
            Files.delete(
                    repository
                            .directory()
                            .resolve(".git/objects/" + head.substring(0, 2))
                            .resolve(head.substring(2)));

            assertThatThrownBy(() -> git.fetch(List.of("main"))).isInstanceOf(GitException.class);
        }
    }

    private static class AnsweringServer implements AutoCloseable {
        private final HttpServer server;

        AnsweringServer(String type, byte[] answer) throws Exception {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext(
                    "/",
                    exchange -> {
                        exchange.getResponseHeaders().add("Content-Type", type);
                        exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
                        exchange.getResponseBody().write(answer);
                        exchange.close();
                    });
            server.start();
        }

        String url() {
            return "http://127.0.0.1:%d/app".formatted(server.getAddress().getPort());
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    /** Lists branches by git's dumb protocol for as long as anybody reads. */
    private static final class EndlessServer implements AutoCloseable {
        private final HttpServer server;

        EndlessServer() throws Exception {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            AtomicLong number = new AtomicLong();
            server.createContext(
                    "/app/info/refs",
                    exchange -> {
                        exchange.getResponseHeaders().add("Content-Type", "text/plain");
                        exchange.sendResponseHeaders(200, 0);
                        while (number.get() < 2_000_000) {
                            StringBuilder lines = new StringBuilder();
                            for (int i = 0; i < 10_000; i++) {
                                lines.append(
                                                "0123456789012345678901234567890123456789\trefs/heads/")
                                        .append(number.getAndIncrement())
                                        .append('\n');
                            }
                            exchange.getResponseBody()
                                    .write(lines.toString().getBytes(StandardCharsets.UTF_8));
                        }
                        exchange.close();
                    });
            server.start();
        }

        String url() {
            return "http://127.0.0.1:%d/app".formatted(server.getAddress().getPort());
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
