package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.configuring.Configuration.GitPoller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GitPollerConfigurationTest {

    @TempDir Path directory;

    private ConfigurationFile read(String keys) throws IOException {
        return ConfigurationFile.read(write(keys));
    }

    private Path write(String keys) throws IOException {
        return Files.writeString(
                directory.resolve("c.yaml"),
                "db_url: jdbc:mysql://db/buildledger\ndb_user: buildledger\nchange_sources:\n  - git_poller: {"
                        + keys
                        + "}\n");
    }

    private List<String> problems(String keys) throws IOException {
        Path file = write(keys);
        return told(() -> ConfigurationFile.read(file));
    }

    private List<String> told(ThrowingCallable reading) {
        InvalidConfigurationException problem =
                catchThrowableOfType(InvalidConfigurationException.class, reading);
        assertThat(problem).as("it is refused").isNotNull();
        return problem.problems().stream().map(line -> line.replace(directory + "/", "")).toList();
    }

    @Test
    void a_poller_that_says_no_more_than_its_repository_has_the_defaults() throws IOException {
        GitPoller poller = poller(read("repourl: https://example.org/a.git"));

        assertThat(poller.pollInterval()).isEqualTo(Duration.ofMinutes(10));
        assertThat(poller.timeout()).isEqualTo(Duration.ofMinutes(10));
        assertThat(poller.pollAtLaunch()).isTrue();
        assertThat(poller.branches()).isEmpty();
        assertThat(poller.tags()).isEmpty();
        assertThat(poller.onlyTags()).isFalse();
        assertThat(poller.buildPushesWithNoCommits()).isFalse();
    }

    @Test
    void a_poller_can_say_all_that_there_is() throws IOException {
        GitPoller poller =
                poller(
                        read(
                                """
                                repourl: https://example.org/a.git, branches: [main, release/*],
                                branches_re: 'fix-\\d+', branches_not_re: '.*-wip', tags: [v*], tags_re: '\\d+',
                                poll_interval: 1m, poll_at_launch: false, poll_random_delay: 10s, timeout: 2m,
                                initial_commits: 3, build_pushes_with_no_commits: true,
                                auth: {user: ci, password_file: token}, project: a, codebase: b, category: c\
                                """));

        assertThat(poller.branches()).containsExactly("main", "release/*");
        assertThat(poller.branchesRe()).isEqualTo("fix-\\d+");
        assertThat(poller.auth()).isEqualTo(new Configuration.Login("ci", Path.of("token")));
    }

    private static GitPoller poller(ConfigurationFile file) {
        return (GitPoller) file.configuration().changeSources().getFirst();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    poll_interval: 99ms | poll_interval must be at least 100ms
                    poll_interval: 1s, poll_random_delay: 2s | poll_random_delay is longer than poll_interval (1 s): make it shorter
                    timeout: 0 | timeout must be at least 1s
                    initial_commits: -1 | initial_commits must be at least 0
                    branches: ["a b"] | branches: 'a b' is no name that git allows, in which * may stand for any characters; a regular expression goes into branches_re
                    branches: [""] | branches: '' is no name that git allows, in which * may stand for any characters; a regular expression goes into branches_re
                    branches: ["a[bc]"] | branches: 'a[bc]' is no name that git allows, in which * may stand for any characters; a regular expression goes into branches_re
                    branches: [refs/heads/main] | branches: 'refs/heads/main' begins with refs/: write the name alone, such as main
                    tags: [refs/tags/v1] | tags: 'refs/tags/v1' begins with refs/: write the name alone, such as v1.0
                    branches_re: "(" | branches_re: '(' is no regular expression of RE2: missing closing )
                    branches_not_re: "a(?!b)" | branches_not_re: 'a(?!b)' is no regular expression of RE2: invalid or unsupported Perl syntax
                    tags_re: "[" | tags_re: '[' is no regular expression of RE2: missing closing ]
                    only_tags: true, branches: [main] | give only_tags or branches, not both: tags beside branches need only tags: [...]
                    auth: {user: ci} | auth lacks its password_file: name a file that holds the password or token
                    auth: {password_file: t} | auth lacks its user: add user: ...
                    auth: {user: "a:b", password_file: t} | auth.user has 1 to 100 characters, none of them a colon or a control character
                    ssh_private_key_file: key | ssh_private_key_file is for SSH, and repourl is not: use auth
                    """)
    void what_a_poller_can_not_have_is_told(String keys, String problem) throws IOException {
        assertThat(problems("repourl: https://example.org/a.git, " + keys))
                .singleElement()
                .asString()
                .endsWith(": " + problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    git@example.org:a.git | auth is for http:// and https:// alone, and repourl is neither
                    https://me:secret@example.org/a.git | give auth or credentials in repourl, not both
                    """)
    void credentials_that_do_not_fit_the_repository_are_told(String repourl, String problem)
            throws IOException {
        assertThat(problems("repourl: '" + repourl + "', auth: {user: ci, password_file: t}"))
                .singleElement()
                .asString()
                .endsWith(": " + problem)
                .doesNotContain("secret");
    }

    @Test
    void a_path_that_ssh_would_take_for_something_else_is_told() throws IOException {
        assertThat(problems("repourl: 'git@example.org:a.git', ssh_private_key_file: '%h$x'"))
                .singleElement()
                .asString()
                .contains("ssh_private_key_file: ssh takes no path with one of");
    }

    @Test
    void a_check_looks_for_the_files_of_passwords_and_keys() throws IOException {
        ConfigurationFile file =
                read("repourl: https://example.org/a.git, auth: {user: ci, password_file: token}");

        assertThat(told(file::check))
                .containsExactly("c.yaml:4:71: password_file: there is no file token");
        Files.writeString(directory.resolve("token"), "secret");
        file.check();
    }
}
