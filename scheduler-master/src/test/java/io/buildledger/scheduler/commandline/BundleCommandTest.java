package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.bundling.BundleFile;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.log.EventImport.Row;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.scheduler.commandline.RunCommand.Answer;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestStory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BundleCommandTest {

    @TempDir Path directory;

    private final TestLog test = new TestLog();

    @BeforeEach
    void begin() throws IOException {
        Author b1 =
                new MasterRegistry(test.log, test.dataSource, test.dataSource)
                        .register(TestMasters.builder("b1"));
        TestStory story = new TestStory(test);
        story.fire(List.of(story.change("a <a@example.org>", "abc", "x")), "abc", "linux");
        story.build(b1, "linux", Results.SUCCESS);
    }

    @AfterEach
    void end() {
        test.close();
    }

    private Path file() {
        return directory.resolve("b.jsonl.gz");
    }

    private Answer bundle(String... more) {
        return RunCommand.run(test.database, directory, "bundle --out " + file(), more);
    }

    private List<Row> rows() throws Exception {
        List<Row> rows = new ArrayList<>();
        BundleFile.read(file(), rows::add);
        return rows;
    }

    @Test
    void a_request_is_written_and_it_is_told_how_to_look_at_it() throws Exception {
        Answer answer = bundle("--request", "1");

        assertThat(answer)
                .isEqualTo(
                        new Answer(
                                0,
                                "%s: 12 events of request 1; look at them with: buildledger demo --from-bundle %s%n"
                                        .formatted(file(), file()),
                                ""));
        assertThat(rows()).hasSize(12);
    }

    @Test
    void a_time_is_written_and_told_as_json() throws Exception {
        Answer answer = bundle("--since", "2026-01-01T00:00:00Z", "--pseudonyms", "--json");

        assertThat(answer.status()).isZero();
        assertThat(answer.out())
                .contains("\"events\":12", "\"pseudonyms\":true", "2026-01-01T00:00:00Z to ");
        assertThat(rows()).noneMatch(row -> row.payload().contains("example.org"));
    }

    @Test
    void a_time_without_an_end_goes_to_the_log_s_whatever_the_clock_here_says() throws Exception {
        test.jdbc.sql("UPDATE event SET recorded_at = recorded_at + INTERVAL 1 DAY").update();

        Answer answer = bundle("--since", "1d");

        assertThat(answer.out()).contains(": 12 events of ");
    }

    @Test
    void what_is_not_there_is_told() {
        assertThat(bundle("--request", "9"))
                .isEqualTo(new Answer(1, "", "there is no request 9%n".formatted()));
        assertThat(
                        bundle("--since", "2001-01-01T00:00:00Z", "--until", "2001-01-02T00:00:00Z")
                                .err())
                .contains("nothing was recorded from 2001-01-01T00:00:00Z to 2001-01-02T00:00:00Z");
        assertThat(file()).doesNotExist();
    }

    @Test
    void wrong_use_is_told() {
        assertThat(bundle().status()).isEqualTo(2);
        assertThat(bundle("--request", "1", "--since", "2026-01-01").status()).isEqualTo(2);
        assertThat(bundle("--since", "yesterday").err())
                .contains("--since: 'yesterday' is no time: write it like 2026-10-01T03:12:00Z");
        assertThat(
                        bundle("--since", "2026-01-02T00:00:00Z", "--until", "2026-01-01T00:00:00Z")
                                .err())
                .contains("--until: 2026-01-01T00:00:00Z is before --since");
        assertThat(bundle("--until", "2026-01-01T00:00:00Z").err())
                .contains("say what to write: --request N, or --since TIME");
    }
}
