package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.scheduler.commandline.RunCommand.Answer;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestStory;
import java.nio.file.Path;
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

/** A build of linux runs, docs waits; both have ended when the log does. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StateCommandTest {

    @TempDir Path directory;

    private final TestLog test = new TestLog();
    private long then;

    @BeforeEach
    void begin() {
        Author b1 =
                new MasterRegistry(test.log, test.dataSource, test.dataSource)
                        .register(TestMasters.builder("b1"));
        TestStory story = new TestStory(test);
        story.fire(List.of(story.change("ann", "abc", "x")), "abc", "linux", "docs");
        Won won = story.claim(b1, "linux");
        story.start(b1, won);
        then = test.log.head();
        story.complete(b1, won, Results.SUCCESS, "it is built");
        story.build(b1, "docs", Results.FAILURE);
    }

    @AfterEach
    void end() {
        test.close();
    }

    private Answer state(String... more) throws Exception {
        return RunCommand.run(test.database, directory, "state", more);
    }

    @Test
    void what_was_so_after_an_event_is_told() throws Exception {
        Answer answer = state("--at-event", String.valueOf(then));

        assertThat(answer.err()).isEmpty();
        assertThat(answer.status()).isZero();
        assertThat(answer.out()).contains("linux/1").contains("docs").contains("b1");
    }

    @ParameterizedTest
    @CsvSource({
        "--queue, queue, docs",
        "--masters, masters, b1",
        "--builder linux, claims, linux",
        "--scheduler main, schedulers, main"
    })
    void parts_of_it_can_be_asked_for(String part, String list, String name) throws Exception {
        JsonNode answer =
                Master.JSON.readTree(
                        state("--at-event %d --json %s".formatted(then, part).split(" ")).out());

        JsonNode only = answer.path(list);
        assertThat(only.size()).as(answer.toString()).isEqualTo(1);
        assertThat(
                        only.path(0)
                                .path(
                                        list.equals("queue") || list.equals("claims")
                                                ? "builder"
                                                : "name")
                                .asString())
                .isEqualTo(name);
    }

    @Test
    void a_moment_is_a_time_too() throws Exception {
        JsonNode newest =
                Master.JSON.readTree(state("--at", "2999-01-01T00:00:00Z", "--json").out());

        assertThat(newest.path("event").asLong()).isEqualTo(test.log.head());
        assertThat(newest.path("claims").isEmpty()).isTrue();
        assertThat(state("--at", "2020-01-01 00:00").status()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "--at noon, 2, --at: 'noon' is no time: write it like",
        "--at-event x, 2, Invalid value",
        "--at-event 5 --scheduler other, 1, there was no scheduler 'other' then",
        "--at-event 5 --builder other, 1, there was no builder 'other' then"
    })
    void what_can_t_be_is_told(String args, int status, String message) throws Exception {
        Answer answer = state(args.split(" "));

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.err()).startsWith(message);
    }
}
