package io.buildledger.scheduler.changing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.InvalidConfigurationException;
import io.buildledger.log.Author;
import io.buildledger.starting.MasterIdentity;
import io.buildledger.testing.GitOverHttp;
import io.buildledger.testing.GitOverSsh;
import io.buildledger.testing.GitRepository;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(OutputCaptureExtension.class)
class GitPollersTest {

    @TempDir Path directory;

    private final TestLog test = new TestLog();

    @AfterEach
    void close() {
        test.close();
    }

    /** The pollers of a master whose file has these. */
    private GitPollers pollers(String... keys) throws IOException {
        return new GitPollers(
                ConfigurationFile.read(Configured.file(directory, keys)),
                new MasterIdentity("s", "scheduler"),
                test.log,
                test.dataSource,
                new Author("s", 1),
                Configured.intake(test, new Author("s", 1)),
                () -> Instant.EPOCH);
    }

    private GitRepository repository(String name) throws Exception {
        GitRepository repository =
                GitRepository.create(directory.resolve("served/" + name), "main");
        repository.commit("first", "a.txt");
        return repository;
    }

    /** Branch and first line of each change so far, by number. */
    private List<String> taken() {
        return test.jdbc
                .sql(
                        """
                        SELECT CONCAT(JSON_VALUE(payload, '$.branch'), ': ', JSON_VALUE(payload, '$.comments'))
                          FROM event
                         WHERE type = 'change-received'
                         ORDER BY JSON_VALUE(payload, '$.changeId') + 0
                        """)
                .query(String.class)
                .list();
    }

    private long polls() {
        return test.count("SELECT COUNT(*) FROM event WHERE type = 'repository-polled'");
    }

    @Test
    void a_repository_that_does_not_answer_is_told_once_though_git_says_something_else_each_time(
            CapturedOutput output) throws Exception {
        AtomicInteger polls = new AtomicInteger();
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(500 + polls.getAndIncrement() % 5, -1);
                    exchange.close();
                });
        server.start();
        try {
            GitPollers pollers =
                    pollers(
                            "repourl: 'http://127.0.0.1:%d/x.git', poll_interval: 100ms"
                                    .formatted(server.getAddress().getPort()));
            pollers.start();
            await().until(() -> polls.get() >= 4);
            pollers.stop();

            assertThat(output.getOut().split("can't poll", -1)).hasSize(2);
            assertThat(output).contains("The requested URL returned error: 500");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void repositories_that_hang_do_not_keep_the_others_waiting(CapturedOutput output)
            throws Exception {
        GitRepository repository = repository("app");
        List<String> keys = new ArrayList<>();
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < 12; i++) {
                keys.add(
                        "repourl: 'git://127.0.0.1:%d/%d', poll_interval: 100ms, timeout: 1s"
                                .formatted(silent.getLocalPort(), i));
            }
            keys.add("repourl: '%s', poll_interval: 100ms".formatted(repository.url()));
            GitPollers pollers = pollers(keys.toArray(String[]::new));
            pollers.start();
            await().until(() -> polls() == 1);
            await().until(() -> output.getOut().split("took more than 1 s", -1).length == 13);
            repository.commit("second", "b.txt");

            await().until(() -> taken().equals(List.of("main: second")));
            pollers.stop();
        }
    }

    @Test
    void pollers_that_are_taken_out_end_and_those_that_stay_go_on() throws Exception {
        GitRepository one = repository("one");
        GitRepository two = repository("two");
        GitPollers pollers = pollers("repourl: '%s', poll_interval: 100ms".formatted(one.url()));
        pollers.start();
        await().until(() -> polls() == 1);
        pollers.use(List.of(Configured.gitPoller(two.url(), "poll_interval: 100ms")));
        await().until(() -> polls() == 2);
        one.commit("unseen", "b.txt");
        two.commit("seen", "b.txt");

        await().until(() -> !taken().isEmpty());
        assertThat(taken()).containsExactly("main: seen");
        assertThat(test.count("SELECT COUNT(*) FROM token WHERE owner IS NOT NULL")).isEqualTo(1);
        pollers.stop();
    }

    enum Transport {
        HTTP,
        SSH
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void a_server_with_a_door_is_followed_through_all_that_happens_there(Transport transport)
            throws Exception {
        GitRepository repository = repository("app");
        Path served = directory.resolve("served");
        try (GitOverHttp http = GitOverHttp.start(served);
                GitOverSsh ssh = GitOverSsh.start(served)) {
            http.require("ci", "secret");
            Files.writeString(directory.resolve("token"), "secret\n");
            ssh.writeUserKey(directory.resolve("key"));
            ssh.writeKnownHosts(directory.resolve("hosts"));
            String access =
                    switch (transport) {
                        case HTTP ->
                                "repourl: '%s', auth: {user: ci, password_file: token}"
                                        .formatted(http.url("app"));
                        case SSH ->
                                "repourl: '%s', ssh_private_key_file: key, ssh_known_hosts_file: hosts"
                                        .formatted(ssh.url("app"));
                    };
            GitPollers pollers =
                    pollers(access + ", branches: ['*'], tags: ['v*'], poll_interval: 100ms");
            pollers.start();
            await().until(() -> polls() == 1);

            repository.commit("pushed", "b.txt");
            await().until(() -> taken().size() == 1);
            repository.git("reset", "--quiet", "--hard", "HEAD~1");
            repository.commit("forced", "b.txt");
            await().until(() -> taken().size() == 2);
            repository.git("tag", "--annotate", "--message", "one", "v1");
            await().until(() -> taken().size() == 3);
            repository.git("switch", "--quiet", "--create", "topic");
            repository.commit("topic", "c.txt");
            await().until(() -> taken().size() == 4);
            repository.git("switch", "--quiet", "main");
            repository.git("branch", "-D", "topic");
            repository.git("tag", "--delete", "v1");
            repository.commit("last", "d.txt");
            await().until(() -> taken().size() >= 5);
            pollers.stop();

            assertThat(taken())
                    .containsExactly(
                            "main: pushed",
                            "main: forced",
                            "refs/tags/v1: forced",
                            "topic: topic",
                            "main: last");
            assertThat(
                            test.count(
                                    "SELECT COUNT(*) FROM event WHERE CONCAT(stream, payload, metadata) LIKE '%secret%'"))
                    .isZero();
        }
    }

    @Test
    void another_file_s_pollers_poll_once_it_is_in_force_and_not_before() throws Exception {
        GitRepository one = repository("one");
        GitRepository two = repository("two");
        String keys = "repourl: '%s', poll_interval: 100ms";
        GitPollers pollers = pollers(keys.formatted(one.url()));
        pollers.start();
        await().until(() -> polls() == 1);

        Runnable inForce =
                pollers.prepare(
                        ConfigurationFile.read(
                                Configured.file(directory, keys.formatted(two.url()))));
        assertThat(pollers.poke(List.of(two.url()))).isInstanceOf(GitPollers.Poke.Unknown.class);
        inForce.run();

        await().until(() -> polls() == 2);
        one.commit("nobody sees it", "b.txt");
        two.commit("second", "b.txt");
        await().until(() -> taken().equals(List.of("main: second")));
        assertThat(pollers.poke(List.of(one.url()))).isInstanceOf(GitPollers.Poke.Unknown.class);
        pollers.stop();
    }

    @Test
    void a_file_of_a_password_that_is_not_there_keeps_the_pollers_as_they_are() throws Exception {
        GitRepository one = repository("one");
        String keys = "repourl: '%s', poll_interval: 100ms".formatted(one.url());
        GitPollers pollers = pollers(keys);

        assertThatThrownBy(() ->
                        pollers.prepare(
                                ConfigurationFile.read(
                                        Configured.file(
                                                directory, keys + ", ssh_private_key_file: gone"))))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("ssh_private_key_file: there is no file");
    }
}
