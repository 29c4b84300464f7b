package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.scheduler.commandline.RunCommand.Answer;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestSealing;
import io.buildledger.testing.TestSettling;
import io.buildledger.testing.TestStory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchiveCommandTest {

    @TempDir Path directory;

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);

    @BeforeEach
    void begin() throws InterruptedException {
        Author b1 =
                new MasterRegistry(test.log, test.dataSource, test.dataSource)
                        .register(TestMasters.builder("b1"));
        for (int i = 0; i < 3; i++) {
            story.fire(List.of(story.change("ann", "abc", "x")), "abc", "linux");
            story.build(b1, "linux", Results.SUCCESS);
        }
        TestSettling.age(test, 100);
        TestSettling.settle(test, story, b1, new TestSealing(test, b1));
    }

    @AfterEach
    void end() {
        test.close();
    }

    private Path files() {
        return directory.resolve("archive");
    }

    private Answer run(String command, String... more) {
        return RunCommand.run(test.database, directory, command, more);
    }

    private Answer archive(String... more) {
        return run("archive --to " + files(), more);
    }

    private Path file() throws IOException {
        try (Stream<Path> files = Files.list(files())) {
            return files.findFirst().orElseThrow();
        }
    }

    @Test
    void builds_are_archived_and_all_commands_read_them_there() throws Exception {
        String audit = run("audit request 2").out();
        String state = run("state --at-event 20").out();

        Answer answer = archive("--older-than", "90d");

        assertThat(answer.out())
                .isEqualTo(
                        """
                        3 builds archived: 6 events, files: 1, bytes: %,d
                        what was recorded after event %d stays: so far goes the log's end
                        """
                                .formatted(Files.size(file()), test.log.head() - 1));
        assertThat(answer.status()).isZero();
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE stream LIKE 'build/%'")).isZero();
        assertThat(audit).contains("test");
        assertThat(run("audit request 2").out()).isEqualTo(audit);
        assertThat(run("state --at-event 20").out()).isEqualTo(state);
        assertThat(run("verify").status()).isZero();
        assertThat(run("verify --chain").status()).isZero();
        assertThat(run("replay --check").status()).isZero();
        assertThat(run("replay").status()).isZero();
        assertThat(run("bundle --request 2 --out " + directory.resolve("b")).status()).isZero();
        assertThat(archive("--older-than", "90d", "--json").out())
                .startsWith("{\"segments\":0,\"builds\":0,\"events\":0,\"bytes\":0,\"upTo\":");
    }

    @Test
    void a_file_that_is_missing_is_told_by_name() throws Exception {
        archive("--older-than", "90d");
        Path file = file();
        Files.delete(file);

        for (String command :
                List.of("verify", "verify --chain", "replay", "audit request 2", "audit export")) {
            Answer answer = run(command);
            assertThat(answer.status()).as(command).isEqualTo(1);
            assertThat(answer.err())
                    .as(command)
                    .startsWith("the archive's file %s, whose SHA-256 is ".formatted(file))
                    .contains(" is not there: put it there, or set BUILDLEDGER_ARCHIVE to ");
        }
    }

    @Test
    void what_can_t_be_is_refused() throws Exception {
        assertThat(archive("--older-than", "1h").err())
                .startsWith("--older-than: builds that ended less than 24 hours ago");
        assertThat(archive("--older-than", "1h").status()).isEqualTo(1);
        assertThat(archive("--older-than", "soon").status()).isEqualTo(2);
        assertThat(archive().status()).isEqualTo(2);
        Files.writeString(files(), "no directory");
        assertThat(archive("--older-than", "90d").err())
                .startsWith("--to: a file can't be written");
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE stream LIKE 'build/%'"))
                .isEqualTo(6);
    }
}
