package io.buildledger.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.ChangeFilter;
import io.buildledger.domain.changing.TextRule;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.ChangeRules;
import io.buildledger.domain.scheduling.PriorityRule;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerConfigured;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerSettings;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.domain.scheduling.SingleBranchScheduler;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Follower;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.replaying.Snapshots;
import io.buildledger.testing.TestLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SchedulingTest {

    private static final Author S1 = new Author("s", 1);
    private static final Author S2 = new Author("s", 2);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final TestLog test = new TestLog();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private long changes;

    @AfterEach
    void close() {
        test.close();
    }

    private static BoundScheduler onMain(@Nullable Duration treeStableTimer, String digest) {
        return new BoundScheduler(
                new SingleBranchScheduler(
                        new SchedulerSettings(
                                "main",
                                List.of("linux", "docs"),
                                SchedulerSettings.ONE_CODEBASE,
                                Map.of(),
                                "",
                                PriorityRule.of(3),
                                null),
                        ChangeRules.of(ChangeFilter.onBranch(TextRule.oneOf("main"))),
                        treeStableTimer),
                digest,
                "{}",
                null,
                null);
    }

    /** A scheduler at work in one life of a master. */
    private final class Life implements AutoCloseable {
        final SchedulerReader reader;
        final Timers timers;
        final Follower follower;

        Life(Author author, @Nullable Duration treeStableTimer, String digest) {
            reader =
                    new SchedulerReader(
                            onMain(treeStableTimer, digest),
                            test.log,
                            new SchedulerStreams(test.log, new Snapshots(test.jdbc)),
                            test.buildsets,
                            new SchedulerStatuses(test.log, test.dataSource),
                            author);
            timers = new Timers(() -> List.of(reader), test.log, author, now::get);
            follower =
                    Follower.of(
                                    "scheduler/main",
                                    Follower.Start.HEAD,
                                    test.log,
                                    test.dataSource,
                                    author,
                                    reader)
                            .start();
        }

        @Override
        public void close() {
            follower.close();
        }
    }

    private void change() {
        long id = ++changes;
        test.log.inTransaction(() ->
                test.log.append(
                        S1,
                        null,
                        List.of(
                                new Entry(
                                        Streams.change(id),
                                        0,
                                        new ChangeReceived(
                                                id,
                                                "repo",
                                                "main",
                                                "rev" + id,
                                                "",
                                                "",
                                                null,
                                                "me",
                                                "",
                                                List.of(),
                                                null,
                                                Instant.EPOCH,
                                                Map.of(),
                                                "base")))));
    }

    private static List<Long> timers(Life life) {
        return life.reader.armedTimers().stream().map(TimerArmed::timer).toList();
    }

    private List<Object> transitions() {
        return test.log.read(Streams.scheduler("main")).stream().map(Recorded::event).toList();
    }

    private <T> List<T> transitions(Class<T> type) {
        return transitions().stream().filter(type::isInstance).map(type::cast).toList();
    }

    @Test
    void a_change_becomes_a_buildset_with_a_request_on_offer_for_each_builder() {
        try (Life _ = new Life(S1, null, "d")) {
            change();
            await().untilAsserted(() -> assertThat(transitions(SchedulerFired.class)).hasSize(1));
        }

        Recorded submitted = test.log.read(Streams.buildset(1)).getFirst();
        assertThat(submitted.event())
                .isInstanceOfSatisfying(
                        BuildsetSubmitted.class,
                        buildset -> {
                            assertThat(buildset.changeIds()).containsExactly(1L);
                            assertThat(buildset.sourceStamps().getFirst().revision())
                                    .isEqualTo("rev1");
                            assertThat(buildset.requestIds()).containsOnlyKeys("linux", "docs");
                        });
        assertThat(submitted.metadata()).containsEntry("cause", "scheduler/main@2");
        assertThat(test.hasWork("linux")).isTrue();
        assertThat(test.hasWork("docs")).isTrue();
        assertThat(test.count("SELECT SUM(priority) FROM build_request_queue")).isEqualTo(6);
        assertThat(transitions(SchedulerConfigured.class)).hasSize(1);
    }

    @Test
    void a_timer_fires_once_when_it_is_due_and_not_before() {
        try (Life life = new Life(S1, MINUTE, "d")) {
            change();
            change();
            await().until(() -> timers(life), List.of(2L)::equals);

            life.timers.runOnce();
            assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'timer-fired'"))
                    .isZero();

            now.updateAndGet(instant -> instant.plus(MINUTE).plusSeconds(5));
            life.timers.runOnce();
            life.timers.runOnce();
            await().untilAsserted(() -> assertThat(transitions(SchedulerFired.class)).hasSize(1));
        }

        assertThat(transitions(SchedulerFired.class).getFirst().changeIds())
                .containsExactly(1L, 2L);
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'timer-fired'"))
                .isEqualTo(1);
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void a_timer_that_can_t_fire_is_told_once_and_fires_when_it_can(CapturedOutput output) {
        Life life = new Life(S1, MINUTE, "d");
        try (life) {
            change();
            await().until(() -> !timers(life).isEmpty());
        }
        now.updateAndGet(instant -> instant.plus(MINUTE).plusSeconds(5));

        test.jdbc.sql("RENAME TABLE event TO event_away").update();
        life.timers.runOnce();
        life.timers.runOnce();
        assertThat(output.getOut().split("timer 1 of main can't fire", -1)).hasSize(2);

        test.jdbc.sql("RENAME TABLE event_away TO event").update();
        life.timers.runOnce();
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'timer-fired'"))
                .isEqualTo(1);
    }

    @Test
    void an_armed_timer_survives_a_restart_and_fires_once() {
        try (Life life = new Life(S1, MINUTE, "d")) {
            change();
            await().until(() -> !timers(life).isEmpty());
        }
        now.updateAndGet(instant -> instant.plus(MINUTE).plusSeconds(5));
        try (Life life = new Life(S2, MINUTE, "d")) {
            // Whoever takes over, has started or seen another lost: an event.
            test.insertRaw("master/s");
            await().until(() -> !timers(life).isEmpty());
            life.timers.runOnce();
            await().untilAsserted(() -> assertThat(transitions(SchedulerFired.class)).hasSize(1));
            life.timers.runOnce();
        }

        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'buildset-submitted'"))
                .isEqualTo(1);
    }

    @Test
    void changes_that_come_while_no_master_is_up_are_scheduled_when_one_comes() {
        try (Life _ = new Life(S1, null, "d")) {
            change();
            await().untilAsserted(() -> assertThat(transitions(SchedulerFired.class)).hasSize(1));
        }
        change();
        change();
        try (Life _ = new Life(S2, null, "d")) {
            await().untilAsserted(() -> assertThat(transitions(SchedulerFired.class)).hasSize(3));
        }

        assertThat(transitions(SchedulerFired.class))
                .extracting(SchedulerFired::changeIds)
                .containsExactly(List.of(1L), List.of(2L), List.of(3L));
        assertThat(transitions(SchedulerConfigured.class)).hasSize(1);
    }

    @Test
    void a_new_scheduler_does_not_build_what_was_there_before_it() {
        change();
        try (Life _ = new Life(S1, null, "d")) {
            await().until(() ->
                    test.count("SELECT COUNT(*) FROM token WHERE owner IS NOT NULL") > 0);
            change();
            await().untilAsserted(() -> assertThat(transitions(SchedulerFired.class)).hasSize(1));
        }

        assertThat(transitions(SchedulerFired.class).getFirst().changeIds()).containsExactly(2L);
    }

    @Test
    void a_decision_replayed_over_the_recorded_stream_gives_the_state_that_was_live() {
        SchedulerState live;
        try (Life life = new Life(S1, MINUTE, "d")) {
            change();
            change();
            await().until(() -> timers(life), List.of(2L)::equals);
            live = life.reader.state();
        }
        try (Life restarted = new Life(S2, MINUTE, "d")) {
            test.insertRaw("master/s");
            await().until(() -> !timers(restarted).isEmpty());
            assertThat(restarted.reader.state()).isEqualTo(live);
        }
    }
}
