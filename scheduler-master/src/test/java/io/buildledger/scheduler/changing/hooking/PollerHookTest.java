package io.buildledger.scheduler.changing.hooking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Ownership;
import io.buildledger.numbering.Numbers;
import io.buildledger.scheduler.changing.ChangeIntake;
import io.buildledger.scheduler.changing.CodebaseRules;
import io.buildledger.scheduler.changing.GitPollers;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.starting.MasterIdentity;
import io.buildledger.testing.GitRepository;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PollerHookTest {

    private static final String ELSEWHERE = "https://127.0.0.1:1/elsewhere.git";

    @TempDir static Path directory;

    /** What the hook stands on; not a configuration by itself, so that nobody's scan finds it. */
    @Import({
        PollerHookController.class,
        HookDoor.class,
        HookProblems.class,
        ConfiguredHooks.class,
        GitPollers.class,
        ChangeIntake.class,
        CodebaseRules.class
    })
    static class Hook {

        @Bean
        Numbers numbers(DataSource dataSource) {
            return new Numbers(dataSource);
        }

        @Bean
        InstantSource databaseClock() {
            return InstantSource.fixed(Instant.EPOCH);
        }

        @Bean
        MasterIdentity identity() {
            return new MasterIdentity("s", "scheduler");
        }

        @Bean
        ConfigurationFile file(EventLog log, HikariDataSource dataSource) throws IOException {
            ConfigurationFile file =
                    ConfigurationFile.read(
                            Files.writeString(
                                    directory.resolve("cluster.yaml"),
                                    """
                                    %s
                                    change_sources:
                                      - git_poller: {repourl: '%s', poll_interval: 1h}
                                      - git_poller: {repourl: '%s'}
                                    """
                                            .formatted(
                                                    HookedMaster.LEAST,
                                                    repository.url(),
                                                    ELSEWHERE)));
            GitPoller elsewhere = (GitPoller) file.configuration().changeSources().getLast();
            new Ownership(log, dataSource, new Author("s2", 1)).take(GitPollers.nameOf(elsewhere));
            return file;
        }
    }

    private static GitRepository repository = new GitRepository(Path.of("."));

    private final HttpClient client = HttpClient.newHttpClient();
    private ServedLog served;

    @BeforeEach
    void serve() throws Exception {
        repository = GitRepository.create(Files.createTempDirectory(directory, "repo"), "main");
        repository.commit("first", "a.txt");
        served = new ServedLog(0, Hook.class);
        await().until(() -> polls() == 1);
    }

    @AfterEach
    void close() {
        client.close();
        served.close();
    }

    private long polls() {
        return served.test.count("SELECT COUNT(*) FROM event WHERE type = 'repository-polled'");
    }

    private long changes() {
        return served.test.count("SELECT COUNT(*) FROM event WHERE type = 'change-received'");
    }

    private HttpResponse<String> poke(String query, String form, String... headers)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(served.url() + "/change_hook/poller" + query))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private void configure(String hooksAndAccess) {
        served.bean(ConfiguredHooks.class).prepare(ServedLog.file(hooksAndAccess)).run();
    }

    private static String basic(String credentials) {
        return "Basic "
                + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    }

    private static String query(String repository) {
        return "?poller=" + URLEncoder.encode(repository, StandardCharsets.UTF_8);
    }

    private static String detail(HttpResponse<String> response) {
        return new JsonMapper().readTree(response.body()).path("detail").asString();
    }

    @Test
    void a_poller_that_is_poked_looks_at_once() throws Exception {
        repository.commit("second", "b.txt");

        HttpResponse<String> response = poke(query(repository.url()), "");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"pollers\":[\"" + repository.url() + "\"]}");
        await().until(() -> changes() == 1);
    }

    @Test
    void without_a_name_all_are_poked_that_this_master_polls() throws Exception {
        repository.commit("second", "b.txt");

        assertThat(poke("", "").body()).isEqualTo("{\"pollers\":[\"" + repository.url() + "\"]}");
        await().until(() -> changes() == 1);
    }

    @Test
    void a_poller_that_there_is_not_is_told() throws Exception {
        HttpResponse<String> response =
                poke("", "poller=https%3A%2F%2Fme%3Asecret%40example.org/x");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(detail(response))
                .isEqualTo(
                        "poller: there is no git_poller of 'https://example.org/x': give its repourl");
    }

    @Test
    void a_poller_of_another_master_is_not_poked_and_that_master_is_named() throws Exception {
        HttpResponse<String> response = poke(query(ELSEWHERE), "");

        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(detail(response))
                .isEqualTo(
                        "poller: '%s' is polled by master s2: ask that one".formatted(ELSEWHERE));
    }

    @Test
    void a_form_that_can_not_be_read_is_refused() throws Exception {
        assertThat(poke("", "poller=%zz").statusCode()).isEqualTo(400);
        assertThat(poke("", "poller=%ff").statusCode()).isEqualTo(400);
    }

    @Test
    void who_may_not_send_to_base_has_no_poller_look_and_does_not_hear_which_there_are()
            throws Exception {
        String password = "change_hooks: {base: {user: ci, password: secret}}\n";
        String access =
                "access: {roles: [{name: readers, who: everyone, may: [view]}], users_file: u}\n";

        for (String restricted : List.of(password, access + password, access)) {
            configure(restricted);
            int refused = restricted.equals(access) ? 403 : 401;
            for (String query : List.of("", query(repository.url()), query("https://none"))) {
                HttpResponse<String> answer = poke(query, "");
                assertThat(answer.statusCode()).as(restricted).isEqualTo(refused);
                assertThat(answer.body()).doesNotContain(repository.url(), "none");
                assertThat(poke(query, "", "Authorization", basic("ci:guess")).statusCode())
                        .as(restricted)
                        .isEqualTo(refused);
            }
            assertThat(poke("", "", "Authorization", basic("ci:secret")).statusCode())
                    .as(restricted)
                    .isEqualTo(restricted.equals(access) ? 403 : 200);
        }
    }
}
