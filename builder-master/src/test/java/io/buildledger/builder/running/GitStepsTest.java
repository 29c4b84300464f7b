package io.buildledger.builder.running;

import static io.buildledger.builder.running.ScriptStep.script;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.configuring.ConfiguredStep;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.steps.GitStep.Mode;
import io.buildledger.testing.GitRepository;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class GitStepsTest {

    private static final TestLog DATABASE = new TestLog();

    @TempDir Path directory;
    private BuildBench bench;
    private GitRepository origin;
    private String first;

    @BeforeEach
    void open() throws Exception {
        bench = new BuildBench(DATABASE, directory);
        origin = GitRepository.create(directory.resolve("origin"), "main");
        first = origin.commit("one", "a.txt");
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private ConfiguredStep step(Mode mode) {
        return step(origin.directory().toString(), null, mode);
    }

    private static ConfiguredStep step(String repourl, @Nullable String branch, Mode mode) {
        return GitStepMaker.git(repourl).branch(branch).mode(mode).step();
    }

    private static SourceStamp stamp(@Nullable String branch, @Nullable String revision) {
        return new SourceStamp("a label", branch, revision, "", "");
    }

    private BuildOutcome checkOut(@Nullable String branch, @Nullable String revision) {
        return bench.run(stamp(branch, revision), step(Mode.INCREMENTAL));
    }

    private Path build() {
        return bench.builderDirectory().resolve("build");
    }

    private String text(String file) throws IOException {
        return Files.readString(build().resolve(file));
    }

    @Test
    void the_source_stamps_revision_is_checked_out() throws Exception {
        origin.commit("two", "a.txt");

        BuildOutcome outcome = checkOut("main", first);

        assertThat(outcome.results()).isEqualTo(Results.SUCCESS);
        assertThat(bench.finished.getFirst().summary())
                .isEqualTo("checked out " + first.substring(0, 8));
        assertThat(text("a.txt")).isEqualTo("one");
        assertThat(bench.text(1)).contains("git checkout --quiet --force --detach " + first);
    }

    @Test
    void incremental_goes_from_commit_to_commit_and_keeps_what_builds_have_left() throws Exception {
        checkOut("main", first);
        Files.writeString(build().resolve("left.o"), "left");
        Files.writeString(build().resolve("a.txt"), "changed by the build");
        String second = origin.commit("two", "a.txt");

        assertThat(checkOut("main", second).results()).isEqualTo(Results.SUCCESS);
        assertThat(text("a.txt")).isEqualTo("two");
        assertThat(build().resolve("left.o")).exists();
    }

    @Test
    void a_revision_that_is_there_is_not_fetched_again() throws Exception {
        origin.commit("two", "a.txt");
        checkOut("main", null);
        checkOut("main", first);

        assertThat(text("a.txt")).isEqualTo("one");
        assertThat(bench.text(1)).noneMatch(line -> line.startsWith("git fetch"));
    }

    @Test
    void full_removes_every_file_that_is_not_the_repositorys() throws Exception {
        origin.commit("*.o", ".gitignore");
        checkOut("main", null);
        Files.writeString(build().resolve("left.o"), "left");
        Files.createDirectories(build().resolve("left/deep"));

        assertThat(bench.run(stamp("main", null), step(Mode.FULL)).results())
                .isEqualTo(Results.SUCCESS);
        assertThat(build().resolve("left.o")).doesNotExist();
        assertThat(build().resolve("left")).doesNotExist();
        assertThat(text("a.txt")).isEqualTo("one");
    }

    @Test
    void without_a_revision_it_is_the_newest_of_the_branch() throws Exception {
        origin.git("checkout", "--quiet", "-b", "feature/x");
        origin.commit("feature", "a.txt");
        origin.git("checkout", "--quiet", "main");

        checkOut("feature/x", null);
        assertThat(text("a.txt")).isEqualTo("feature");

        origin.git("checkout", "--quiet", "feature/x");
        origin.commit("feature, amended", "a.txt");
        origin.git("checkout", "--quiet", "main");
        checkOut("feature/x", null);
        assertThat(text("a.txt")).isEqualTo("feature, amended");
    }

    @Test
    void without_a_branch_it_is_the_steps_and_without_that_the_repositorys_own() throws Exception {
        origin.git("branch", "stable");
        origin.commit("two", "a.txt");

        checkOut(null, null);
        assertThat(text("a.txt")).isEqualTo("two");

        bench.run(BuildBench.HEAD, step(origin.directory().toString(), "stable", Mode.INCREMENTAL));
        assertThat(text("a.txt")).isEqualTo("one");
    }

    @Test
    void a_revision_of_another_branch_or_of_a_tag_is_found() throws Exception {
        origin.git("checkout", "--quiet", "-b", "side");
        String side = origin.commit("side", "a.txt");
        origin.git("tag", "v1");
        origin.git("checkout", "--quiet", "main");
        origin.git("branch", "--quiet", "-D", "side");

        assertThat(checkOut("main", side).results()).isEqualTo(Results.SUCCESS);
        assertThat(checkOut("a-branch-that-is-gone", "v1").results()).isEqualTo(Results.SUCCESS);
        assertThat(text("a.txt")).isEqualTo("side");
    }

    @Test
    void a_revision_that_is_nowhere_fails_and_is_named() {
        String nowhere = "1234567812345678123456781234567812345678";

        BuildOutcome outcome = checkOut("main", nowhere);

        assertThat(outcome.results()).isEqualTo(Results.FAILURE);
        assertThat(outcome.summary())
                .startsWith("failed git (revision " + nowhere + " is not in /");
    }

    @Test
    void a_branch_that_is_nowhere_fails_and_is_named() {
        assertThat(checkOut("nowhere", null).summary())
                .startsWith("failed git (branch nowhere is not in /");
    }

    @Test
    void a_repository_that_does_not_answer_fails_and_leaves_the_directory_as_it_was() {
        checkOut("main", null);
        ConfiguredStep wrong = address(directory.resolve("none").toString());

        BuildOutcome outcome = bench.run(stamp("main", null), wrong);

        assertThat(outcome.results()).isEqualTo(Results.FAILURE);
        assertThat(outcome.summary()).contains("does not appear to be a git repository");
        assertThat(build().resolve("a.txt")).exists();
    }

    @Test
    void hostile_names_never_become_options() {
        Path trap = directory.resolve("trap");
        String option = "--upload-pack=touch " + trap;

        assertThat(checkOut(option, null).results()).isEqualTo(Results.EXCEPTION);
        assertThat(checkOut("main", option).results()).isEqualTo(Results.EXCEPTION);
        assertThat(checkOut("main:refs/heads/evil", null).results()).isEqualTo(Results.EXCEPTION);
        assertThat(bench.run(stamp("main", null), address(option)).results())
                .isEqualTo(Results.EXCEPTION);
        assertThat(bench.run(stamp("main", null), address("ext::touch " + trap)).summary())
                .contains("transport 'ext' not allowed");
        assertThat(trap).doesNotExist();
    }

    private static ConfiguredStep address(String repourl) {
        return step(repourl, null, Mode.INCREMENTAL);
    }

    @Test
    void a_lock_left_by_a_killed_git_is_removed() throws Exception {
        checkOut("main", null);
        Files.createFile(build().resolve(".git/index.lock"));
        Files.createFile(build().resolve(".git/refs/remotes/origin/main.lock"));
        origin.commit("two", "a.txt");

        assertThat(checkOut("main", null).results()).isEqualTo(Results.SUCCESS);
        assertThat(bench.text(1)).contains("removing stale build/.git/index.lock");
        assertThat(text("a.txt")).isEqualTo("two");
    }

    @Test
    void a_broken_directory_is_emptied_and_filled_again() throws Exception {
        checkOut("main", null);
        Files.delete(build().resolve(".git/HEAD"));
        Files.writeString(build().resolve(".git/config"), "[[[");

        assertThat(checkOut("main", null).results()).isEqualTo(Results.SUCCESS);
        assertThat(text("a.txt")).isEqualTo("one");
    }

    @Test
    void a_branch_that_takes_the_place_of_a_directory_of_branches_can_be_built() throws Exception {
        origin.git("branch", "topic/one");
        checkOut("topic/one", null);
        origin.git("branch", "--quiet", "-D", "topic/one");
        origin.git("branch", "topic");

        assertThat(checkOut("topic", null).results()).isEqualTo(Results.SUCCESS);
    }

    @Test
    void a_repository_around_the_directory_is_never_touched() throws Exception {
        Files.createDirectories(directory.resolve("builds").resolve("w"));
        assertThat(
                        new ProcessBuilder("git", "init", "--quiet")
                                .directory(directory.resolve("builds").resolve("w").toFile())
                                .start()
                                .waitFor())
                .isZero();

        assertThat(checkOut("main", null).results()).isEqualTo(Results.SUCCESS);
        assertThat(directory.resolve("builds").resolve("w").resolve("a.txt")).doesNotExist();
        assertThat(build().resolve(".git")).isDirectory();
    }

    @Test
    void a_failed_checkout_halts_the_build() {
        bench.run(stamp("nowhere", null), step(Mode.INCREMENTAL), script("test", "true").step());

        assertThat(bench.started).containsExactly("git");
    }

    @Test
    void a_fetch_can_be_interrupted() throws Exception {
        Path begun = directory.resolve("begun");
        Path slow = directory.resolve("slow-ssh");
        Files.writeString(slow, "#!/bin/sh\necho > '%s'\nexec sleep 600\n".formatted(begun));
        assertThat(slow.toFile().setExecutable(true)).isTrue();
        RunningBuild running =
                bench.prepare(
                        stamp("main", null),
                        Map.of("GIT_SSH_COMMAND", slow.toString()),
                        address("ssh://localhost/nothing"));
        CompletableFuture<BuildOutcome> outcome = BuildBench.start(running);
        await().atMost(10, TimeUnit.SECONDS).until(() -> Files.exists(begun));

        running.interrupt("enough");

        assertThat(outcome.get(20, TimeUnit.SECONDS))
                .isEqualTo(new BuildOutcome(Results.CANCELLED, "cancelled: enough"));
    }
}
