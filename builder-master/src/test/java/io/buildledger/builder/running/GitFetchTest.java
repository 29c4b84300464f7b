package io.buildledger.builder.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.Property;
import io.buildledger.steps.GitStep.Method;
import io.buildledger.testing.GitOverHttp;
import io.buildledger.testing.GitOverSsh;
import io.buildledger.testing.GitRepository;
import io.buildledger.testing.TestLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.FileSystemUtils;

/** What is fetched, how often, and how little. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class GitFetchTest {

    private static final TestLog DATABASE = new TestLog();

    @TempDir Path directory;
    private GitBench git;
    private String first;
    private String second;
    private String third;

    @BeforeEach
    void open() throws Exception {
        git = new GitBench(DATABASE, directory);
        first = git.origin.commit("one", "a.txt");
        second = git.origin.commit("two", "a.txt");
        third = git.origin.commit("three", "a.txt");
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @AfterEach
    void close() {
        git.close();
    }

    private int commits() throws Exception {
        return Integer.parseInt(git.built().git("rev-list", "--count", "HEAD"));
    }

    @ParameterizedTest
    @CsvSource({"true, 1", "1, 1", "2, 2", "3, 3", "10, 3", "false, 3"})
    void shallow_says_how_much_history_is_fetched(String shallow, int commits) throws Exception {
        assertThat(git.run(git.step().shallow(shallow)).results()).isEqualTo(Results.SUCCESS);
        assertThat(commits()).isEqualTo(commits);
    }

    @Test
    void a_shallow_directory_goes_from_commit_to_commit_and_stays_shallow() throws Exception {
        git.run(git.step().shallow("true"));
        git.origin.commit("four", "a.txt");

        assertThat(git.run(git.step().shallow("true")).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("four");
        assertThat(commits()).isEqualTo(1);
    }

    @Test
    void a_revision_that_is_older_than_what_is_fetched_is_fetched_alone() throws Exception {
        assertThat(git.results(git.step().shallow("1"), "main", first)).isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("one");
        assertThat(git.commands("fetch")).hasSize(2).noneMatch(it -> it.contains("unshallow"));
    }

    @Test
    void a_server_that_gives_no_revision_away_alone_is_asked_for_all() throws Exception {
        try (GitOverSsh server = GitOverSsh.start(directory.resolve("served"))) {
            GitStepMaker step =
                    GitStepMaker.git(server.url("app"))
                            .shallow("1")
                            .key(Files.readString(server.writeUserKey(directory.resolve("key"))))
                            .knownHosts(
                                    Files.readString(
                                            server.writeKnownHosts(directory.resolve("hosts"))))
                            .config(Map.of("protocol.version", "0"));
            assertThat(git.results(step, "main", first)).isEqualTo(Results.SUCCESS);
        }
        assertThat(git.text("a.txt")).isEqualTo("one");
        assertThat(git.commands("fetch --unshallow")).hasSize(1);
    }

    @Test
    void a_step_that_is_no_longer_shallow_gets_all_history() throws Exception {
        git.run(git.step().shallow("1"));

        assertThat(git.results(git.step(), "main", third)).isEqualTo(Results.SUCCESS);
        assertThat(commits()).isEqualTo(3);
        assertThat(git.results(git.step(), "main", third)).isEqualTo(Results.SUCCESS);
        assertThat(git.commands("fetch")).isEmpty();
    }

    @Test
    void a_depth_that_is_none_is_refused_when_it_is_known() {
        BuildOutcome outcome = git.run(git.step().shallow("deep"));

        assertThat(outcome.results()).isEqualTo(Results.EXCEPTION);
        assertThat(outcome.summary()).contains("'deep' is neither true nor a number of commits");
    }

    @Test
    void a_branch_that_was_forced_back_is_built_as_it_is_and_as_it_was() throws Exception {
        git.run(git.step());
        git.origin.git("reset", "--quiet", "--hard", first);
        String other = git.origin.commit("other", "a.txt");

        assertThat(git.run(git.step()).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("other");
        assertThat(git.results(git.step().full(Method.CLOBBER), "main", third))
                .isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("three");
        assertThat(git.commands("fetch")).hasSize(2);
        assertThat(git.results(git.step(), "main", other)).isEqualTo(Results.SUCCESS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "refs/tags/v1"})
    void a_tag_that_has_moved_is_built_where_it_is(String tag) throws Exception {
        git.origin.git("tag", "v1", first);
        assertThat(git.results(git.step(), null, tag)).isEqualTo(Results.SUCCESS);
        git.origin.git("tag", "--force", "v1", second);

        assertThat(git.results(git.step(), null, tag)).isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("two");
        assertThat(git.results(git.step(), tag, null)).isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("two");
    }

    @Test
    void a_branch_as_a_revision_is_built_where_it_is() throws Exception {
        git.origin.git("branch", "side", first);
        assertThat(git.results(git.step(), "main", "side")).isEqualTo(Results.SUCCESS);
        git.origin.git("branch", "--force", "side", second);

        assertThat(git.results(git.step(), "main", "side")).isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("two");
        assertThat(git.results(git.step(), "main", "HEAD")).isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("three");
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "1"})
    void an_abbreviated_revision_is_found(String shallow) {
        assertThat(git.results(git.step().shallow(shallow), "main", first.substring(0, 10)))
                .isEqualTo(Results.SUCCESS);
        assertThat(git.bench.properties.get("got_revision")).isEqualTo(new Property(first, "git"));
    }

    @Test
    void tags_are_those_of_the_repository_as_they_are() throws Exception {
        git.origin.git("tag", "stays", first);
        git.origin.git("tag", "moves", first);
        git.origin.git("tag", "goes", first);
        git.run(git.step().tags(), "main", third);
        git.origin.git("tag", "--force", "moves", second);
        git.origin.git("tag", "--delete", "goes");
        git.origin.git("tag", "comes", second);

        assertThat(git.results(git.step().tags(), "main", third)).isEqualTo(Results.SUCCESS);
        assertThat(git.built().git("tag").lines()).containsExactly("comes", "moves", "stays");
        assertThat(git.built().git("rev-parse", "moves")).isEqualTo(second);
    }

    @Test
    void objects_of_a_reference_are_not_fetched() throws Exception {
        Path reference = directory.resolve("reference");
        git.origin.git("clone", "--quiet", "--bare", ".", reference.toString());

        assertThat(git.run(git.step().reference(reference.toString())).results())
                .isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("three");
        assertThat(git.built().git("count-objects")).startsWith("0 objects");
        // With a work tree, too.
        assertThat(
                        git.run(
                                        git.step()
                                                .full(Method.CLOBBER)
                                                .reference(git.origin.directory().toString()))
                                .results())
                .isEqualTo(Results.SUCCESS);
        assertThat(git.built().git("count-objects")).startsWith("0 objects");
    }

    @Test
    void a_reference_that_is_not_there_or_is_gone_costs_only_a_fetch() throws Exception {
        Path reference = directory.resolve("reference");
        GitStepMaker step = git.step().reference(reference.toString());
        assertThat(git.run(step).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.bench.text(1)).anyMatch(it -> it.startsWith("reference: there is no"));

        git.origin.git("clone", "--quiet", "--bare", ".", reference.toString());
        assertThat(git.run(step.full(Method.CLOBBER)).results()).isEqualTo(Results.SUCCESS);
        assertThat(FileSystemUtils.deleteRecursively(reference)).isTrue();
        assertThat(git.run(git.step().reference(reference.toString())).results())
                .isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("three");
    }

    @Test
    void the_remote_is_called_as_the_step_says() throws Exception {
        assertThat(git.run(git.step().origin("upstream")).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.built().git("remote")).isEqualTo("upstream");
        assertThat(git.built().git("rev-parse", "upstream/main")).isEqualTo(third);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--upload-pack=x", "a b", "a\u009bb", "a..b", ""})
    void names_that_git_would_take_for_something_else_are_refused(String name) {
        assertThat(git.run(git.step().origin(name)).results()).isEqualTo(Results.EXCEPTION);
        assertThat(git.results(git.step(), name, null)).isEqualTo(Results.EXCEPTION);
        assertThat(git.results(git.step(), "main", name)).isEqualTo(Results.EXCEPTION);
        assertThat(git.bench.finished.getFirst().summary().chars())
                .noneMatch(Character::isISOControl);
    }

    @Test
    void a_partial_clone_fetches_what_it_needs() throws Exception {
        git.origin.git("config", "uploadpack.allowFilter", "true");

        assertThat(git.results(git.step().filters("blob:none", "tree:5"), "main", first))
                .isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("one");
        assertThat(git.built().git("config", "remote.origin.partialclonefilter"))
                .isEqualTo("combine:blob:none+tree:5");
        assertThat(git.built().git("rev-list", "--objects", "--all", "--missing=print").lines())
                .filteredOn(it -> it.startsWith("?"))
                .isNotEmpty();
        assertThat(git.results(git.step().filters("blob:none"), "main", second))
                .isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("two");
    }

    @Test
    void settings_are_for_the_steps_own_commands() throws Exception {
        git.env.put("GIT_CONFIG_COUNT", "1");
        git.env.put("GIT_CONFIG_KEY_0", "core.fileMode");
        git.env.put("GIT_CONFIG_VALUE_0", "false");

        assertThat(git.run(git.step().config(Map.of("core.autocrlf", "true"))).results())
                .isEqualTo(Results.SUCCESS);
        git.origin.commit("line\n", "a.txt");
        git.run(git.step().config(Map.of("core.autocrlf", "true")));
        assertThat(git.text("a.txt")).isEqualTo("line\r\n");
        assertThat(git.built().git("config", "--local", "--list")).doesNotContain("autocrlf");
    }

    /** Each attempt asks twice: a fetch, and then whether the server answers at all. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, SUCCESS",
        "2, 0, FAILURE",
        "2, 1, SUCCESS",
        "4, 1, FAILURE",
        "4, 2, SUCCESS"
    })
    void a_server_that_is_busy_is_asked_again_as_often_as_the_step_says(
            int busy, int repeat, Results results) throws Exception {
        try (GitOverHttp server = GitOverHttp.start(directory.resolve("served"))) {
            server.beBusyFor(busy);
            GitStepMaker step = GitStepMaker.git(server.url("app"));

            assertThat(git.run(repeat == 0 ? step : step.retry(Duration.ZERO, repeat)).results())
                    .isEqualTo(results);
        }
    }

    @Test
    void retry_fetch_asks_once_more() throws Exception {
        try (GitOverHttp server = GitOverHttp.start(directory.resolve("served"))) {
            server.beBusyFor(2);

            assertThat(git.run(GitStepMaker.git(server.url("app")).retryFetch()).results())
                    .isEqualTo(Results.SUCCESS);
        }
    }

    @Test
    void what_another_attempt_would_not_change_is_not_tried_again() {
        Duration never = Duration.ofDays(1);

        assertThat(git.results(git.step().retry(never, 3), "nowhere", null))
                .isEqualTo(Results.FAILURE);
        assertThat(
                        git.run(
                                        GitStepMaker.git(directory.resolve("none").toString())
                                                .retry(never, 3))
                                .results())
                .isEqualTo(Results.FAILURE);
        assertThat(
                        git.results(
                                git.step().retry(never, 3),
                                "main",
                                "1234567812345678123456781234567812345678"))
                .isEqualTo(Results.FAILURE);
    }

    @Test
    void the_wait_for_another_attempt_can_be_interrupted() throws Exception {
        try (GitOverHttp server = GitOverHttp.start(directory.resolve("served"))) {
            server.beBusyFor(1000);
            RunningBuild running =
                    git.bench.prepare(
                            GitBench.stamp("main", null),
                            Map.of(),
                            GitStepMaker.git(server.url("app"))
                                    .retry(Duration.ofDays(1), 3)
                                    .step());
            CompletableFuture<BuildOutcome> outcome = BuildBench.start(running);
            await().atMost(20, TimeUnit.SECONDS).until(() -> server.authorizations().size() >= 2);

            running.interrupt("enough");

            assertThat(outcome.get(20, TimeUnit.SECONDS).results()).isEqualTo(Results.CANCELLED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "dd bs=30 count=1 > /dev/null 2>&1; exit 1"})
    void a_connection_that_breaks_does_not_cost_what_was_fetched_before(String end)
            throws Exception {
        git.run(git.step());
        Files.writeString(git.build().resolve("left.o"), "left");
        git.origin.commit("four", "a.txt");
        // It tells what it has, and then the connection breaks.
        Path ssh = directory.resolve("ssh");
        Files.writeString(
                ssh,
                """
                #!/bin/sh
                if test -e '%1$s/asked'; then exec git-upload-pack '%1$s/served/app'; fi
                touch '%1$s/asked'
                git-upload-pack '%1$s/served/app' < /dev/null
                %2$s
                """
                        .formatted(directory, end));
        assertThat(ssh.toFile().setExecutable(true)).isTrue();
        git.env.put("GIT_SSH_COMMAND", ssh.toString());

        BuildOutcome outcome = git.run(GitStepMaker.git("ssh://nowhere/app"));

        assertThat(outcome.results()).isEqualTo(Results.FAILURE);
        assertThat(git.build().resolve("left.o")).exists();
        Files.delete(directory.resolve("asked"));
        assertThat(git.run(GitStepMaker.git("ssh://nowhere/app").retryFetch()).results())
                .isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("four");
        assertThat(git.build().resolve("left.o")).exists();
    }

    @Test
    void clobber_on_failure_begins_with_nothing_whatever_went_wrong() throws Exception {
        git.run(git.step());
        Files.writeString(git.build().resolve("left.o"), "left");
        try (GitOverHttp server = GitOverHttp.start(directory.resolve("served"))) {
            server.beBusyFor(1);

            assertThat(git.run(GitStepMaker.git(server.url("app")).clobberOnFailure()).results())
                    .isEqualTo(Results.SUCCESS);
        }
        assertThat(git.build().resolve("left.o")).doesNotExist();
    }

    @Test
    void another_repository_takes_the_place_of_the_first() throws Exception {
        git.run(git.step());
        GitRepository other = GitRepository.create(directory.resolve("other"), "main");
        other.commit("another's", "b.txt");

        assertThat(git.run(GitStepMaker.git(other.url())).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.text("b.txt")).isEqualTo("another's");
        assertThat(git.build().resolve("a.txt")).doesNotExist();
    }
}
