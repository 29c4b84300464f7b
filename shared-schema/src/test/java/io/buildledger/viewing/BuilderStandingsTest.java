package io.buildledger.viewing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import io.buildledger.viewing.BuilderStandings.Red;
import io.buildledger.viewing.BuilderStandings.Running;
import io.buildledger.viewing.BuilderStandings.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BuilderStandingsTest {

    private static final Author B1 = new Author("b1", 1);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final BuilderStandings standings = new BuilderStandings(test.jdbc);

    @AfterEach
    void close() {
        test.close();
    }

    private void request(String... builders) {
        long change = story.change("ann", "abc", "Mend it");
        story.fire(List.of(change), "abc", builders);
    }

    private void build(String builder, Results... results) {
        for (Results result : results) {
            request(builder);
            story.build(B1, builder, result);
        }
    }

    private void haveMaster(String... builders) {
        new MasterRegistry(test.log, test.dataSource, test.dataSource)
                .register(
                        new Registration(
                                "b1", "builder", "host", 1, Duration.ofMinutes(1), Map.of(), null));
        for (String builder : builders) {
            test.jdbc
                    .sql("INSERT INTO master_builder (builder, master) VALUES (:builder, 'b1')")
                    .param("builder", builder)
                    .update();
        }
    }

    @Test
    void a_builder_is_red_whose_last_result_is_bad_since_the_first_of_those_in_a_row() {
        haveMaster("green", "red", "stopped", "new", "mended");
        build("green", Results.FAILURE, Results.SUCCESS);
        build("mended", Results.EXCEPTION, Results.WARNINGS);
        build("red", Results.SUCCESS, Results.FAILURE, Results.EXCEPTION, Results.FAILURE);
        build("stopped", Results.FAILURE, Results.CANCELLED);
        build("gone", Results.FAILURE);
        story.project();

        List<Red> red = standings.red(10).last();

        assertThat(red)
                .extracting(it -> it.build().builder() + "/" + it.build().buildNumber())
                .containsExactly("stopped/1", "red/4");
        Red last = red.getLast();
        assertThat(standings.red(1).count()).isEqualTo(2);
        assertThat(standings.red(1).last()).hasSize(1);
        assertThat(standings.redNames()).hasSize(2);
        assertThat(last.failures()).isEqualTo(3);
        assertThat(last.atLeast()).isFalse();
        assertThat(last.since()).isEqualTo(last.latest().get(2).finishedAt());
        assertThat(last.latest())
                .extracting(Views.Build::buildNumber)
                .containsExactly(4L, 3L, 2L, 1L);
    }

    @Test
    void what_runs_is_told_with_how_long_such_builds_take() {
        build("linux", Results.SUCCESS, Results.SUCCESS, Results.FAILURE);
        request("linux", "mac");
        Won won = story.claim(B1, "linux");
        story.start(B1, won);
        story.claim(B1, "mac");
        story.project();

        List<Running> running = standings.running(10);

        assertThat(running)
                .extracting(it -> it.build().builder() + " " + it.build().state())
                .containsExactly("linux running", "mac claimed");
        assertThat(running.getFirst().usually()).isNotNull();
        assertThat(running.getLast().usually()).isNull();
        assertThat(standings.runningCount()).isEqualTo(2);
    }

    @Test
    void what_waits_is_counted_by_builder() {
        request("linux", "mac");
        request("linux");

        assertThat(standings.waiting())
                .extracting(Waiting::builder, Waiting::requests, Waiting::first)
                .containsExactly(tuple("linux", 2L, 1L), tuple("mac", 1L, 2L));
        assertThat(standings.waiting("linux").orElseThrow().requests()).isEqualTo(2);
        assertThat(standings.waiting("docs")).isEmpty();
    }

    @Test
    void of_each_builder_only_the_last_builds_are_looked_at() {
        for (int i = 0; i < BuilderStandings.LATEST + 2; i++) {
            build("linux", Results.FAILURE);
        }
        haveMaster("linux");
        story.project();

        Red red = standings.red(10).last().getFirst();

        assertThat(red.latest()).hasSize(BuilderStandings.LATEST);
        assertThat(red.failures()).isEqualTo(BuilderStandings.LATEST);
        assertThat(red.atLeast()).isTrue();
    }
}
