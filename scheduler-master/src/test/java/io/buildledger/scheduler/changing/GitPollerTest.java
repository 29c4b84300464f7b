package io.buildledger.scheduler.changing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.log.Author;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Entry;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GitPollerTest {

    @TempDir Path directory;

    private final TestLog test = new TestLog();
    private int pollers;

    @BeforeEach
    void repository() throws Exception {
        git("init", "--quiet", "--initial-branch=main");
        commit("first", "a.txt");
    }

    @AfterEach
    void close() {
        test.close();
    }

    private Path repositoryPath() {
        return directory.resolve("repo");
    }

    private void git(String... arguments) throws IOException, InterruptedException {
        Files.createDirectories(repositoryPath());
        List<String> command =
                new ArrayList<>(
                        List.of("git", "-c", "user.name=A", "-c", "user.email=a@example.org"));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command)
                        .directory(repositoryPath().toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private void commit(String message, String file) throws Exception {
        Files.writeString(repositoryPath().resolve(file), message);
        git("add", ".");
        git("commit", "--quiet", "--message", message);
    }

    /** A poller of a master that has just started, with nothing but the log to remember. */
    private GitPollerLoop poller(int initialCommits, String... branches) {
        String url = repositoryPath().toUri().toString();
        return new GitPollerLoop(
                new GitPoller(
                        url,
                        List.of(branches),
                        Duration.ofSeconds(1),
                        "app",
                        "",
                        null,
                        initialCommits),
                new Git(directory.resolve("clone" + ++pollers), url),
                test.log,
                new ChangeIntake(test.log, test.numbers, new Author("s", 1)));
    }

    private ChangeReceived change(long id) {
        return (ChangeReceived) test.log.read(Streams.change(id)).getFirst().event();
    }

    @Test
    void the_first_poll_takes_only_what_it_is_told_to() throws Exception {
        commit("second", "b.txt");

        assertThat(poller(0).runOnce()).isEmpty();
        assertThat(poller(0).runOnce()).isEmpty();
    }

    @Test
    void the_first_poll_takes_the_newest_commits_when_it_is_told_to() throws Exception {
        commit("second", "b.txt");
        commit("third", "c.txt");

        assertThat(poller(2).runOnce()).hasSize(2);
        assertThat(change(1).comments()).isEqualTo("second");
        assertThat(change(2).comments()).isEqualTo("third");
    }

    @Test
    void a_commit_becomes_a_change_with_all_that_git_knows_of_it() throws Exception {
        poller(0).runOnce();
        commit("Fix the ümlaut\n\nand say why", "ü b.txt");

        assertThat(poller(0).runOnce()).containsExactly(1L);
        assertThat(change(1).comments()).isEqualTo("Fix the ümlaut\n\nand say why");
        assertThat(change(1).author()).isEqualTo("A <a@example.org>");
        assertThat(change(1).files()).containsExactly("ü b.txt");
        assertThat(change(1).branch()).isEqualTo("main");
        assertThat(change(1).revision()).hasSize(40);
        assertThat(change(1).project()).isEqualTo("app");
    }

    @Test
    void a_restart_neither_loses_nor_repeats() throws Exception {
        poller(0).runOnce();
        commit("second", "b.txt");
        assertThat(poller(0).runOnce()).hasSize(1);
        commit("third", "c.txt");
        commit("fourth", "d.txt");

        assertThat(poller(0).runOnce()).hasSize(2);
        assertThat(poller(0).runOnce()).isEmpty();
        assertThat(change(2).comments()).isEqualTo("third");
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'change-received'"))
                .isEqualTo(3);
    }

    @Test
    void a_rewritten_branch_gives_its_new_commits() throws Exception {
        commit("second", "b.txt");
        GitPollerLoop poller = poller(0);
        poller.runOnce();
        git("reset", "--quiet", "--hard", "HEAD~1");
        commit("instead", "c.txt");

        assertThat(poller.runOnce()).hasSize(1);
        assertThat(change(1).comments()).isEqualTo("instead");
    }

    @Test
    void several_branches_are_followed_and_a_shared_commit_is_one_change() throws Exception {
        git("branch", "stable");
        GitPollerLoop poller = poller(0, "main", "stable");
        poller.runOnce();
        commit("shared", "b.txt");
        git("branch", "--force", "stable", "main");
        commit("only main", "c.txt");

        assertThat(poller.runOnce()).hasSize(2);
    }

    @Test
    void of_two_that_poll_at_the_same_time_one_gets_the_changes_in() throws Exception {
        poller(0).runOnce();
        commit("second", "b.txt");
        String url = repositoryPath().toUri().toString();
        ChangeIntake intake = new ChangeIntake(test.log, test.numbers, new Author("s", 1));
        Recorded cursor = test.log.read(Streams.gitPoller(url)).getLast();
        GitPollerLoop slow = poller(0);
        assertThat(slow.runOnce()).hasSize(1);

        assertThatThrownBy(() ->
                        intake.take(
                                List.of(),
                                new Entry(cursor.stream(), cursor.sequence() + 1, cursor.event())))
                .isInstanceOf(ConflictException.class);
    }

    @Test
    void a_repository_that_is_not_there_is_told() {
        String url = directory.resolve("nowhere").toUri().toString();

        assertThatThrownBy(() -> new Git(directory.resolve("clone"), url).remote())
                .isInstanceOf(Git.GitException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void a_transport_that_runs_commands_is_refused() {
        assertThatThrownBy(() ->
                        new Git(directory.resolve("clone"), "ext::sh -c 'touch /tmp/x'").remote())
                .isInstanceOf(Git.GitException.class)
                .hasMessageContaining("not allowed");
    }
}
