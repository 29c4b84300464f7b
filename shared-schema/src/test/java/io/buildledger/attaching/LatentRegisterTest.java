package io.buildledger.attaching;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.attaching.WorkerCommands.Answer;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.domain.attaching.Backoff;
import io.buildledger.domain.attaching.WorkerState.Machine.Phase;
import io.buildledger.log.Author;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.testing.Race;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.viewing.Views;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Who has latent workers in hand, and how they are shown. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LatentRegisterTest {

    private static final Author PEOPLE = new Author("s", 1);
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(10), Duration.ofHours(1));
    private static final Backoff NONE = new Backoff(Duration.ZERO, Duration.ZERO);

    private final TestLog test = new TestLog();
    private final WorkerRegister register =
            new WorkerRegister(test.log, test.dataSource, new OpenCommands(test.dataSource));
    private final WorkerCommands commands = new WorkerCommands(test.log, test.dataSource);
    private final WorkerRoster roster = new WorkerRoster(test.log, test.dataSource);
    private final Views views = new Views(test.jdbc);
    private final MasterRegistry masters =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final Author b1 = begin("b1");
    private final Author b2 = begin("b2");

    @AfterEach
    void close() {
        test.close();
    }

    private Author begin(String master) {
        Author author = masters.register(TestMasters.builder(master));
        roster.list(author, List.of(new Listed("w", true, true, 1)));
        return author;
    }

    /** Whether the master takes it in hand by that. */
    private boolean starts(Author master, String worker) {
        int before = events(worker).size();
        return register.starting(master, worker)
                        .state()
                        .isInHandOf(Phase.STARTING, master.master(), master.epoch())
                && events(worker).size() > before;
    }

    private boolean ends(Author master, String worker) {
        int before = events(worker).size();
        return register.ending(master, worker, "idle")
                        .state()
                        .isInHandOf(Phase.ENDING, master.master(), master.epoch())
                && events(worker).size() > before;
    }

    private String shown() {
        return views.worker("w").orElseThrow().state();
    }

    private List<String> events(String worker) {
        return test.log.read(Streams.worker(worker)).stream()
                .map(it -> it.event().getClass().getSimpleName())
                .toList();
    }

    @Test
    void it_is_shown_from_its_start_to_its_end() {
        assertThat(shown()).isEqualTo("off");
        assertThat(starts(b1, "w")).isTrue();
        assertThat(shown()).isEqualTo("starting");
        register.attach(b1, "w", "3.7.0", "posix");
        assertThat(shown()).isEqualTo("idle");

        register.requestStop(b1, "w", "nothing to build for 600 s");
        assertThat(shown()).isEqualTo("stopping");
        assertThat(Objects.requireNonNull(views.worker("w").orElseThrow().stopping()).requestedBy())
                .isEqualTo("master b1");
        register.stopped(b1, "w");
        assertThat(ends(b1, "w")).isTrue();
        register.detach(b1, "w", "it was told to shut down");
        assertThat(shown()).isEqualTo("ending");
        register.off(b1, "w");
        assertThat(shown()).isEqualTo("off");
        assertThat(starts(b2, "w")).isTrue();
    }

    @Test
    void the_table_says_what_the_stream_does() {
        starts(b1, "w");
        WorkerStanding told = register.startFailed(b1, "w", BACKOFF, "no engine");

        assertThat(new WorkerTable(test.jdbc).all().get("w")).isEqualTo(told);
        assertThat(shown()).isEqualTo("quarantined");
        commands.unpause(PEOPLE, "w", "", "ann");
        WorkerStanding starting = register.starting(b2, "w");
        assertThat(new WorkerTable(test.jdbc).all().get("w")).isEqualTo(starting);
    }

    @Test
    void one_that_is_to_rest_is_not_started() {
        commands.pause(PEOPLE, "w", "new disk", "ann");
        assertThat(starts(b1, "w")).isFalse();
        assertThat(shown()).isEqualTo("paused");

        commands.unpause(PEOPLE, "w", "", "ann");
        assertThat(starts(b1, "w")).isTrue();
    }

    @Test
    void of_two_masters_that_start_it_at_once_one_does() throws Exception {
        Race<Boolean, Boolean> race =
                Race.of(50, round -> starts(b1, "r" + round), round -> starts(b2, "r" + round));

        for (int round = 0; round < 50; round++) {
            assertThat(race.left().get(round)).isNotEqualTo(race.right().get(round));
            assertThat(events("r" + round)).containsExactly("WorkerStarting");
        }
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'worker-starting'"))
                .isEqualTo(50);
    }

    @Test
    void nobody_starts_or_ends_what_a_living_master_has() {
        starts(b1, "w");
        assertThat(starts(b2, "w")).isFalse();
        assertThat(starts(b1, "w")).isFalse();
        assertThat(ends(b2, "w")).isFalse();
        register.attach(b1, "w", "3.7.0", "posix");
        assertThat(starts(b2, "w")).isFalse();
        assertThat(starts(b1, "w")).isFalse();
        assertThat(ends(b2, "w")).isFalse();

        assertThat(ends(b1, "w")).isTrue();
        register.detach(b1, "w", "it was told to shut down");
        assertThat(starts(b2, "w")).isFalse();
        assertThat(ends(b2, "w")).isFalse();
    }

    @Test
    void what_a_master_had_whose_life_is_over_is_anybodys() {
        starts(b1, "w");
        masters.stop(b1);
        assertThat(starts(b1, "w")).isFalse();
        assertThat(starts(b2, "w")).isTrue();
        register.attach(b2, "w", "3.7.0", "posix");
        masters.stop(b2);
        Author b3 = begin("b3");

        assertThat(shown()).isEqualTo("off");
        assertThat(ends(b3, "w")).isTrue();
        register.off(b3, "w");
        assertThat(starts(b3, "w")).isTrue();
    }

    @Test
    void a_start_without_a_backoff_that_comes_to_nothing_leaves_it_as_it_was() {
        starts(b1, "w");
        register.startFailed(b1, "w", NONE, "master b1 stops");

        assertThat(events("w")).containsExactly("WorkerStarting", "WorkerStartFailed");
        assertThat(shown()).isEqualTo("off");
        assertThat(starts(b2, "w")).isTrue();
    }

    @Test
    void one_that_a_living_master_starts_can_be_stopped() {
        assertThat(commands.stop(PEOPLE, "w", "", "ann")).isEqualTo(Answer.NOT_ATTACHED);
        starts(b1, "w");
        assertThat(commands.stop(PEOPLE, "w", "wrong image", "ann")).isEqualTo(Answer.DONE);
        assertThat(shown()).isEqualTo("stopping");
        register.startFailed(b1, "w", NONE, "ann stops it: wrong image");
        assertThat(shown()).isEqualTo("off");

        starts(b1, "w");
        masters.stop(b1);
        assertThat(commands.stop(PEOPLE, "w", "", "ann")).isEqualTo(Answer.NOT_ATTACHED);
        assertThat(register.livingMasters()).containsExactly(b2);
    }

    @Test
    void it_is_never_missing() {
        assertThat(roster.absent(b1)).isEmpty();
    }
}
