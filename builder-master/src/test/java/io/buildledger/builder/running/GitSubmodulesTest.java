package io.buildledger.builder.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.Results;
import io.buildledger.steps.GitStep.Method;
import io.buildledger.testing.GitRepository;
import io.buildledger.testing.TestLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code app} has the submodule {@code lib}, which has {@code deep}, both by relative address. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class GitSubmodulesTest {

    private static final TestLog DATABASE = new TestLog();

    @TempDir Path directory;
    private GitBench git;
    private GitRepository lib;
    private GitRepository deep;
    private String without;
    private String with;

    @BeforeEach
    void open() throws Exception {
        git = new GitBench(DATABASE, directory);
        deep = GitRepository.create(directory.resolve("served/deep"), "main");
        deep.commit("deep", "deep.txt");
        lib = GitRepository.create(directory.resolve("served/lib"), "main");
        lib.commit("*.o", ".gitignore");
        add(lib, "../deep", "deep");
        lib.commit("lib", "lib.txt");
        without = git.origin.commit("app", "app.txt");
        add(git.origin, "../lib", "lib");
        with = git.origin.commit("app with lib", "app.txt");
    }

    private static void add(GitRepository to, String url, String path) throws Exception {
        // Relative to this, as a server's would be to what it was fetched from.
        to.git("config", "remote.origin.url", to.url());
        to.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, path);
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @AfterEach
    void close() {
        git.close();
    }

    /** Commits to the submodule, and to what has it. */
    private String commitToLib(String text) throws Exception {
        lib.commit(text, "lib.txt");
        git.origin.git(
                "-c",
                "protocol.file.allow=always",
                "-C",
                "lib",
                "pull",
                "--quiet",
                "origin",
                "main");
        return git.origin.commit("app of " + text, "app.txt");
    }

    @ParameterizedTest
    @ValueSource(strings = {"incremental", "clean", "fresh", "clobber", "copy"})
    void they_are_checked_out_with_their_own_whatever_the_way(String way) throws Exception {
        GitStepMaker step = git.step().submodules();
        if (!way.equals("incremental")) {
            step.full(Method.valueOf(way.toUpperCase(Locale.ROOT)));
        }

        assertThat(git.run(step).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.text("lib/lib.txt")).isEqualTo("lib");
        assertThat(git.text("lib/deep/deep.txt")).isEqualTo("deep");

        Files.writeString(git.build().resolve("lib/lib.txt"), "changed");
        Files.writeString(git.build().resolve("lib/left.o"), "left");
        Files.writeString(git.build().resolve("lib/deep/left"), "left");
        commitToLib("lib two");
        assertThat(git.run(step).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.text("lib/lib.txt")).isEqualTo("lib two");
        assertThat(git.build().resolve("lib/left.o").toFile().exists())
                .isEqualTo(way.equals("incremental") || way.equals("clean"));
        assertThat(git.build().resolve("lib/deep/left").toFile().exists())
                .isEqualTo(way.equals("incremental"));
        assertThat(git.results(step, "main", with)).isEqualTo(Results.SUCCESS);
        assertThat(git.text("lib/lib.txt")).isEqualTo("lib");
        assertThat(git.built().git("status", "--porcelain", "--ignore-submodules=untracked"))
                .isEmpty();
    }

    @Test
    void they_are_left_out_where_the_step_does_not_ask_for_them() {
        assertThat(git.run(git.step()).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.build().resolve("lib/lib.txt")).doesNotExist();
    }

    @Test
    void remote_submodules_are_the_newest() throws Exception {
        lib.commit("newer", "lib.txt");

        assertThat(git.run(git.step().remoteSubmodules()).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.text("lib/lib.txt")).isEqualTo("newer");
    }

    @Test
    void a_relative_address_is_found_whatever_the_remote_is_called() throws Exception {
        assertThat(git.run(git.step().submodules().origin("upstream")).results())
                .isEqualTo(Results.SUCCESS);
        assertThat(git.text("lib/deep/deep.txt")).isEqualTo("deep");
    }

    @Test
    void shallow_ones_have_what_the_commit_names() throws Exception {
        commitToLib("lib two");

        assertThat(git.results(git.step().submodules().shallow("1"), "main", with))
                .isEqualTo(Results.SUCCESS);
        assertThat(git.text("lib/lib.txt")).isEqualTo("lib");
        assertThat(new GitRepository(git.build().resolve("lib")).git("rev-list", "--count", "HEAD"))
                .isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "file", "directory"})
    void one_that_is_gone_makes_room_for_what_comes_in_its_place(String what) throws Exception {
        git.run(git.step().submodules());
        git.origin.git("rm", "--quiet", "lib");
        Path place = git.origin.directory().resolve("lib");
        switch (what) {
            case "file" -> Files.writeString(place, "a file");
            case "directory" ->
                    Files.writeString(Files.createDirectory(place).resolve("lib.txt"), "of app");
            default -> assertThat(place).doesNotExist();
        }
        git.origin.commit("lib is gone", "app.txt");
        Files.writeString(git.build().resolve("left"), "left");

        assertThat(git.run(git.step().submodules()).results()).isEqualTo(Results.SUCCESS);
        switch (what) {
            case "file" -> assertThat(git.text("lib")).isEqualTo("a file");
            case "directory" ->
                    assertThat(git.build().resolve("lib")).isDirectoryNotContaining("glob:**.git*");
            default -> assertThat(git.build().resolve("lib")).doesNotExist();
        }
        assertThat(git.build().resolve("left")).as("nothing was started afresh").exists();
        // And back.
        assertThat(git.results(git.step().submodules(), "main", with)).isEqualTo(Results.SUCCESS);
        assertThat(git.text("lib/deep/deep.txt")).isEqualTo("deep");
        assertThat(git.results(git.step().submodules(), "main", without))
                .isEqualTo(Results.SUCCESS);
        assertThat(git.build().resolve("lib")).doesNotExist();
    }

    @Test
    void one_that_moves_to_another_address_is_fetched_from_there() throws Exception {
        git.run(git.step().submodules());
        Files.move(lib.directory(), directory.resolve("served/moved"));
        git.origin.git("config", "--file", ".gitmodules", "submodule.lib.url", "../moved");
        GitRepository moved = new GitRepository(directory.resolve("served/moved"));
        moved.commit("moved", "lib.txt");
        git.origin.git("-C", "lib", "fetch", "--quiet", moved.directory().toString(), "main");
        git.origin.git("-C", "lib", "checkout", "--quiet", "FETCH_HEAD");
        git.origin.commit("lib has moved", "app.txt");

        assertThat(git.run(git.step().submodules()).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.text("lib/lib.txt")).isEqualTo("moved");
    }

    @Test
    void one_within_another_that_moves_is_fetched_from_where_it_is() throws Exception {
        git.run(git.step().submodules());
        Files.move(deep.directory(), directory.resolve("served/deeper"));
        GitRepository deeper = new GitRepository(directory.resolve("served/deeper"));
        deeper.commit("deeper", "deep.txt");
        lib.git("config", "--file", ".gitmodules", "submodule.deep.url", "../deeper");
        lib.git("-C", "deep", "fetch", "--quiet", deeper.directory().toString(), "main");
        lib.git("-C", "deep", "checkout", "--quiet", "FETCH_HEAD");
        commitToLib("deep has moved");

        assertThat(git.run(git.step().submodules()).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.text("lib/deep/deep.txt")).isEqualTo("deeper");
    }

    @Test
    void a_lock_or_a_broken_repository_of_one_is_got_over() throws Exception {
        git.run(git.step().submodules());
        Files.createFile(git.build().resolve(".git/modules/lib/index.lock"));
        Files.createFile(git.build().resolve(".git/modules/lib/modules/deep/index.lock"));
        commitToLib("lib two");
        assertThat(git.run(git.step().submodules()).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.text("lib/lib.txt")).isEqualTo("lib two");

        Files.delete(git.build().resolve(".git/modules/lib/HEAD"));
        assertThat(git.run(git.step().submodules()).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.text("lib/lib.txt")).isEqualTo("lib two");
    }

    @Test
    void one_whose_repository_is_gone_fails_the_step() throws Exception {
        Files.move(lib.directory(), directory.resolve("moved"));

        BuildOutcome outcome = git.run(git.step().submodules());

        assertThat(outcome.results()).isEqualTo(Results.FAILURE);
        assertThat(outcome.summary()).contains("lib");
    }

    @Test
    void one_whose_repository_is_gone_does_not_cost_what_was_fetched_before() throws Exception {
        git.run(git.step().submodules());
        Files.writeString(git.build().resolve("left"), "left");
        commitToLib("lib two");
        Files.move(lib.directory(), directory.resolve("moved"));

        assertThat(git.run(git.step().submodules()).results()).isEqualTo(Results.FAILURE);
        assertThat(git.build().resolve("left")).exists();
    }
}
