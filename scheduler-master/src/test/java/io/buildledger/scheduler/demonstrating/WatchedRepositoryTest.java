package io.buildledger.scheduler.demonstrating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.testing.GitRepository;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WatchedRepositoryTest {

    @TempDir Path temporary;
    private GitRepository repository;
    private Path directory;

    @BeforeEach
    void createRepository() throws Exception {
        directory = temporary.toRealPath().resolve("app");
        repository = GitRepository.create(directory, "trunk");
    }

    private void commit() throws Exception {
        repository.git("commit", "--quiet", "--allow-empty", "--message", "something");
    }

    @Test
    void without_a_branch_it_is_the_default_branch_of_the_repository() throws Exception {
        commit();
        repository.git("branch", "other");

        assertThat(WatchedRepository.find(directory.toString(), null))
                .isEqualTo(new WatchedRepository(directory.toString(), "trunk"));
    }

    @Test
    void another_name_of_a_branch_is_not_the_default_branch() throws Exception {
        commit();
        repository.git("branch", "release");
        repository.git("symbolic-ref", "refs/heads/latest", "refs/heads/release");

        assertThat(WatchedRepository.find(directory.toString(), null).branch()).isEqualTo("trunk");
    }

    @Test
    void credentials_are_not_told() {
        String url = "file://somebody:secret@" + directory;

        assertThatThrownBy(() -> WatchedRepository.find(url, null))
                .hasMessage(
                        "--repo: file://%s has no branch yet: commit something to it first",
                        directory);
    }

    @Test
    void a_branch_that_is_there_is_taken() throws Exception {
        commit();
        repository.git("branch", "release/1.0");

        assertThat(WatchedRepository.find(directory.toUri().toString(), "release/1.0"))
                .isEqualTo(new WatchedRepository(directory.toUri().toString(), "release/1.0"));
    }

    @Test
    void a_directory_is_named_so_that_it_is_found_from_any_other() throws Exception {
        commit();
        Path link = Files.createSymbolicLink(directory.resolveSibling("link"), directory);

        assertThat(WatchedRepository.find(link.toString(), null).url())
                .isEqualTo(directory.toString());
    }

    @Test
    void a_repository_that_is_not_there_is_told_in_one_line() {
        assertThatThrownBy(() -> WatchedRepository.find("/nonexistent/app", null))
                .isInstanceOf(DemoFailedException.class)
                .hasMessageStartingWith("--repo: git can't read /nonexistent/app (")
                .hasMessageEndingWith("name a repository that 'git ls-remote' can read")
                .message()
                .hasLineCount(1);
    }

    @Test
    void a_repository_without_commits_is_told() {
        assertThatThrownBy(() -> WatchedRepository.find(directory.toString(), null))
                .hasMessage(
                        "--repo: %s has no branch yet: commit something to it first", directory);
    }

    @Test
    void a_branch_that_is_not_there_is_answered_with_those_that_are() throws Exception {
        commit();
        repository.git("branch", "other");

        assertThatThrownBy(() -> WatchedRepository.find(directory.toString(), "main"))
                .hasMessage("--branch: %s has no branch 'main'; it has other, trunk", directory);
    }

    @Test
    void of_many_branches_ten_are_told() throws Exception {
        commit();
        for (int i = 10; i < 21; i++) {
            repository.git("branch", "b" + i);
        }

        assertThatThrownBy(() -> WatchedRepository.find(directory.toString(), "main"))
                .hasMessageEndingWith(
                        "it has b10, b11, b12, b13, b14, b15, b16, b17, b18, b19 and 2 more");
    }

    @Test
    void a_repository_that_does_not_say_its_default_branch_needs_one_to_be_named()
            throws Exception {
        commit();
        repository.git("checkout", "--quiet", "--detach");

        assertThatThrownBy(() -> WatchedRepository.find(directory.toString(), null))
                .hasMessage(
                        "--repo: %s does not say which branch is its default: add --branch with one of trunk",
                        directory);
        assertThat(WatchedRepository.find(directory.toString(), "trunk").branch())
                .isEqualTo("trunk");
    }

    @Test
    void the_reason_is_what_git_says_first_but_for_warnings() {
        assertThat(
                        WatchedRepository.reason(
                                """
                                Warning: Permanently added 'git.example.org' to the list of known hosts.
                                git@git.example.org: Permission denied (publickey).
                                fatal: Could not read from remote repository.

                                Please make sure you have the correct access rights
                                """))
                .isEqualTo("git@git.example.org: Permission denied (publickey).");
        assertThat(WatchedRepository.reason("fatal: repository 'x' not found\n"))
                .isEqualTo("repository 'x' not found");
        assertThat(WatchedRepository.reason("")).isEqualTo("it does not say why");
    }
}
