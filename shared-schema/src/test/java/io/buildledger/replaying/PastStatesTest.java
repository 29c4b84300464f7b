package io.buildledger.replaying;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.attaching.OpenCommands;
import io.buildledger.attaching.WorkerRegister;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.database.ReadingConnection;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequest.Running;
import io.buildledger.domain.requesting.BuildRequest.Unclaimed;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.replaying.ClusterState.Part;
import io.buildledger.replaying.ClusterState.Step;
import io.buildledger.replaying.PastStates.PastState;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PastStatesTest {

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private Author b1;

    @BeforeEach
    void master() {
        b1 =
                registry.register(
                        new Registration(
                                "b1", "builder", "host", 1, Duration.ofMinutes(1), Map.of(), null));
    }

    @AfterEach
    void close() {
        test.close();
    }

    private PastState atEvent(long index) throws InterruptedException {
        try (ReadingConnection connection = test.database.connectToRead()) {
            return new PastStates(connection).atEvent(index);
        }
    }

    private PastState at(Instant moment) throws InterruptedException {
        try (ReadingConnection connection = test.database.connectToRead()) {
            return new PastStates(connection).at(moment);
        }
    }

    @Test
    void before_the_first_event_there_is_nothing() throws Exception {
        assertThat(at(Instant.EPOCH).index()).isEqualTo(-1);
        assertThat(at(Instant.EPOCH).state().masters()).isEmpty();
    }

    @Test
    void what_was_open_then_is_told_and_what_came_later_is_not() throws Exception {
        long change = story.change("ann", "abc", "Mend it");
        story.fire(List.of(change), "abc", "linux", "mac");
        long asked = test.log.head();
        Won won = story.claim(b1, "linux");
        story.start(b1, won);
        long log = story.startStep(b1, won, 1, "test");
        long running = test.log.head();
        story.finishStep(b1, won, 1, log, Results.SUCCESS);
        story.complete(b1, won, Results.SUCCESS, "build successful");
        long over = test.log.head();

        ClusterState then = atEvent(asked).state();
        assertThat(then.requests()).containsOnlyKeys(1L, 2L);
        assertThat(then.requests().values())
                .allMatch(request -> request.state() instanceof Unclaimed);
        assertThat(then.schedulers())
                .hasEntrySatisfying("main", it -> assertThat(it.state().firings()).isEqualTo(1));
        assertThat(then.step("linux", 1)).isNull();

        then = atEvent(running).state();
        assertThat(then.requests())
                .hasEntrySatisfying(1L, it -> assertThat(it.state()).isInstanceOf(Running.class));
        assertThat(then.step("linux", 1)).extracting(Step::name).isEqualTo("test");
        assertThat(then.buildsets())
                .hasEntrySatisfying(
                        1L, it -> assertThat(it.remaining()).containsExactlyInAnyOrder(1L, 2L));

        then = atEvent(over).state();
        assertThat(then.requests()).containsOnlyKeys(2L);
        assertThat(then.step("linux", 1)).isNull();
        assertThat(then.lastBuilds())
                .hasEntrySatisfying(
                        "linux", it -> assertThat(it.results()).isEqualTo(Results.SUCCESS));
        assertThat(then.buildsets())
                .hasEntrySatisfying(1L, it -> assertThat(it.remaining()).containsExactly(2L));
    }

    @Test
    void a_moment_counts_what_was_recorded_at_it_or_before() throws Exception {
        story.change("ann", "abc", "Mend it");
        long first = test.log.head();
        story.change("bob", "abd", "Mend it more");
        test.jdbc
                .sql(
                        "UPDATE event SET recorded_at = TIMESTAMP('2026-01-01 12:00:00') + INTERVAL global_index SECOND")
                .update();
        Instant noon = Instant.parse("2026-01-01T12:00:00Z");

        assertThat(at(noon.plusSeconds(first)).index()).isEqualTo(first);
        assertThat(at(noon.plusSeconds(first).plusMillis(999)).index()).isEqualTo(first);
        assertThat(at(noon.plusSeconds(first).minusMillis(1)).index()).isEqualTo(first - 1);
    }

    @Test
    void from_whatever_state_was_kept_it_is_the_same() throws Exception {
        everything();
        long head = test.log.head();
        PastState read = atEvent(head);
        Snapshots snapshots = new Snapshots(test.jdbc);
        for (long index = 1; index <= head; index++) {
            ClusterState kept = atEvent(index).state();
            test.jdbc.sql("DELETE FROM cluster_snapshot").update();
            snapshots.keep(index, kept);

            PastState later = atEvent(head);

            assertThat(later.at()).isEqualTo(read.at());
            for (Part part : Part.values()) {
                assertThat(later.state().part(part)).isEqualTo(read.state().part(part));
            }
            assertThat(ClusterAt.of(later)).isEqualTo(ClusterAt.of(read));
        }
    }

    /** Something of every part of a state. */
    private void everything() {
        story.take(story.change("ann", "abb", "Wait"), "abb");
        long change = story.change("ann", "abc", "Mend it");
        story.fire(List.of(change), "abc", "linux", "mac", "docs");
        story.take(story.change("bob", "abd", "Wait"), "abd");
        story.build(b1, "linux", Results.FAILURE);
        Won won = story.claim(b1, "mac");
        story.start(b1, won);
        story.startStep(b1, won, 1, "test");
        registry.drain(new Author("people", 1), "b1", false, "ann");
        WorkerRegister workers =
                new WorkerRegister(test.log, test.dataSource, new OpenCommands(test.dataSource));
        workers.attach(b1, "w1", "3.7.0", "Linux");
    }
}
