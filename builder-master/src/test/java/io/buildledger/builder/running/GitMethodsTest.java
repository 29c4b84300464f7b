package io.buildledger.builder.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.steps.GitDescription;
import io.buildledger.steps.GitStep.Method;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What each way to check out makes of each thing that earlier builds may have left. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class GitMethodsTest {

    private static final TestLog DATABASE = new TestLog();
    private static final Set<String> BEGINNING_WITH_NOTHING = Set.of("clobber", "copy");
    private static final Set<Left> SOME_LEFT =
            EnumSet.of(Left.NOTHING, Left.CHANGES, Left.GIT_THAT_IS_A_FILE);

    @TempDir Path directory;
    private GitBench git;
    private String first;
    private String second;

    @BeforeEach
    void open() throws Exception {
        git = new GitBench(DATABASE, directory);
        git.origin.commit("*.o", ".gitignore");
        Files.createDirectories(git.origin.directory().resolve("lib"));
        git.origin.commit("in the way", "lib/way");
        first = git.origin.commit("one", "a.txt");
        Files.delete(git.origin.directory().resolve("lib/way"));
        second = git.origin.commit("two", "a.txt");
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @AfterEach
    void close() {
        git.close();
    }

    private GitStepMaker step(String way) {
        return step(way, git);
    }

    private static GitStepMaker step(String way, GitBench of) {
        return way.equals("incremental")
                ? of.step()
                : of.step().full(Method.valueOf(way.toUpperCase(Locale.ROOT)));
    }

    /** How a build leaves the work directory. */
    enum Left {
        NOTHING {
            @Override
            void leave(GitBench git) {}
        },
        EMPTY {
            @Override
            void leave(GitBench git) throws IOException {
                Files.createDirectories(git.build());
            }
        },
        FOREIGN_FILES {
            @Override
            void leave(GitBench git) throws IOException {
                Files.createDirectories(git.build().resolve("dir"));
                Files.writeString(git.build().resolve("a.txt"), "foreign");
            }
        },
        CHANGES {
            @Override
            void leave(GitBench git) throws Exception {
                checkedOut(git);
                Files.writeString(git.build().resolve("a.txt"), "changed");
                Files.delete(git.build().resolve(".gitignore"));
                git.built().git("add", "--all");
            }
        },
        COMMITS {
            @Override
            void leave(GitBench git) throws Exception {
                checkedOut(git);
                git.built().git("checkout", "--quiet", "-b", "main");
                git.built().commit("of the build", "b.txt");
            }
        },
        DIRECTORY_IN_THE_WAY {
            @Override
            void leave(GitBench git) throws Exception {
                checkedOut(git);
                Files.delete(git.build().resolve("a.txt"));
                Files.createDirectories(git.build().resolve("a.txt/deep"));
                Files.writeString(git.build().resolve("a.txt/deep/file"), "in the way");
            }
        },
        FILE_IN_THE_WAY {
            @Override
            void leave(GitBench git) throws Exception {
                checkedOut(git);
                Files.deleteIfExists(git.build().resolve("lib/way"));
                Files.deleteIfExists(git.build().resolve("lib"));
                Files.writeString(git.build().resolve("lib"), "in the way");
            }
        },
        MERGE_THAT_FAILED {
            @Override
            void leave(GitBench git) throws Exception {
                checkedOut(git);
                git.built().commit("of the build", "a.txt");
                git.built().git("checkout", "--quiet", "-b", "other", "HEAD~2");
                git.built().commit("other", "a.txt");
                assertThat(
                                git.bench
                                        .run(
                                                ScriptStep.script(
                                                        "merge",
                                                        "git -c user.name=A -c user.email=a@b merge @{-1}"))
                                        .results())
                        .isEqualTo(Results.FAILURE);
            }
        },
        LOCKS {
            @Override
            void leave(GitBench git) throws Exception {
                checkedOut(git);
                Files.createFile(git.build().resolve(".git/index.lock"));
                Files.createFile(git.build().resolve(".git/HEAD.lock"));
                Files.createFile(git.build().resolve(".git/config.lock"));
                Files.createFile(git.build().resolve(".git/shallow.lock"));
                Files.createFile(git.build().resolve(".git/refs/remotes/origin/main.lock"));
            }
        },
        BROKEN_INDEX {
            @Override
            void leave(GitBench git) throws Exception {
                checkedOut(git);
                Files.writeString(git.build().resolve(".git/index"), "broken");
            }
        },
        NO_OBJECTS {
            @Override
            void leave(GitBench git) throws Exception {
                checkedOut(git);
                Files.move(git.build().resolve(".git/objects"), git.build().resolve("moved.o"));
                Files.createDirectories(git.build().resolve(".git/objects"));
            }
        },
        EMPTY_GIT {
            @Override
            void leave(GitBench git) throws Exception {
                Files.createDirectories(git.build().resolve(".git"));
            }
        },
        GIT_THAT_IS_A_FILE {
            @Override
            void leave(GitBench git) throws Exception {
                Files.createDirectories(git.build());
                Files.writeString(git.build().resolve(".git"), "gitdir: nowhere");
            }
        };

        abstract void leave(GitBench git) throws Exception;

        static void checkedOut(GitBench git) {
            assertThat(git.run(git.step()).results()).isEqualTo(Results.SUCCESS);
        }
    }

    static Stream<Arguments> waysAndWhatIsLeft() {
        return Stream.of("incremental", "clean", "fresh", "clobber", "copy")
                .flatMap(way ->
                        Stream.of(Left.values())
                                // The others begin with nothing, whatever it was.
                                .filter(left ->
                                        !BEGINNING_WITH_NOTHING.contains(way)
                                                || SOME_LEFT.contains(left))
                                .map(left -> Arguments.of(way, left)));
    }

    @ParameterizedTest
    @MethodSource("waysAndWhatIsLeft")
    void whatever_is_there_the_revision_is_built(String way, Left left) throws Exception {
        left.leave(git);

        requireBuilt(git.run(step(way), "main", first), first, "one");
        requireBuilt(git.run(step(way)), second, "two");
    }

    private void requireBuilt(BuildOutcome outcome, String revision, String text) throws Exception {
        assertThat(outcome.results())
                .as(() -> String.join("\n", git.bench.text(1)))
                .isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo(text);
        assertThat(git.built().git("rev-parse", "HEAD")).isEqualTo(revision);
        assertThat(git.built().git("status", "--porcelain", "--untracked-files=no")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    incremental | true  | true  | true
                    clean       | true  | false | false
                    fresh       | false | false | false
                    clobber     | false | false | false
                    copy        | false | false | false
                    """)
    void each_way_keeps_what_it_should(
            String way, boolean ignored, boolean untracked, boolean repository) throws Exception {
        git.run(git.step());
        Files.writeString(git.build().resolve("left.o"), "left");
        Files.createDirectories(git.build().resolve("other/.git"));
        Files.writeString(git.build().resolve("left.txt"), "left");

        assertThat(git.run(step(way)).results()).isEqualTo(Results.SUCCESS);
        assertThat(Files.exists(git.build().resolve("left.o"))).isEqualTo(ignored);
        assertThat(Files.exists(git.build().resolve("left.txt"))).isEqualTo(untracked);
        assertThat(Files.exists(git.build().resolve("other"))).isEqualTo(repository);
    }

    @Test
    void copy_fetches_only_what_is_new_and_keeps_its_source_clean() throws Exception {
        git.run(step("copy"));
        Files.writeString(git.build().resolve("a.txt"), "changed by the build");
        String third = git.origin.commit("three", "a.txt");

        assertThat(git.results(step("copy"), "main", second)).isEqualTo(Results.SUCCESS);
        assertThat(git.commands("fetch")).isEmpty();
        assertThat(git.text("a.txt")).isEqualTo("two");
        assertThat(git.results(step("copy"), "main", third)).isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("three");
        assertThat(git.names()).containsExactly("build", "source");
    }

    @ParameterizedTest
    @CsvSource({"incremental", "fresh", "copy"})
    void a_patch_is_applied_and_is_gone_in_the_next_build(String way) throws Exception {
        String body =
                """
                --- a/a.txt
                +++ b/a.txt
                @@ -1 +1 @@
                -two
                \\ No newline at end of file
                +patched
                --- /dev/null
                +++ b/new.txt
                @@ -0,0 +1 @@
                +new
                """;
        assertThat(patched(way, body).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("patched\n");
        assertThat(git.text("new.txt")).isEqualTo("new\n");

        assertThat(git.run(step(way)).results()).isEqualTo(Results.SUCCESS);
        assertThat(git.text("a.txt")).isEqualTo("two");
        assertThat(git.build().resolve("new.txt")).doesNotExist();
    }

    private BuildOutcome patched(String way, String body) {
        return git.bench
                .prepare(
                        new SourceStamp("", "main", null, "", "", new Patch(body, 1, "me", "", "")),
                        Map.of(),
                        step(way).step())
                .run();
    }

    @Test
    void a_patch_that_does_not_apply_fails_and_costs_no_clone() throws Exception {
        git.run(git.step());
        Files.writeString(git.build().resolve("left.o"), "left");

        BuildOutcome outcome =
                patched("incremental", "--- a/none\n+++ b/none\n@@ -1 +1 @@\n-a\n+b\n");

        assertThat(outcome.results()).isEqualTo(Results.FAILURE);
        assertThat(outcome.summary()).contains("none: does not exist in index");
        assertThat(git.build().resolve("left.o")).exists();
    }

    @Test
    void a_step_tells_the_revision_and_a_description() throws Exception {
        git.origin.git("tag", "--annotate", "--message", "v1", "v1", first);
        git.run(git.step().tags().describing(description(true, null)));

        assertThat(property("got_revision")).isEqualTo(second);
        assertThat(property("commit-description"))
                .isEqualTo("v1-1-g" + git.origin.git("rev-parse", "--short", second));

        Files.writeString(git.build().resolve("a.txt"), "x");
        git.run(git.step().describing(description(false, "-changed")));
        assertThat(property("commit-description").toString())
                .startsWith("v1-1-g")
                .doesNotContain("changed");
    }

    private static GitDescription description(boolean tags, @Nullable String dirty) {
        return new GitDescription(
                false, false, false, false, false, false, false, tags, null, null, null, null,
                dirty);
    }

    private Object property(String name) {
        return Objects.requireNonNull(git.bench.properties.get(name)).value();
    }

    @Test
    void a_commit_that_nothing_describes_has_no_description_and_is_built() {
        assertThat(git.run(git.step().describing(description(true, null))).results())
                .isEqualTo(Results.SUCCESS);
        assertThat(git.bench.properties).containsOnlyKeys("got_revision");
    }

    @Test
    void several_codebases_are_checked_out_beside_each_other_and_told_by_their_names()
            throws Exception {
        BuildOutcome outcome =
                git.bench
                        .prepare(
                                List.of(
                                        new SourceStamp("", "main", first, "", "app"),
                                        new SourceStamp("", "main", second, "", "lib")),
                                Map.of(),
                                git.step().codebase("app").full(Method.COPY).in("app").step(),
                                git.step().codebase("lib").full(Method.COPY).in("lib").step())
                        .run();

        assertThat(outcome.results()).isEqualTo(Results.SUCCESS);
        assertThat(property("got_revision")).isEqualTo(Map.of("app", first, "lib", second));
        assertThat(git.names()).containsExactly("app", "lib", "source-app", "source-lib");
        assertThat(Files.readString(git.bench.builderDirectory().resolve("app/a.txt")))
                .isEqualTo("one");
    }

    @Test
    void always_use_latest_takes_the_steps_branch_whatever_the_source_stamp_says()
            throws Exception {
        git.origin.git("branch", "stable", first);

        git.run(git.step().alwaysUseLatest().branch("stable"), "main", second);
        assertThat(git.text("a.txt")).isEqualTo("one");
        git.run(git.step().alwaysUseLatest(), "nowhere", first);
        assertThat(git.text("a.txt")).isEqualTo("two");
    }
}
