package io.buildledger.builder.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.domain.building.Results;
import io.buildledger.steps.GitLogin;
import io.buildledger.steps.GitStep.Method;
import io.buildledger.testing.GitOverHttp;
import io.buildledger.testing.GitOverSsh;
import io.buildledger.testing.GitRepository;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What lets git in is on the worker while the step runs, and nowhere else. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class GitCredentialsTest {

    private static final TestLog DATABASE = new TestLog();
    private static final String USER = "c'i $HOME";
    private static final String PASSWORD = "$(id) 'pässwörd' \"y\" \\ %s ;&|<>";

    @TempDir Path directory;
    private GitBench git;

    @BeforeEach
    void open() throws Exception {
        git = new GitBench(DATABASE, directory);
        git.origin.commit("one", "a.txt");
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @AfterEach
    void close() {
        git.close();
    }

    private GitOverHttp http() throws IOException {
        GitOverHttp server = GitOverHttp.start(directory.resolve("served"));
        server.require(USER, PASSWORD);
        return server;
    }

    /** Neither in the log nor in any file that the step has left. */
    private void requireNoTrace(String... secrets) throws IOException {
        assertThat(git.names()).doesNotContain(".buildledger-git");
        assertThat(String.join("\n", git.bench.text(1))).doesNotContain(secrets);
        try (Stream<Path> files = Files.walk(git.bench.builderDirectory())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(secrets);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void a_password_lets_git_in_over_http(Method method) throws Exception {
        try (GitOverHttp server = http()) {
            GitStepMaker step =
                    GitStepMaker.git(server.url("app")).login(USER, PASSWORD + "\n").full(method);

            assertThat(git.run(step).results()).isEqualTo(Results.SUCCESS);
            requireNoTrace(PASSWORD, GitOverHttp.base64(USER + ":" + PASSWORD));
        }
    }

    @Test
    void a_password_that_is_refused_is_told_without_it() throws Exception {
        try (GitOverHttp server = http()) {
            BuildOutcome outcome =
                    git.run(GitStepMaker.git(server.url("app")).login(USER, "wrong-one"));

            assertThat(outcome.results()).isEqualTo(Results.FAILURE);
            assertThat(outcome.summary())
                    .contains("Authentication failed")
                    .doesNotContain("wrong-one");
            assertThat(git.names()).doesNotContain(".buildledger-git");
        }
    }

    @Test
    void submodules_get_the_password_of_their_own_host() throws Exception {
        try (GitOverHttp own = http();
                GitOverHttp other = GitOverHttp.start(directory.resolve("others"))) {
            other.require("other", "other's");
            GitRepository lib = GitRepository.create(directory.resolve("others/lib"), "main");
            lib.commit("lib", "lib.txt");
            git.origin.git(
                    "-c",
                    "protocol.file.allow=always",
                    "submodule",
                    "--quiet",
                    "add",
                    lib.url(),
                    "lib");
            git.origin.git(
                    "config", "--file", ".gitmodules", "submodule.lib.url", other.url("lib"));
            git.origin.commit("with lib", "a.txt");
            GitStepMaker step =
                    GitStepMaker.git(own.url("app"))
                            .submodules()
                            .login(USER, PASSWORD)
                            .logins(new GitLogin(other.url(""), "other", "other's"));

            assertThat(git.run(step).results()).isEqualTo(Results.SUCCESS);
            assertThat(git.text("lib/lib.txt")).isEqualTo("lib");
            assertThat(other.authorizations())
                    .containsOnly("", "Basic " + GitOverHttp.base64("other:other's"));
            requireNoTrace(PASSWORD, "other's");
        }
    }

    private GitStepMaker overSsh(GitOverSsh server) throws Exception {
        return GitStepMaker.git(server.url("app"))
                .key(Files.readString(server.writeUserKey(directory.resolve("key"))));
    }

    private String knownHosts(GitOverSsh server) throws IOException {
        return Files.readString(server.writeKnownHosts(directory.resolve("hosts")));
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true"})
    void a_key_lets_git_in_over_ssh(boolean byHostKey, boolean stripped) throws Exception {
        try (GitOverSsh server = GitOverSsh.start(directory.resolve("served"))) {
            String key = Files.readString(server.writeUserKey(directory.resolve("key")));
            GitStepMaker step =
                    GitStepMaker.git(server.url("app"))
                            .key(stripped ? key.strip() : key.replace("\n", "\r\n"));
            String hosts = knownHosts(server);
            if (byHostKey) {
                step.hostKey(hosts.split(" ", 2)[1]);
            } else {
                step.knownHosts(hosts);
            }

            assertThat(git.run(step).results()).isEqualTo(Results.SUCCESS);
            requireNoTrace(key.lines().toList().get(1));
        }
    }

    @Test
    void a_host_with_another_key_is_not_spoken_to() throws Exception {
        try (GitOverSsh server = GitOverSsh.start(directory.resolve("served"))) {
            String other =
                    Files.readString(server.writeOtherKnownHosts(directory.resolve("others")));

            assertThat(git.run(overSsh(server).knownHosts(other)).results())
                    .isEqualTo(Results.FAILURE);
            assertThat(git.bench.text(1)).contains("Host key verification failed.");
            assertThat(git.names()).doesNotContain(".buildledger-git");
        }
    }

    /** Stands for ssh: tells of the files that it was given, and waits if it is told to. */
    private void putSsh(String end) throws IOException {
        Path bin = Files.createDirectories(directory.resolve("bin"));
        Path ssh = bin.resolve("ssh");
        Files.writeString(
                ssh,
                """
                #!/bin/sh
                ls -l ../.buildledger-git > '%1$s/files'
                ls -ld ../.buildledger-git >> '%1$s/files'
                printf '%%s\\n' "$@" > '%1$s/arguments'
                mv '%1$s/arguments' '%1$s/begun'
                %2$s
                """
                        .formatted(directory, end));
        assertThat(ssh.toFile().setExecutable(true)).isTrue();
        git.env.put("PATH", bin + ":" + System.getenv("PATH"));
    }

    @Test
    void only_the_workers_user_can_look_at_what_is_there_while_the_step_runs() throws Exception {
        putSsh("exit 255");

        git.run(GitStepMaker.git("ssh://nowhere/app").key("the key").hostKey("ssh-rsa AAAA"));

        assertThat(Files.readAllLines(directory.resolve("files")))
                .anyMatch(it -> it.startsWith("-rw------- ") && it.endsWith(" ssh-key"))
                .anyMatch(it -> it.startsWith("-rw------- ") && it.endsWith(" known-hosts"))
                .anyMatch(it -> it.startsWith("drwx------ "));
        assertThat(Files.readAllLines(directory.resolve("begun")))
                .contains("IdentitiesOnly=yes", "StrictHostKeyChecking=yes")
                .noneMatch(it -> it.contains("the key"));
        requireNoTrace("the key");
    }

    @Test
    void an_interrupted_step_leaves_none() throws Exception {
        putSsh("exec sleep 600");
        RunningBuild running =
                git.bench.prepare(
                        GitBench.stamp("main", null),
                        git.env,
                        GitStepMaker.git("ssh://nowhere/app").key("the key").step());
        CompletableFuture<BuildOutcome> outcome = BuildBench.start(running);
        await().atMost(20, TimeUnit.SECONDS).until(() -> Files.exists(directory.resolve("begun")));
        assertThat(git.names()).contains(".buildledger-git");

        running.interrupt("enough");

        assertThat(outcome.get(20, TimeUnit.SECONDS))
                .isEqualTo(new BuildOutcome(Results.CANCELLED, "cancelled: enough"));
        requireNoTrace("the key");
    }

    @Test
    void those_of_a_step_whose_master_was_killed_are_removed_by_the_next() throws Exception {
        Path left = git.bench.builderDirectory().resolve(".buildledger-git");
        Files.createDirectories(left);
        Files.writeString(left.resolve("ssh-key"), "the key");

        assertThat(git.run(git.step()).results()).isEqualTo(Results.SUCCESS);
        requireNoTrace("the key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two\nlines", "a\u0000b", "a\u009bb"})
    void a_password_that_git_could_not_be_told_is_refused_and_not_shown(String password)
            throws Exception {
        BuildOutcome outcome =
                git.run(GitStepMaker.git("http://127.0.0.1:1/app").login("ci", password));

        assertThat(outcome.results()).isEqualTo(Results.EXCEPTION);
        assertThat(outcome.summary())
                .isEqualTo("exception in git: password must be one line that is not empty");
        assertThat(git.names()).doesNotContain(".buildledger-git");
    }

    @Test
    void the_builders_own_directory_is_no_place_to_work_in_with_credentials() {
        BuildOutcome outcome = git.run(git.step().key("the key").in("."));

        assertThat(outcome.results()).isEqualTo(Results.EXCEPTION);
        assertThat(outcome.summary()).contains("give it another workdir");
    }

    @Test
    void a_password_that_is_of_no_use_is_told() {
        assertThat(git.run(git.step().login("ci", "secret")).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.bench.text(1))
                .anyMatch(it -> it.startsWith("auth_credentials are of no use"));
    }

    @Test
    void the_next_step_does_not_have_them() throws Exception {
        try (GitOverHttp server = http()) {
            git.run(GitStepMaker.git(server.url("app")).login(USER, PASSWORD));
            BuildOutcome outcome =
                    git.bench
                            .prepare(
                                    GitBench.stamp("main", null),
                                    Map.of("GIT_TERMINAL_PROMPT", "0"),
                                    ScriptStep.script("fetch", "git fetch origin").step())
                            .run();

            assertThat(outcome.results()).isEqualTo(Results.FAILURE);
            assertThat(git.bench.text(1)).anyMatch(it -> it.contains("could not read Username"));
        }
    }
}
