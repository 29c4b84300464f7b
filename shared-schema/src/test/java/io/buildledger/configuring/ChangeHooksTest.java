package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.configuring.ChangeHooks.ForgeHook;
import io.buildledger.configuring.ChangeHooks.PullrequestRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ChangeHooksTest {

    private static final String GOOD =
            """
            db_url: jdbc:mysql://db/buildledger
            db_user: buildledger
            codebases:
              - {name: app, repositories: [https://example.org/app.git, "git@example.org:app"]}
              - {name: docs, repository_re: 'https://example\\.org/docs-.*', project: docs}
            change_hooks:
              base: {user: ci, password_file: base-password}
              github: {secret_file: secrets/github, pullrequest_ref: merge, skips: [nobuild]}
              gitlab: {secret: s3cret, codebase: app, project: mine}
              bitbucketserver: {secret: s3cret, url: https://bitbucket.example.org/context/}
            """;

    @TempDir Path directory;

    private ConfigurationFile read(String text) throws IOException {
        return ConfigurationFile.read(Files.writeString(directory.resolve("c.yaml"), text));
    }

    private List<String> problems(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("c.yaml"), text);
        InvalidConfigurationException problem =
                catchThrowableOfType(
                        InvalidConfigurationException.class, () -> ConfigurationFile.read(file));
        assertThat(problem).as("the file is refused").isNotNull();
        return problem.problems().stream().map(line -> line.replace(directory + "/", "")).toList();
    }

    @Test
    void a_file_says_which_forges_may_send_changes_and_what_becomes_of_them() throws IOException {
        Configuration configuration = read(GOOD).configuration();

        assertThat(configuration.changeHooks().forges())
                .containsOnlyKeys("github", "gitlab", "bitbucketserver");
        ForgeHook github = Objects.requireNonNull(configuration.changeHooks().github());
        assertThat(github.pullrequestRef()).isEqualTo(PullrequestRef.MERGE);
        assertThat(github.skips()).containsExactly("nobuild");
        ForgeHook gitlab = Objects.requireNonNull(configuration.changeHooks().gitlab());
        assertThat(gitlab.pullrequestRef()).isEqualTo(PullrequestRef.HEAD);
        assertThat(gitlab.skips()).hasSize(2);
        assertThat(configuration.codebases())
                .extracting(Codebase::name)
                .containsExactly("app", "docs");
        assertThat(configuration.codebases().getFirst().repositories()).hasSize(2);
        assertThat(configuration.codebases().getLast().repositories()).isEmpty();
    }

    @Test
    void a_file_that_says_nothing_of_hooks_has_none() throws IOException {
        Configuration silent =
                read("db_url: jdbc:mysql://db/x\ndb_user: x\nchange_hooks:\n").configuration();

        assertThat(silent.changeHooks().forges()).isEmpty();
        assertThat(silent.changeHooks().base()).isNull();
        assertThat(silent.codebases()).isEmpty();
    }

    @Test
    void secrets_are_read_from_their_files_beside_the_configuration() throws IOException {
        Files.createDirectory(directory.resolve("secrets"));
        Files.writeString(directory.resolve("secrets/github"), "of github\n");
        Files.writeString(directory.resolve("base-password"), "of base\n");

        assertThat(read(GOOD).hookSecrets())
                .isEqualTo(
                        Map.of(
                                "base", "of base",
                                "github", "of github",
                                "gitlab", "s3cret",
                                "bitbucketserver", "s3cret"));
    }

    @Test
    void the_file_of_a_secret_that_is_not_there_or_empty_is_told_when_the_file_is_checked()
            throws IOException {
        ConfigurationFile file = read(GOOD);
        assertThatThrownBy(file::check)
                .hasMessageContaining(
                        "c.yaml:7:20: change_hooks.base.password_file: there is no file")
                .hasMessageContaining("base-password: write the password to it");

        Files.writeString(directory.resolve("base-password"), "of base\n");
        Files.createDirectory(directory.resolve("secrets"));
        Files.writeString(directory.resolve("secrets/github"), "\n");
        assertThatThrownBy(file::check)
                .hasMessageContaining("c.yaml:8:12: change_hooks.github.secret_file:")
                .hasMessageContaining("is empty: write the secret to it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    github: {secret_file: secrets/github, | githubb: {secret_file: x,         | change_hooks.githubb: there is no key 'githubb' here: did you mean 'github'?
                    secret_file: secrets/github,  | secret: x, secret_file: y,                | c.yaml:8:12: change_hooks.github: give secret or secret_file, not both
                    secret_file: secrets/github,  | secret: "",                               | c.yaml:8:12: change_hooks.github.secret: is empty: write it
                    secret_file: secrets/github,  | ``                                        | c.yaml:8:3: change_hooks.github: secret_file is missing: name the file that holds the secret
                    pullrequest_ref: merge        | pullrequest_ref: mrge                     | change_hooks.github.pullrequest_ref: 'mrge' is not one of head, merge
                    skips: [nobuild]              | skips: nobuild                            | change_hooks.github.skips: this must be a list
                    skips: [nobuild]              | skips: ["a("]                             | c.yaml:8:73: change_hooks.github.skips[0]: 'a(' is not a regular expression of RE2: missing closing )
                    skips: [nobuild]              | skips: [null]                             | change_hooks.github.skips[0]: is not a regular expression of 1 to 1000 characters
                    skips: [nobuild]              | url: https://github.com                   | change_hooks.github.url: this forge says itself where it is: remove it
                    gitlab: {secret: s3cret,      | gitea: {secret: s3cret, pullrequest_ref: merge, | change_hooks.gitea.pullrequest_ref: this forge has no such ref: write head
                    project: mine                 | project: "a\\nb"                           | change_hooks.gitlab.project: has a control character, such as a newline: remove it
                    , url: https://bitbucket.example.org/context/ | ``                        | c.yaml:10:3: change_hooks.bitbucketserver: url is missing: where its pages are
                    url: https://bitbucket.example.org/context/   | url: bitbucket            | change_hooks.bitbucketserver.url: 'bitbucket' is not an address like https://bitbucket.example.org
                    url: https://bitbucket.example.org/context/   | url: https://u:p@b.example | is not an address like
                    user: ci,                     | ``                                        | c.yaml:7:3: change_hooks.base: user is missing: write user: NAME
                    user: ci,                     | user: "c:i",                              | change_hooks.base.user: 'c:i' is not the name of a user
                    password_file: base-password  | pasword: x                                | there is no key 'pasword' here: did you mean 'password'?
                    , password_file: base-password | ``                                       | c.yaml:7:3: change_hooks.base: password_file is missing: name the file that holds the password
                    name: app, repositories       | repositories                              | c.yaml:4:5: a codebase has no name: add name: ...
                    name: app, repositories       | name: "", repositories                    | c.yaml:4:6: a codebase has an empty name: write name: ...
                    repository_re: 'https://example\\.org/docs-.*', project: docs | ``          | c.yaml:5:5: codebase docs: says not which changes are of it
                    repository_re: 'https://example\\.org/docs-.*'  | repository_re: "(?=a)"    | codebase docs: repository_re: '(?=a)' is not a regular expression of RE2
                    "git@example.org:app"         | https://example.org/app.git               | c.yaml:4:61: codebase app names repository 'https://example.org/app.git' twice: name it once
                    "git@example.org:app"         | ""                                        | c.yaml:4:61: codebase app: a repository is empty: write its address
                    """)
    void what_is_wrong_is_told_with_its_place_and_the_remedy(
            String good, String bad, String problem) throws IOException {
        assertThat(GOOD).contains(good);

        assertThat(problems(GOOD.replace(good, bad)))
                .singleElement()
                .asString()
                .startsWith("c.yaml:")
                .contains(problem);
    }

    @Test
    void an_empty_codebase_is_told() throws IOException {
        assertThat(problems(GOOD.replace("codebases:", "codebases:\n  -")))
                .containsExactly(
                        "c.yaml:4:4: a codebase is empty: write {name: ..., repositories: [...]}, or repository_re, or project");
    }
}
