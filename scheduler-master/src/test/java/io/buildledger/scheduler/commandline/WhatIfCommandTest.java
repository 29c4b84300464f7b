package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.scheduler.commandline.RunCommand.Answer;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestStory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WhatIfCommandTest {

    @TempDir Path directory;

    private final TestLog test = new TestLog();

    @BeforeEach
    void begin() throws IOException {
        Author b1 =
                new MasterRegistry(test.log, test.dataSource, test.dataSource)
                        .register(TestMasters.builder("b1"));
        TestStory story = new TestStory(test);
        story.fire(List.of(story.change("a <a@example.org>", "abc", "x")), "abc", "linux", "docs");
        story.build(b1, "linux", Results.SUCCESS);
        Files.writeString(directory.resolve("password"), test.database.password() + "\n");
    }

    @AfterEach
    void end() {
        test.close();
    }

    private Path file(String builders) throws IOException {
        return Files.writeString(
                directory.resolve("new.yaml"),
                """
                db_url: "%s"
                db_user: "%s"
                db_password_file: password
                schedulers:
                  - any_branch: {name: main, builder_names: %s}
                builders:
                  - {name: linux, worker_names: [linux-1, linux-2], factory: []}
                  - {name: docs, worker_names: [linux-1], factory: []}
                workers:
                  - {name: linux-1, password: secret}
                  - {name: linux-2, password: secret}
                """
                        .formatted(test.database.url(), test.database.user(), builders));
    }

    private Answer whatIf(Path file, String... more) {
        List<String> all = new ArrayList<>(List.of("what-if", "--config", file.toString()));
        all.addAll(List.of(more));
        return RunCommand.run(all.toArray(String[]::new));
    }

    @Test
    void what_is_the_same_and_what_it_costs_is_told() throws IOException {
        Answer answer = whatIf(file("[linux, docs]"), "--since", "30d", "--verbose");

        assertThat(answer.err()).isEmpty();
        assertThat(answer.status()).isZero();
        assertThat(answer.out())
                .containsPattern("from \\S+Z to \\S+Z, event \\d+: 1 changes")
                .contains("nothing differs: what would have been made is what was made")
                .containsPattern("main +any_branch +1 +1 +1 +0 +0 +0")
                .containsPattern("docs +1 +1 +1 +0 +0 +0 ")
                .containsPattern("as recorded +1 ")
                .containsPattern("with this file +2 ")
                .containsPattern("= \\S+Z main buildset 1, change 1, on linux docs")
                .contains("no build of docs ended in that time");
    }

    @Test
    void the_same_question_has_the_same_answer_and_nothing_is_written() throws IOException {
        Path file = file("[docs]");
        long events = test.count("SELECT COUNT(*) FROM event");

        String answer = whatIf(file, "--since", "30d", "--json").out();

        assertThat(whatIf(file, "--since", "30d", "--json").out()).isEqualTo(answer).isNotEmpty();
        assertThat(test.count("SELECT COUNT(*) FROM event")).isEqualTo(events);
    }

    @Test
    void json_is_one_object_with_all_that_would_have_been_made() throws IOException {
        Answer answer = whatIf(file("[docs]"), "--since", "30d", "--workers", "linux=12", "--json");

        assertThat(answer.err()).isEmpty();
        JsonNode json = new JsonMapper().readTree(answer.out());
        JsonNode buildset = json.path("wouldMake").path(0);
        assertThat(buildset.path("buildset").asLong()).isEqualTo(1);
        assertThat(buildset.path("missingBuilders").path(0).asString()).isEqualTo("linux");
        assertThat(json.path("workers").path(0).path("count").asInt()).isEqualTo(12);
        assertThat(json.path("supposed").path("begun").asLong()).isEqualTo(1);
    }

    @Test
    void the_database_may_be_another_than_the_file_s() throws IOException {
        Path file = file("[linux]");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace(test.database.url(), "jdbc:mysql://127.0.0.1:1/none"));

        assertThat(whatIf(file, "--since", "30d").status()).isEqualTo(1);
        Answer answer =
                whatIf(
                        file,
                        "--since",
                        "30d",
                        "--db-url",
                        test.database.url(),
                        "--user",
                        test.database.user(),
                        "--password-file",
                        directory.resolve("password").toString());
        assertThat(answer.err()).isEmpty();
        assertThat(answer.status()).isZero();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "--since yesterday | --since: 'yesterday' is no time: write it like 2026-10-01T03:12:00Z",
                "--since 30x | --since: '30x' is no time",
                "--since 0s | --since: '0s' is no time at all",
                "--since 30d --until tomorrow | --until: 'tomorrow' is no time: write it like 2026-10-01T03:12:00Z",
                "--since 2026-01-02T00:00:00Z --until 2026-01-01T00:00:00Z | --until: 2026-01-01T00:00:00Z is not after 2026-01-02T00:00:00Z",
                "--since 30d --workers linux | --workers: 'linux' is not NAME=COUNT: write it like linux=12",
                "--since 30d --workers linux=0 | --workers: there can't be 0 of 'linux': give a number from 1 to 100000",
                "--since 30d --workers linux=-1 | --workers: 'linux=-1' is not NAME=COUNT",
                "--since 30d --workers linux=2 --workers linux=3 | --workers: 'linux' is given twice",
                "--since 30d --workers mac=2 | --workers: no worker's name begins with 'mac', and no builder is called so: workers are linux-1, linux-2, builders docs, linux",
                "--verbose | Missing required option: '--since=TIME'",
                "--since 30d --db-url jdbc:mysql://h/d | Missing required"
            })
    void what_is_not_understood_is_told(String args, String message) throws IOException {
        Answer answer = whatIf(file("[linux]"), args.split(" ", -1));

        assertThat(answer.status()).isEqualTo(2);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err()).contains(message);
    }

    @Test
    void a_file_that_is_not_there_or_is_wrong_is_told() throws IOException {
        Answer absent = whatIf(directory.resolve("none.yaml"), "--since", "30d");
        assertThat(absent.status()).isEqualTo(1);
        assertThat(absent.err()).contains("none.yaml: there is no such file").hasLineCount(1);

        Answer wrong = whatIf(file("[windows]"), "--since", "30d");
        assertThat(wrong.status()).isEqualTo(1);
        assertThat(wrong.err()).contains("new.yaml:").contains("windows");
    }

    @Test
    void a_time_in_which_nothing_was_recorded_is_told() throws IOException {
        Path file = file("[linux]");

        Answer after = whatIf(file, "--since", "2100-01-01T00:00:00Z");
        assertThat(after.status()).isEqualTo(1);
        assertThat(after.err())
                .contains("--since: nothing was recorded after 2100-01-01T00:00:00Z");

        Answer before = whatIf(file, "--since", "30d", "--until", "2000-01-01T00:00:00Z");
        assertThat(before.status()).isEqualTo(1);
        assertThat(before.err()).contains("--until: the log begins after 2000-01-01T00:00:00Z");
    }
}
