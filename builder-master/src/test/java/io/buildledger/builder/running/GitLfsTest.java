package io.buildledger.builder.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.Results;
import io.buildledger.testing.TestLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What git-lfs is asked for, by a program in its place that writes it down. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class GitLfsTest {

    private static final TestLog DATABASE = new TestLog();

    @TempDir Path directory;
    private GitBench git;

    @BeforeEach
    void open() throws Exception {
        git = new GitBench(DATABASE, directory);
        git.origin.commit("pointer", "a.bin");
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @AfterEach
    void close() {
        git.close();
    }

    /** A machine with git, and with git-lfs or without. */
    private void putPrograms(boolean withLfs) throws Exception {
        Path bin = Files.createDirectories(directory.resolve("bin"));
        Path lfs = bin.resolve("git-lfs");
        Files.writeString(
                lfs,
                withLfs
                        ? """
                        #!/bin/sh
                        echo "$@" >> '%s/asked'
                        test "$1" = pull && echo fetched > a.bin
                        exit 0
                        """
                                .formatted(directory)
                        : "#!/bin/sh\nexit 1\n");
        assertThat(lfs.toFile().setExecutable(true)).isTrue();
        git.env.put("PATH", bin + ":" + System.getenv("PATH"));
    }

    private List<String> asked() throws Exception {
        Path asked = directory.resolve("asked");
        return Files.exists(asked) ? Files.readAllLines(asked) : List.of();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # lfs | in the commit | on the worker | result  | fetched
                          | true          | true          | SUCCESS | true
                          | true          | false         | SUCCESS | false
                          | false         | true          | SUCCESS | false
                    true  | true          | true          | SUCCESS | true
                    true  | false         | true          | SUCCESS | true
                    true  | true          | false         | FAILURE | false
                    false | true          | true          | SUCCESS | false
                    """)
    void files_are_fetched_where_they_are_wanted_and_can_be(
            @Nullable Boolean lfs,
            boolean inCommit,
            boolean onWorker,
            Results result,
            boolean fetched)
            throws Exception {
        if (inCommit) {
            git.origin.commit("*.bin filter=lfs diff=lfs merge=lfs -text", ".gitattributes");
        }
        putPrograms(onWorker);
        GitStepMaker step = git.step();

        assertThat(git.run(lfs == null ? step : step.lfs(lfs)).results()).isEqualTo(result);
        assertThat(asked())
                .isEqualTo(
                        fetched
                                ? List.of("version", "install --local --skip-repo", "pull origin")
                                : List.of());
        if (result == Results.SUCCESS) {
            assertThat(git.text("a.bin").strip()).isEqualTo(fetched ? "fetched" : "pointer");
        }
        if (!onWorker && result == Results.SUCCESS) {
            assertThat(git.bench.text(1))
                    .contains("the worker has no git-lfs: files of Git LFS stay pointers");
        }
    }
}
