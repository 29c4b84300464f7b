package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.steps.GitDescription;
import io.buildledger.steps.GitLogin;
import io.buildledger.steps.GitRetry;
import io.buildledger.steps.GitStep;
import io.buildledger.steps.GitStep.Method;
import io.buildledger.steps.GitStep.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GitStepConfigurationTest {

    @TempDir Path directory;

    private Configuration.Builder builder(String keys) throws IOException {
        return ConfigurationFile.read(
                        Files.writeString(
                                directory.resolve("c.yaml"),
                                """
                                db_url: jdbc:mysql://db/buildledger
                                db_user: buildledger
                                builders:
                                  - {name: linux, worker_names: [w], factory: [git: {repourl: x, %s}]}
                                workers: [{name: w}]
                                """
                                        .formatted(keys)))
                .configuration()
                .builders()
                .getFirst();
    }

    private GitStep step(String keys) throws IOException {
        return (GitStep) builder(keys).factory().getFirst().step();
    }

    private String fingerprint(String keys) throws IOException {
        return ConfigurationFile.fingerprint(builder(keys));
    }

    @Test
    void every_key_is_bound() throws IOException {
        assertThat(
                        step(
                                """
                                branch: b, codebase: c, mode: full, method: clobber, always_use_latest: true,
                                submodules: true, remote_submodules: true, shallow: 3, tags: true, reference: /r,
                                origin: o, filters: ['blob:none'], progress: false, retry: {delay: 10s, repeat: 2},
                                retry_fetch: true, clobber_on_failure: true,
                                get_description: {long: true, exact_match: true, match: v*, abbrev: 7, dirty: true},
                                lfs: false, config: {http.version: HTTP/1.1}, ssh_private_key: k,
                                ssh_known_hosts: h, auth_credentials: {username: u, password: p},
                                git_credentials: [{url: "https://h", username: v, password: q}]
                                """))
                .isEqualTo(
                        new GitStep(
                                "x",
                                "b",
                                "c",
                                Mode.FULL,
                                Method.CLOBBER,
                                true,
                                true,
                                true,
                                "3",
                                true,
                                "/r",
                                "o",
                                List.of("blob:none"),
                                false,
                                new GitRetry(Duration.ofSeconds(10), 2),
                                true,
                                true,
                                new GitDescription(
                                        false, false, false, false, true, true, false, false, "v*",
                                        null, 7, null, "true"),
                                false,
                                Map.of("http.version", "HTTP/1.1"),
                                "k",
                                null,
                                "h",
                                new GitLogin(null, "u", "p"),
                                List.of(new GitLogin("https://h", "v", "q"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mode: full, method: fresh",
                "mode: full, shallow: false",
                "mode: full, get_description: false",
                "mode: full, origin: origin, progress: true, filters: [], config: {}, git_credentials: []",
                "mode: full, submodules: false, tags: false, lfs: , retry: "
            })
    void what_says_the_default_leaves_the_fingerprint_as_it_was(String keys) throws IOException {
        assertThat(fingerprint(keys)).isEqualTo(fingerprint("mode: full"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mode: full, method: clean",
                "mode: full, shallow: true",
                "mode: full, get_description: true",
                "mode: full, get_description: {}",
                "mode: full, lfs: false",
                "mode: full, progress: false",
                "mode: full, retry: {}",
                "mode: full, tags: true"
            })
    void what_says_something_else_counts(String keys) throws IOException {
        assertThat(fingerprint(keys)).isNotEqualTo(fingerprint("mode: full"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    method: clean                              | a method belongs to mode: full, and this is incremental
                    mode: full, method: quick                  | method: 'quick' is not one of clean, fresh, clobber, copy
                    remote_submodules: true                    | remote_submodules needs submodules: true
                    shallow: 0                                 | shallow: '0' is neither true nor a number of commits
                    shallow: deep                              | shallow: 'deep' is neither true nor a number of commits
                    reference: here                            | reference: 'here' is no absolute path of the worker
                    origin: -x                                 | origin: '-x' is no name that git takes for a remote
                    filters: ['']                              | a filter is empty: write one such as blob:none
                    retry: {repeat: -1}                        | retry.repeat must be at least 1
                    retry: {delay: soon}                       | 'soon' is not a duration
                    ssh_host_key: a, ssh_known_hosts: b        | give ssh_host_key or ssh_known_hosts, not both
                    auth_credentials: {username: u}            | auth_credentials lacks a username or a password
                    auth_credentials: {username: u, password: p, url: "https://h"} | those of other addresses go to git_credentials
                    git_credentials: [{username: u, password: p}]                  | lacks a url that begins with http:// or https://
                    git_credentials: [{url: "ssh://h", username: u, password: p}]  | lacks a url that begins with http:// or https://
                    """)
    void what_is_wrong_is_told(String keys, String problem) {
        assertThat(
                        catchThrowableOfType(
                                        InvalidConfigurationException.class, () -> builder(keys))
                                .getMessage())
                .contains(problem)
                .doesNotContain("%");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "shallow: '%(prop:depth)s'",
                "reference: '%(worker:mirrors)s/app'",
                "origin: '%(prop:remote)s'",
                "git_credentials: [{url: '%(prop:server)s', username: u, password: p}]"
            })
    void what_is_known_only_when_the_step_runs_is_not_refused_before(String keys)
            throws IOException {
        assertThat(step(keys)).isNotNull();
    }

    @Test
    void a_step_shows_no_secret() throws IOException {
        assertThat(
                        step("ssh_private_key: s1, auth_credentials: {username: u, password: s2}, git_credentials: [{url: 'https://h', username: u, password: s3}], config: {http.extraHeader: s4}")
                                .toString())
                .doesNotContain("s1", "s2", "s3", "s4");
        assertThat(new GitLogin("https://h", "u", "s2").toString()).doesNotContain("s2");
    }
}
