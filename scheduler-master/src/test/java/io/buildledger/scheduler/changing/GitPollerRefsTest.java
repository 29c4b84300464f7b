package io.buildledger.scheduler.changing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.ChangeSourceEvent.RepositoryPolled;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.fetching.Git;
import io.buildledger.testing.GitRepository;
import io.buildledger.testing.TestLog;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.FileSystemUtils;

/** Which branches and tags a poller follows, and what becomes of them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(OutputCaptureExtension.class)
class GitPollerRefsTest {

    @TempDir Path directory;

    private final TestLog test = new TestLog();
    private GitRepository repository;

    @BeforeEach
    void createRepository() throws Exception {
        repository = GitRepository.create(directory.resolve("repo"), "main");
        repository.commit("first", "a.txt");
    }

    @AfterEach
    void close() {
        test.close();
    }

    private GitPollerLoop poller(String keys) {
        String url = repository.url();
        return new GitPollerLoop(
                Configured.gitPoller(url, keys),
                new Git(directory.resolve("clone"), new RepositoryAddress(url)),
                test.log,
                Configured.intake(test, new Author("s", 1)),
                () -> Instant.EPOCH);
    }

    /** Branch and first line of each change. */
    private List<String> taken(GitPollerLoop poller) {
        return poller.runOnce().stream()
                .map(this::change)
                .map(change -> change.branch() + ": " + change.comments())
                .toList();
    }

    private ChangeReceived change(long id) {
        return (ChangeReceived) test.log.read(Streams.change(id)).getFirst().event();
    }

    private Map<String, String> recorded() {
        return ((RepositoryPolled)
                        test.log.read(Streams.gitPoller(repository.url())).getLast().event())
                .heads();
    }

    private void branch(String name, String message) throws Exception {
        repository.git("switch", "--quiet", "--create", name, "main");
        repository.commit(message, message + ".txt");
    }

    @Test
    void a_star_in_the_name_of_a_branch_stands_for_anything() throws Exception {
        GitPollerLoop poller = poller("branches: [main, 'release/*']");
        poller.runOnce();
        branch("release/1.0", "one");
        branch("release/1.x/fix", "fix");
        branch("feature", "other");

        assertThat(taken(poller)).containsExactly("release/1.0: one", "release/1.x/fix: fix");
    }

    @Test
    void a_star_alone_follows_every_branch() throws Exception {
        GitPollerLoop poller = poller("branches: ['*']");
        poller.runOnce();
        branch("feature", "other");
        branch("a+b.c", "punctuation");

        assertThat(taken(poller)).containsExactly("a+b.c: punctuation", "feature: other");
    }

    @Test
    void what_is_no_star_in_a_name_is_taken_as_it_is() throws Exception {
        GitPollerLoop poller = poller("branches: [main, 'v1.*']");
        poller.runOnce();
        branch("v1x0", "another");
        branch("v1.0", "one");

        assertThat(taken(poller)).containsExactly("v1.0: one");
    }

    @Test
    void an_expression_matches_whole_names() throws Exception {
        GitPollerLoop poller =
                poller("branches: [main], branches_re: 'fix-\\d+', branches_not_re: '.*0'");
        poller.runOnce();
        branch("fix-1", "one");
        branch("fix-1a", "a");
        branch("my-fix-1", "mine");
        branch("fix-10", "ten");

        assertThat(taken(poller)).containsExactly("fix-1: one");
    }

    @Test
    void an_expression_that_blows_up_elsewhere_is_matched_in_no_time() throws Exception {
        GitPollerLoop poller = poller("branches: [main], branches_re: '(a*)*b'");
        poller.runOnce();
        branch("a".repeat(200), "many");

        assertThat(taken(poller)).isEmpty();
    }

    @Test
    void a_commit_of_several_branches_counts_for_the_first_in_the_list() throws Exception {
        GitPollerLoop poller = poller("branches: [main, '*']");
        poller.runOnce();
        branch("feature", "shared");
        repository.git("branch", "--force", "main", "feature");

        assertThat(taken(poller)).containsExactly("main: shared");
    }

    @Test
    void of_one_pattern_the_default_branch_comes_first() throws Exception {
        GitPollerLoop poller = poller("branches: ['*']");
        poller.runOnce();
        branch("feature", "shared");
        repository.git("branch", "--force", "main", "feature");
        repository.git("switch", "--quiet", "main");

        assertThat(taken(poller)).containsExactly("main: shared");
    }

    @Test
    void a_push_of_known_commits_makes_a_change_only_if_that_is_asked_for() throws Exception {
        GitPollerLoop silent = poller("branches: ['*']");
        silent.runOnce();
        repository.git("branch", "copy", "main");
        assertThat(taken(silent)).isEmpty();
        GitPollerLoop poller = poller("branches: ['*'], build_pushes_with_no_commits: true");
        repository.git("branch", "another", "main");

        assertThat(taken(poller)).containsExactly("another: first");
        assertThat(taken(poller)).isEmpty();
    }

    @Test
    void a_merge_that_only_moves_a_branch_on_makes_a_change_if_that_is_asked_for()
            throws Exception {
        GitPollerLoop poller = poller("branches: ['*'], build_pushes_with_no_commits: true");
        assertThat(taken(poller)).isEmpty();
        branch("feature", "new");
        assertThat(taken(poller)).containsExactly("feature: new");
        repository.git("branch", "--force", "main", "feature");

        assertThat(taken(poller)).containsExactly("main: new");
    }

    @Test
    void a_branch_that_is_set_back_gives_nothing_new() throws Exception {
        repository.commit("second", "b.txt");
        GitPollerLoop poller = poller("branches: [main]");
        poller.runOnce();
        repository.git("reset", "--quiet", "--hard", "HEAD~1");

        assertThat(taken(poller)).isEmpty();
        assertThat(recorded()).containsEntry("main", repository.git("rev-parse", "HEAD"));
    }

    @Test
    void a_branch_that_is_set_back_makes_a_change_if_that_is_asked_for() throws Exception {
        repository.commit("second", "b.txt");
        GitPollerLoop poller = poller("branches: [main], build_pushes_with_no_commits: true");
        poller.runOnce();
        repository.git("reset", "--quiet", "--hard", "HEAD~1");

        assertThat(taken(poller)).containsExactly("main: first");
    }

    @Test
    void a_deleted_branch_that_is_made_again_gives_what_is_new_on_it() throws Exception {
        GitPollerLoop poller = poller("branches: ['*']");
        poller.runOnce();
        branch("topic", "one");
        assertThat(taken(poller)).containsExactly("topic: one");
        String one = repository.git("rev-parse", "HEAD");
        repository.git("switch", "--quiet", "main");
        repository.git("branch", "-D", "topic");
        assertThat(taken(poller)).isEmpty();
        repository.git("switch", "--quiet", "--create", "topic", one);
        repository.commit("two", "two.txt");

        assertThat(taken(poller)).containsExactly("topic: two");
    }

    @Test
    void a_branch_takes_the_place_of_one_that_its_name_begins_with() throws Exception {
        GitPollerLoop poller = poller("branches: ['*']");
        branch("topic", "one");
        poller.runOnce();
        repository.git("branch", "--move", "topic", "topic/two");
        repository.commit("two", "two.txt");

        assertThat(taken(poller)).containsExactly("topic/two: two");
    }

    @Test
    void the_first_branch_of_a_repository_that_was_empty_gives_its_newest_commit()
            throws Exception {
        repository = GitRepository.create(directory.resolve("empty"), "main");
        GitPollerLoop poller = poller("branches: [main]");
        assertThat(taken(poller)).isEmpty();
        repository.commit("first", "a.txt");
        repository.commit("second", "a.txt");

        assertThat(taken(poller)).containsExactly("main: second");
    }

    @Test
    void the_first_branch_that_a_pattern_matches_gives_its_newest_commit() throws Exception {
        GitPollerLoop poller = poller("branches: ['release/*']");
        assertThat(taken(poller)).isEmpty();
        branch("release/1", "one");

        assertThat(taken(poller)).containsExactly("release/1: one");
    }

    @Test
    void a_repository_that_is_made_anew_gives_its_newest_commits_and_goes_on() throws Exception {
        GitPollerLoop poller = poller("branches: ['*']");
        branch("topic", "one");
        poller.runOnce();
        FileSystemUtils.deleteRecursively(repository.directory());
        GitRepository.create(repository.directory(), "main");
        repository.commit("anew", "a.txt");
        repository.commit("newest", "a.txt");

        assertThat(taken(poller)).containsExactly("main: newest");
        repository.commit("next", "a.txt");
        assertThat(taken(poller)).containsExactly("main: next");
    }

    @Test
    void a_repository_that_shows_nothing_for_a_while_loses_nothing_by_that() throws Exception {
        GitPollerLoop poller = poller("branches: ['*'], tags: ['*']");
        branch("topic", "one");
        repository.git("tag", "v1");
        poller.runOnce();
        Path refs = repository.directory().resolve(".git/refs");
        Files.move(refs, directory.resolve("away"));
        Files.createDirectories(refs);
        assertThat(taken(poller)).isEmpty();
        FileSystemUtils.deleteRecursively(refs);
        Files.move(directory.resolve("away"), refs);
        repository.commit("two", "two.txt");

        assertThat(taken(poller)).containsExactly("topic: two");
    }

    @Test
    void a_new_tag_is_a_change_of_the_commit_that_it_points_to() throws Exception {
        repository.git("tag", "v0");
        GitPollerLoop poller = poller("branches: [main], tags: ['v*']");
        assertThat(taken(poller)).isEmpty();
        repository.git("tag", "v1");
        repository.git("tag", "--annotate", "--message", "release", "v2");
        repository.git("tag", "other");

        List<Long> ids = poller.runOnce();
        assertThat(ids).hasSize(2);
        assertThat(change(ids.getFirst()).branch()).isEqualTo("refs/tags/v1");
        assertThat(change(ids.getFirst()).category()).isEqualTo("tag");
        assertThat(change(ids.getLast()).branch()).isEqualTo("refs/tags/v2");
        assertThat(change(ids.getLast()).comments()).isEqualTo("first");
        assertThat(change(ids.getLast()).revision()).isEqualTo(repository.git("rev-parse", "HEAD"));
        assertThat(taken(poller)).isEmpty();
    }

    @Test
    void a_commit_that_comes_with_its_tag_is_a_change_of_both() throws Exception {
        GitPollerLoop poller = poller("branches: [main], tags_re: 'v\\d', category: released");
        poller.runOnce();
        repository.commit("second", "b.txt");
        repository.git("tag", "v1");

        assertThat(taken(poller)).containsExactly("main: second", "refs/tags/v1: second");
        assertThat(change(2).category()).isEqualTo("released");
    }

    @Test
    void a_commit_that_was_tagged_first_is_new_on_its_branch() throws Exception {
        GitPollerLoop poller = poller("branches: [main], tags: ['*']");
        poller.runOnce();
        branch("aside", "second");
        repository.git("tag", "v1");
        assertThat(taken(poller)).containsExactly("refs/tags/v1: second");
        repository.git("branch", "--force", "main", "aside");

        assertThat(taken(poller)).containsExactly("main: second");
    }

    @Test
    void a_tag_that_moves_is_a_change_and_one_that_is_deleted_is_none() throws Exception {
        repository.git("tag", "nightly");
        GitPollerLoop poller = poller("only_tags: true");
        poller.runOnce();
        repository.commit("second", "b.txt");
        assertThat(taken(poller)).isEmpty();
        repository.git("tag", "--force", "nightly");
        assertThat(taken(poller)).containsExactly("refs/tags/nightly: second");
        repository.git("tag", "--delete", "nightly");
        assertThat(taken(poller)).isEmpty();
        repository.git("tag", "nightly", "HEAD~1");

        assertThat(taken(poller)).containsExactly("refs/tags/nightly: first");
    }

    @Test
    void tags_that_are_there_when_they_are_first_followed_make_no_changes() throws Exception {
        poller("branches: [main]").runOnce();
        repository.git("tag", "v1");
        repository.git("tag", "v2");
        GitPollerLoop poller = poller("branches: [main], tags: ['v*']");
        repository.commit("second", "b.txt");
        assertThat(taken(poller)).containsExactly("main: second");
        assertThat(recorded()).containsKeys("refs/tags/v1", "refs/tags/v2");
        repository.git("tag", "v3");

        assertThat(taken(poller)).containsExactly("refs/tags/v3: second");
    }

    @Test
    void the_first_tag_after_tags_are_followed_is_new() throws Exception {
        poller("branches: [main]").runOnce();
        GitPollerLoop poller = poller("branches: [main], tags: ['v*']");
        assertThat(taken(poller)).isEmpty();
        repository.git("tag", "v1");

        assertThat(taken(poller)).containsExactly("refs/tags/v1: first");
    }

    @Test
    void of_tags_that_a_further_pattern_finds_those_are_new_that_another_had_found()
            throws Exception {
        repository.git("tag", "v1");
        repository.git("tag", "r1");
        poller("branches: [main], tags: ['v*']").runOnce();
        repository.git("tag", "v2");
        repository.git("tag", "r2");
        GitPollerLoop poller = poller("branches: [main], tags_re: '.*'");
        assertThat(taken(poller)).containsExactly("refs/tags/v2: first");
        repository.git("tag", "r3");

        assertThat(taken(poller)).containsExactly("refs/tags/r3: first");
    }

    @Test
    void one_poller_of_branches_and_one_of_tags_hide_nothing_from_each_other() throws Exception {
        repository.git("tag", "v1");
        GitPollerLoop branches = poller("branches: ['*']");
        GitPollerLoop tags = poller("only_tags: true");
        branches.runOnce();
        assertThat(taken(tags)).isEmpty();
        repository.commit("second", "b.txt");
        repository.git("tag", "v2");

        assertThat(taken(branches)).containsExactly("main: second");
        assertThat(taken(tags)).containsExactly("refs/tags/v2: second");
        repository.git("tag", "v3");
        assertThat(taken(poller("only_tags: true"))).containsExactly("refs/tags/v3: second");
        assertThat(taken(branches)).isEmpty();
    }

    @Test
    void branches_that_are_first_followed_after_tags_are_as_at_a_first_poll() throws Exception {
        branch("feature", "one");
        branch("topic", "two");
        repository.git("tag", "v1");
        poller("only_tags: true").runOnce();
        assertThat(taken(poller("branches: ['*']"))).isEmpty();
        repository.commit("three", "three.txt");

        assertThat(taken(poller("branches: ['*']"))).containsExactly("topic: three");
    }

    @Test
    void branches_that_are_first_followed_after_tags_give_their_initial_commits() throws Exception {
        repository.commit("second", "b.txt");
        repository.commit("third", "c.txt");
        poller("only_tags: true").runOnce();

        assertThat(taken(poller("branches: [main], initial_commits: 2")))
                .containsExactly("main: second", "main: third");
    }

    @Test
    void a_branch_that_a_pattern_finds_after_its_first_poll_gives_its_newest_commit()
            throws Exception {
        poller("only_tags: true").runOnce();
        GitPollerLoop poller = poller("branches: ['release/*']");
        assertThat(taken(poller)).isEmpty();
        branch("release/1", "one");

        assertThat(taken(poller)).containsExactly("release/1: one");
    }

    @Test
    void a_log_of_an_older_program_tells_by_its_tags_which_are_followed() throws Exception {
        String first = repository.git("rev-parse", "HEAD");
        polledByAnOlderProgram(Map.of("main", first, "refs/tags/v1", first, "refs/tags/r1", first));
        for (String tag : List.of("v1", "v2", "r1", "r2", "other")) {
            repository.git("tag", tag);
        }

        assertThat(taken(poller("branches: [main], tags: ['v*']")))
                .containsExactly("refs/tags/v2: first");
        assertThat(taken(poller("only_tags: true, tags: ['r*', 'o*']")))
                .containsExactly("refs/tags/r2: first");
    }

    @Test
    void tags_that_an_older_program_had_not_followed_make_no_changes() throws Exception {
        polledByAnOlderProgram(Map.of("main", repository.git("rev-parse", "HEAD")));
        repository.git("tag", "v1");
        GitPollerLoop poller = poller("branches: [main], tags: ['v*']");
        assertThat(taken(poller)).isEmpty();
        repository.git("tag", "v2");

        assertThat(taken(poller)).containsExactly("refs/tags/v2: first");
    }

    private void polledByAnOlderProgram(Map<String, String> heads) {
        Entry polled =
                new Entry(
                        Streams.gitPoller(repository.url()),
                        0,
                        new RepositoryPolled(repository.url(), heads, null, null));
        test.log.inTransaction(() -> test.log.append(new Author("s", 1), null, List.of(polled)));
    }

    @Test
    void a_tag_of_something_else_than_a_commit_stops_nothing() throws Exception {
        GitPollerLoop poller = poller("branches: [main], tags: ['*']");
        poller.runOnce();
        repository.git("tag", "a-tree", "HEAD^{tree}");
        repository.git("tag", "--annotate", "--message", "file", "a-file", "HEAD:a.txt");
        repository.commit("second", "b.txt");

        assertThat(taken(poller)).containsExactly("main: second");
        assertThat(taken(poller)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--upload-pack=touch hacked",
                "$(touch hacked)",
                "`touch hacked`",
                "a;touch hacked",
                "'\"",
                "ümläut",
                "a%2Fb",
                "HEAD",
                "@",
                "-",
                "main.lock.d/x",
                "a./b",
                "a.lock\u2028"
            })
    void a_hostile_name_is_a_name(String hostile) throws Exception {
        String name = hostile.replace(' ', '_');
        GitPollerLoop poller = poller("branches: ['*']");
        poller.runOnce();
        repository.commit("second", "b.txt");
        String second = repository.git("rev-parse", "HEAD");
        repository.git("reset", "--quiet", "--hard", "HEAD~1");
        repository.git("update-ref", "refs/heads/" + name, second);

        assertThat(taken(poller)).containsExactly(name + ": second");
        assertThat(directory.resolve("repo/hacked")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "refs/tags/v1",
                "a\u001b[2Jb",
                "a..b",
                "a b",
                "\ufffd",
                "x\u0080y",
                "x\u0085y",
                "x\u009f"
            })
    void a_name_that_nobody_should_have_is_passed_over(String name) throws Exception {
        GitPollerLoop poller = poller("branches: ['*'], tags: ['*']");
        poller.runOnce();
        branch("aside", "aside");
        pack("refs/heads/" + name);
        repository.git("switch", "--quiet", "main");
        repository.git("branch", "-D", "aside");
        repository.commit("second", "b.txt");

        assertThat(taken(poller)).containsExactly("main: second");
    }

    @Test
    void a_tag_that_nobody_should_have_is_passed_over() throws Exception {
        GitPollerLoop poller = poller("branches: ['*'], tags: ['*']");
        poller.runOnce();
        repository.commit("second", "b.txt");
        pack("refs/tags/v\u0085");

        assertThat(taken(poller)).containsExactly("main: second");
    }

    @Test
    void a_branch_named_by_the_digest_of_another_is_in_nobodys_way() throws Exception {
        GitPollerLoop poller = poller("branches: ['*']");
        poller.runOnce();
        String name = "l".repeat(120);
        branch(name, "one");
        branch(DigestUtils.sha256Hex(name), "two");
        branch("seen-by-digest", "three");

        assertThat(taken(poller))
                .containsExactlyInAnyOrder(
                        name + ": one",
                        DigestUtils.sha256Hex(name) + ": two",
                        "seen-by-digest: three");
    }

    @Test
    void branches_named_by_the_escapes_of_others_are_in_nobodys_way() throws Exception {
        GitPollerLoop poller = poller("branches: ['*'], tags: ['*']");
        poller.runOnce();
        branch("a/b", "one");
        branch("a%2Fb", "two");
        branch("a%252Fb", "three");
        branch("refs%2Ftags%2Fv1", "four");
        repository.git("tag", "v1", "main");

        assertThat(taken(poller))
                .containsExactlyInAnyOrder(
                        "a/b: one",
                        "a%2Fb: two",
                        "a%252Fb: three",
                        "refs%2Ftags%2Fv1: four",
                        "refs/tags/v1: first");
    }

    @Test
    void a_long_branch_takes_the_place_of_one_that_its_name_begins_with() throws Exception {
        GitPollerLoop poller = poller("branches: ['*']");
        String name = "l".repeat(120);
        branch(name, "one");
        poller.runOnce();
        repository.git("branch", "--move", name, name + "/two");
        repository.commit("two", "two.txt");

        assertThat(taken(poller)).containsExactly(name + "/two: two");
    }

    @Test
    void a_branch_of_something_else_than_a_commit_stops_nothing() throws Exception {
        GitPollerLoop poller = poller("branches: ['*'], build_pushes_with_no_commits: true");
        poller.runOnce();
        repository.commit("second", "b.txt");
        repository.git("tag", "--annotate", "--message", "release", "v1");
        Files.writeString(
                repository.directory().resolve(".git/packed-refs"),
                "%s refs/heads/a-tree\n%s refs/heads/a-file\n%s refs/heads/a-tag\n"
                        .formatted(
                                repository.git("rev-parse", "HEAD^{tree}"),
                                repository.git("rev-parse", "HEAD:a.txt"),
                                repository.git("rev-parse", "v1")));

        assertThat(taken(poller)).containsExactly("main: second", "a-tag: second");
        assertThat(taken(poller)).isEmpty();
    }

    static List<String> hostileCommits() {
        String head = "tree %s\nparent %s\n";
        String author = "author A <a@example.org> 1 +0000\n";
        String committer = "committer A <a@example.org> 1 +0000\n";
        return List.of(
                head + "\nnobody's",
                head + "author\n" + committer + "\nno author",
                head + "author  <> 1 +0000\n" + committer + "\nan empty author",
                head + "author " + "\u0085".repeat(600) + " <> 1 +0000\n" + committer + "\nc1",
                head + "author " + "\u2003".repeat(600) + " <> 1 +0000\n" + committer + "\nwide",
                head + "author a\u0000b <\u0000> 1 +0000\n" + committer + "\nnothing\u0000here",
                head + author + committer + "encoding UTF-16\n\nwide",
                head + author + committer + "encoding UTF-7\n\n+AAA-+AAo-+AAA-",
                head + author + committer + "\n",
                head + author + committer + "\n" + "\u0001\u009b".repeat(200_000));
    }

    @ParameterizedTest
    @MethodSource("hostileCommits")
    void whatever_a_commit_says_it_is_a_change(String commit) throws Exception {
        GitPollerLoop poller = poller("branches: ['*']");
        poller.runOnce();
        String file = repository.git("rev-parse", "HEAD:a.txt");
        String tree =
                repository.gitReading(
                        "100644 blob %s\t%s\u0000100644 blob %s\tb\u0085\u0000"
                                .formatted(file, "\u0001".repeat(5_000), file),
                        "mktree",
                        "-z");
        repository.git(
                "update-ref",
                "refs/heads/main",
                repository.gitReading(
                        commit.formatted(tree, repository.git("rev-parse", "HEAD")),
                        "hash-object",
                        "-t",
                        "commit",
                        "-w",
                        "--literally",
                        "--stdin"));

        assertThat(poller.runOnce()).hasSize(1);
        assertThat(change(1).author()).isNotBlank();
        assertThat(poller.runOnce()).isEmpty();
    }

    @Test
    void more_names_than_an_event_has_room_for_stop_nothing(CapturedOutput output)
            throws Exception {
        String longest = "日".repeat(80) + "/";
        Map<String, String> heads = new HashMap<>();
        String first = repository.git("rev-parse", "HEAD");
        for (int i = 0; i < 10_900; i++) {
            heads.put("refs/tags/" + longest.repeat(5) + "日".repeat(70) + i, first);
        }
        heads.put("main", first);
        polledByAnOlderProgram(heads);
        StringBuilder refs = new StringBuilder();
        for (int i = 0; i < 700; i++) {
            refs.append(
                    "%s refs/heads/%s%s%d\n"
                            .formatted(first, longest.repeat(5), "日".repeat(80), i));
        }
        Files.writeString(repository.directory().resolve(".git/packed-refs"), refs);
        repository.commit("second", "b.txt");
        GitPollerLoop poller = poller("branches: [main, '*']");

        assertThat(taken(poller)).containsExactly("main: second");
        assertThat(recorded().keySet().stream().filter(ref -> !ref.startsWith("refs/")).count())
                .isEqualTo(701);
        assertThat(output).contains("that this poller does not follow are forgotten");
        assertThat(taken(poller)).isEmpty();
        repository.commit("third", "c.txt");
        assertThat(taken(poller)).containsExactly("main: third");
    }

    @Test
    void a_name_that_is_not_utf_8_is_passed_over() throws Exception {
        GitPollerLoop poller = poller("branches: ['*']");
        poller.runOnce();
        repository.commit("second", "b.txt");
        byte[] head = HexFormat.of().parseHex("ff");
        Path name = repository.directory().resolve(".git/packed-refs");
        Files.write(
                name,
                concat(
                        (repository.git("rev-parse", "HEAD") + " refs/heads/")
                                .getBytes(StandardCharsets.US_ASCII),
                        head,
                        "\n".getBytes(StandardCharsets.US_ASCII)));

        assertThat(taken(poller)).containsExactly("main: second");
    }

    @Test
    void a_name_that_no_change_has_room_for_is_passed_over() throws Exception {
        GitPollerLoop poller = poller("branches: ['*']");
        poller.runOnce();
        repository.commit("second", "b.txt");
        pack("refs/heads/" + "long/".repeat(200) + "name");
        pack("refs/heads/" + "l".repeat(400));

        assertThat(taken(poller)).containsExactly("main: second");
    }

    /** A ref that git would not make, but tells of. */
    private void pack(String ref) throws Exception {
        Files.writeString(
                repository.directory().resolve(".git/packed-refs"),
                repository.git("rev-parse", "HEAD") + " " + ref + "\n");
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void a_branch_that_is_named_and_missing_is_told_once(CapturedOutput output) {
        GitPollerLoop poller = poller("branches: [main, nowhere, 'some*']");
        poller.runOnce();
        poller.runOnce();

        assertThat(output.getOut().split("has no branch 'nowhere'", -1)).hasSize(2);
        assertThat(output).doesNotContain("'some*'");
    }

    @Test
    void of_very_many_branches_that_are_gone_those_with_the_newest_commits_are_remembered()
            throws Exception {
        GitPollerLoop poller = poller("branches: ['*']");
        StringBuilder commands = new StringBuilder();
        String tree = repository.git("rev-parse", "HEAD^{tree}");
        for (int i = 0; i < 1_100; i++) {
            commands.append("commit refs/heads/topic-%d\n".formatted(i));
            commands.append("committer A <a@example.org> %d +0000\n".formatted(1_000_000 + i));
            commands.append("data 1\n%d\n".formatted(i % 10));
            commands.append("M 040000 %s \"\"\n\n".formatted(tree));
        }
        repository.gitReading(commands.toString(), "fast-import", "--quiet");
        poller.runOnce();
        assertThat(recorded()).hasSize(1_101);
        StringBuilder deletions = new StringBuilder();
        for (int i = 0; i < 1_100; i++) {
            deletions.append("delete refs/heads/topic-%d\n".formatted(i));
        }
        repository.gitReading(deletions.toString(), "update-ref", "--stdin");
        repository.commit("second", "b.txt");

        assertThat(taken(poller)).containsExactly("main: second");
        assertThat(recorded())
                .hasSize(1_001)
                .containsKeys("main", "topic-1099", "topic-100")
                .doesNotContainKey("topic-99");
    }
}
