package io.buildledger.scheduler.changing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.log.Author;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Entry;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.fetching.Git;
import io.buildledger.testing.GitRepository;
import io.buildledger.testing.TestLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GitPollerTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir Path directory;

    private final TestLog test = new TestLog();
    private GitRepository repository;
    private int clones;

    @BeforeEach
    void createRepository() throws Exception {
        repository = GitRepository.create(directory.resolve("repo"), "main");
        repository.commit("first", "a.txt");
    }

    @AfterEach
    void close() {
        test.close();
    }

    /** A poller of a master that has just started, with nothing but the log to remember. */
    private GitPollerLoop poller(int initialCommits, String... branches) {
        return poller(url(), initialCommits, newClone(), () -> NOW, branches);
    }

    private GitPollerLoop poller(
            String url, int initialCommits, Path clone, InstantSource clock, String... branches) {
        return poller(
                url,
                clone,
                clock,
                "initial_commits: %d, branches: [%s], project: app"
                        .formatted(initialCommits, String.join(", ", branches)));
    }

    private GitPollerLoop poller(String url, Path clone, InstantSource clock, String keys) {
        return new GitPollerLoop(
                Configured.gitPoller(url, keys),
                new Git(clone, new RepositoryAddress(url)),
                test.log,
                intake(),
                clock);
    }

    private ChangeIntake intake() {
        return Configured.intake(test, new Author("s", 1));
    }

    private String url() {
        return repository.url();
    }

    /** A place where nothing has been cloned yet. */
    private Path newClone() {
        return directory.resolve("clone" + ++clones);
    }

    private List<String> comments(List<Long> changes) {
        return changes.stream().map(id -> change(id).comments()).toList();
    }

    private ChangeReceived change(long id) {
        return (ChangeReceived) test.log.read(Streams.change(id)).getFirst().event();
    }

    @Test
    void the_first_poll_takes_only_what_it_is_told_to() throws Exception {
        repository.commit("second", "b.txt");

        assertThat(poller(0).runOnce()).isEmpty();
        assertThat(poller(0).runOnce()).isEmpty();
    }

    @Test
    void the_first_poll_takes_the_newest_commits_when_it_is_told_to() throws Exception {
        repository.commit("second", "b.txt");
        repository.commit("third", "c.txt");

        assertThat(poller(2).runOnce()).hasSize(2);
        assertThat(change(1).comments()).isEqualTo("second");
        assertThat(change(2).comments()).isEqualTo("third");
    }

    @Test
    void a_commit_becomes_a_change_with_all_that_git_knows_of_it() throws Exception {
        poller(0).runOnce();
        repository.commit("Fix the ümlaut\n\nand say why", "ü b.txt");

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
        repository.commit("second", "b.txt");
        assertThat(poller(0).runOnce()).hasSize(1);
        repository.commit("third", "c.txt");
        repository.commit("fourth", "d.txt");

        assertThat(poller(0).runOnce()).hasSize(2);
        assertThat(poller(0).runOnce()).isEmpty();
        assertThat(change(2).comments()).isEqualTo("third");
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'change-received'"))
                .isEqualTo(3);
    }

    @Test
    void a_rewritten_branch_gives_its_new_commits() throws Exception {
        repository.commit("second", "b.txt");
        GitPollerLoop poller = poller(0);
        poller.runOnce();
        repository.git("reset", "--quiet", "--hard", "HEAD~1");
        repository.commit("instead", "c.txt");

        assertThat(poller.runOnce()).hasSize(1);
        assertThat(change(1).comments()).isEqualTo("instead");
    }

    @Test
    void several_branches_are_followed_and_a_shared_commit_is_one_change() throws Exception {
        repository.git("branch", "stable");
        GitPollerLoop poller = poller(0, "main", "stable");
        poller.runOnce();
        repository.commit("shared", "b.txt");
        repository.git("branch", "--force", "stable", "main");
        repository.commit("only main", "c.txt");

        assertThat(poller.runOnce()).hasSize(2);
    }

    @Test
    void of_two_that_poll_at_the_same_time_one_gets_the_changes_in() throws Exception {
        poller(0).runOnce();
        repository.commit("second", "b.txt");
        ChangeIntake intake = intake();
        Recorded cursor = test.log.read(Streams.gitPoller(url())).getLast();
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

        assertThatThrownBy(() -> new Git(newClone(), new RepositoryAddress(url)).remote())
                .isInstanceOf(Git.GitException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void a_transport_that_runs_commands_is_refused() {
        RepositoryAddress address = new RepositoryAddress("ext::sh -c 'touch /tmp/x'");

        assertThatThrownBy(() -> new Git(newClone(), address).remote())
                .isInstanceOf(Git.GitException.class)
                .hasMessageContaining("not allowed");
    }

    @Test
    void pollers_of_different_branches_of_a_repository_do_not_repeat_each_other() throws Exception {
        repository.git("branch", "stable");
        GitPollerLoop main = poller(0, "main");
        GitPollerLoop stable = poller(0, "stable");
        main.runOnce();
        stable.runOnce();
        repository.commit("on main", "b.txt");
        repository.git("switch", "--quiet", "stable");
        repository.commit("on stable", "c.txt");

        assertThat(comments(main.runOnce())).containsExactly("on main");
        assertThat(comments(stable.runOnce())).containsExactly("on stable");
        assertThat(main.runOnce()).isEmpty();
        assertThat(stable.runOnce()).isEmpty();
        assertThat(poller(0, "main").runOnce()).isEmpty();
    }

    @Test
    void a_branch_that_was_away_for_a_poll_is_not_taken_again() throws Exception {
        repository.git("branch", "stable");
        GitPollerLoop poller = poller(0, "main", "stable");
        poller.runOnce();
        repository.git("switch", "--quiet", "stable");
        repository.commit("on stable", "b.txt");
        assertThat(poller.runOnce()).hasSize(1);
        repository.git("switch", "--quiet", "main");
        repository.git("branch", "--move", "stable", "elsewhere");
        repository.commit("on main", "c.txt");
        assertThat(comments(poller.runOnce())).containsExactly("on main");
        repository.git("branch", "--move", "elsewhere", "stable");

        assertThat(poller.runOnce()).isEmpty();
        assertThat(poller(0, "main", "stable").runOnce()).isEmpty();
    }

    @Test
    void a_branch_that_appears_gives_its_new_commits() throws Exception {
        GitPollerLoop poller = poller(0, "main", "feature");
        poller.runOnce();
        repository.git("switch", "--quiet", "--create", "feature");
        repository.commit("second", "b.txt");
        repository.commit("third", "c.txt");

        assertThat(comments(poller.runOnce())).containsExactly("second", "third");
    }

    @Test
    void a_branch_that_is_followed_later_gives_only_what_no_followed_branch_has() throws Exception {
        repository.commit("second", "b.txt");
        repository.git("branch", "stable");
        repository.commit("third", "c.txt");
        poller(0, "main").runOnce();
        repository.git("switch", "--quiet", "stable");
        repository.commit("on stable", "d.txt");

        assertThat(comments(poller(0, "stable").runOnce())).containsExactly("on stable");
    }

    @Test
    void a_merge_gives_no_commits_that_another_poller_has_taken() throws Exception {
        repository.git("branch", "stable");
        GitPollerLoop stable = poller(0, "stable");
        stable.runOnce();
        poller(0, "main").runOnce();
        repository.commit("on main", "b.txt");
        String merged = repository.git("rev-parse", "HEAD");
        repository.commit("later on main", "c.txt");
        assertThat(poller(0, "main").runOnce()).hasSize(2);
        repository.git("switch", "--quiet", "stable");
        repository.commit("on stable", "d.txt");
        repository.git("merge", "--quiet", "--message", "merge", merged);

        assertThat(comments(stable.runOnce())).containsExactly("on stable", "merge");
    }

    @Test
    void a_branch_that_was_rewritten_while_the_clone_was_lost_gives_its_new_commits()
            throws Exception {
        repository.commit("second", "b.txt");
        poller(0).runOnce();
        repository.git("reset", "--quiet", "--hard", "HEAD~1");
        repository.commit("instead", "c.txt");
        repository.commit("and more", "d.txt");

        assertThat(comments(poller(0).runOnce())).containsExactly("instead", "and more");
    }

    @Test
    void of_a_branch_that_can_not_be_compared_with_the_past_only_the_newest_commit_is_taken()
            throws Exception {
        repository.commit("second", "b.txt");
        repository.commit("third", "c.txt");
        poller(0).runOnce();
        repository.git("reset", "--quiet", "--hard", "HEAD~1");
        repository.commit("instead", "d.txt");
        repository.git("reflog", "expire", "--expire=now", "--all");
        repository.git("gc", "--quiet", "--prune=now");

        assertThat(comments(poller(0).runOnce())).containsExactly("instead");
        repository.commit("fourth", "e.txt");
        assertThat(comments(poller(0).runOnce())).containsExactly("fourth");
    }

    @Test
    void one_that_has_lost_a_race_takes_what_the_winner_left_at_its_next_poll() throws Exception {
        repository.git("branch", "stable");
        poller(0, "main", "stable").runOnce();
        repository.git("update-ref", "refs/heads/main", undated("yesterday +0000"));
        repository.git("switch", "--quiet", "stable");
        repository.commit("on stable", "c.txt");
        List<Long> won = new ArrayList<>();
        GitPollerLoop loser =
                poller(
                        url(),
                        0,
                        newClone(),
                        () -> {
                            // Asked for the undated commit, when the loser has read its cursor.
                            won.addAll(poller(0, "main").runOnce());
                            return NOW;
                        },
                        "main",
                        "stable");

        assertThat(loser.runOnce()).isEmpty();
        assertThat(comments(won)).containsExactly("undated");
        assertThat(comments(loser.runOnce())).containsExactly("on stable");
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'change-received'"))
                .isEqualTo(2);
    }

    @Test
    void a_cursor_of_a_newer_program_is_not_guessed_at() throws Exception {
        poller(0).runOnce();
        test.jdbc
                .sql(
                        """
                        INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
                        VALUES (:stream, 1, 'repository-watched', '1', '{}', '{}')
                        """)
                .param("stream", Streams.gitPoller(url()))
                .update();
        repository.commit("second", "b.txt");

        assertThatThrownBy(() -> poller(0).runOnce())
                .isInstanceOf(GitPollerLoop.NewerCursorException.class)
                .hasMessageContaining("@1 was written by a newer program");
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'change-received'"))
                .isZero();
    }

    @Test
    void a_lock_that_a_crash_left_in_the_clone_stops_nothing() throws Exception {
        Path clone = newClone();
        poller(url(), 0, clone, () -> NOW).runOnce();
        repository.commit("second", "b.txt");
        Files.createFile(clone.resolve("refs/seen/main.lock"));

        assertThat(comments(poller(url(), 0, clone, () -> NOW).runOnce()))
                .containsExactly("second");
        repository.commit("third", "c.txt");
        assertThat(comments(poller(url(), 0, clone, () -> NOW).runOnce())).containsExactly("third");
    }

    @Test
    void a_clone_that_a_crash_left_half_made_stops_nothing() throws Exception {
        Path clone = newClone();
        Files.createDirectories(clone.resolve("objects"));

        assertThat(poller(url(), 1, clone, () -> NOW).runOnce()).hasSize(1);
    }

    @Test
    void a_clone_is_kept_when_the_failure_is_the_repositorys() throws Exception {
        Path clone = newClone();
        Git git = new Git(clone, new RepositoryAddress(url()));
        git.fetch(List.of("main"));
        Path mark = Files.createFile(clone.resolve("mark"));

        assertThatThrownBy(() -> git.fetch(List.of("main", "nowhere")))
                .isInstanceOf(Git.GitException.class)
                .hasMessageContaining("nowhere");
        assertThat(mark).exists();
    }

    @Test
    void a_branch_is_compared_with_more_heads_than_one_command_has_room_for() throws Exception {
        String main = repository.git("rev-parse", "HEAD");
        repository.git("switch", "--quiet", "--orphan", "alone");
        String alone = repository.commit("alone", "b.txt");
        Git git = new Git(newClone(), new RepositoryAddress(url()));
        git.fetch(List.of("main", "alone"));
        List<String> heads = new ArrayList<>(Collections.nCopies(60_000, main));
        assertThat(git.isRelated(alone, heads)).isFalse();
        heads.add(alone);

        assertThat(git.isRelated(alone, heads)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "yesterday +0000",
                "-5 +0000",
                "99999999999999 +0000",
                "9223372036854775807 +0000",
                "99999999999999999999999 +0000"
            })
    void a_commit_with_an_impossible_date_is_taken_with_the_time_of_its_intake(String date)
            throws Exception {
        poller(0).runOnce();
        repository.git("update-ref", "refs/heads/main", undated(date));

        assertThat(comments(poller(0).runOnce())).containsExactly("undated");
        assertThat(change(1).when()).isEqualTo(NOW);
    }

    /** A commit on the current one with a date that git itself would refuse. */
    private String undated(String date) throws Exception {
        String commit =
                """
                tree %s
                parent %s
                author A <a@example.org> %s
                committer A <a@example.org> %s

                undated
                """
                        .formatted(
                                repository.git("rev-parse", "HEAD^{tree}"),
                                repository.git("rev-parse", "HEAD"),
                                date,
                                date);
        return repository.gitReading(
                commit, "hash-object", "-t", "commit", "-w", "--literally", "--stdin");
    }

    @Test
    void a_cut_text_ends_with_a_whole_character() throws Exception {
        poller(0).runOnce();
        repository.git(
                "-c",
                "user.name=" + "n".repeat(NewChange.LONGEST_TEXT - 2) + "👷👷",
                "commit",
                "--quiet",
                "--allow-empty",
                "--message",
                "long");

        poller(0).runOnce();
        assertThat(change(1).author()).isEqualTo("n".repeat(NewChange.LONGEST_TEXT - 2) + "…");
    }

    @Test
    void credentials_in_an_address_do_not_get_into_the_log() throws Exception {
        String url = "file://somebody:secret@" + repository.directory();

        assertThat(poller(url, 1, newClone(), () -> NOW).runOnce()).hasSize(1);

        assertThat(change(1).repository()).isEqualTo("file://" + repository.directory());
        assertThat(test.log.lastSequence(Streams.gitPoller("file://" + repository.directory())))
                .hasValue(0);
        assertThat(
                        test.count(
                                "SELECT COUNT(*) FROM event WHERE CONCAT(stream, payload, metadata) LIKE '%secret%'"))
                .isZero();
    }
}
