package io.buildledger.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.commanding.BuildTriggers;
import io.buildledger.commanding.Question;
import io.buildledger.commanding.SchedulerCommands;
import io.buildledger.commanding.SchedulerCommands.Outcome;
import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.scheduling.ChangeRules;
import io.buildledger.domain.scheduling.DependentScheduler;
import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerDisabled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRetired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerSettings;
import io.buildledger.domain.scheduling.SingleBranchScheduler;
import io.buildledger.domain.scheduling.TriggerableScheduler;
import io.buildledger.log.Author;
import io.buildledger.log.Follower;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.replaying.Snapshots;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SchedulersAtWorkTest {

    private static final Author S1 = new Author("s", 1);
    private static final Author S2 = new Author("s2", 1);
    private static final Author B1 = new Author("b1", 1);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final TestLog test = new TestLog();
    private final SchedulerStreams streams =
            new SchedulerStreams(test.log, new Snapshots(test.jdbc));
    private final TestStory story = new TestStory(test);
    private final SchedulerStatuses statuses = new SchedulerStatuses(test.log, test.dataSource);
    private final SchedulerCommands commands = new SchedulerCommands(test.log, System::nanoTime);
    private final PositionCopies positions = new PositionCopies(test.jdbc);
    private int lives;

    @AfterEach
    void close() {
        test.close();
    }

    private static BoundScheduler bound(Scheduler scheduler, @Nullable String renamedFrom) {
        return new BoundScheduler(scheduler, "d", "{}", renamedFrom, null);
    }

    private static Scheduler onChanges(String name, @Nullable Duration treeStableTimer) {
        return new SingleBranchScheduler(
                SchedulerSettings.of(name, "linux"), ChangeRules.ALL, treeStableTimer);
    }

    private static Scheduler force() {
        return new ForceScheduler(
                SchedulerSettings.of("force", "linux", "docs"), "F", "F", List.of(), false);
    }

    private static BuildForced forced() {
        return new BuildForced("force", "me", "because", List.of(), List.of(), Map.of(), null);
    }

    private static SchedulerCommandEvent switched(String scheduler, boolean on) {
        return new SchedulerSwitched(scheduler, on, "me", "because");
    }

    /** A scheduler that a master has, whether it runs it or stands by. */
    private Follower run(Scheduler scheduler, Author author) {
        Follower follower =
                Follower.of(
                                Schedulers.position(scheduler.name()),
                                Follower.Start.HEAD,
                                test.log,
                                test.dataSource,
                                author,
                                new SchedulerReader(
                                        bound(scheduler, null),
                                        test.log,
                                        streams,
                                        test.buildsets,
                                        statuses,
                                        author))
                        .start();
        // Whoever starts, ends or is lost: an event.
        test.insertRaw("master/life" + ++lives);
        return follower;
    }

    private static boolean isOver(Thread thread, Duration within) {
        try {
            return thread.join(within);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Renaming renaming(Author author) {
        return new Renaming(test.log, streams, positions, statuses, author);
    }

    /** All that a master has. */
    private Schedulers schedulers(Author author, BoundScheduler... bound) {
        return new Schedulers(
                new ConfiguredSchedulers(List.of(bound)),
                test.log,
                test.dataSource,
                test.buildsets,
                statuses,
                positions,
                author,
                Instant::now);
    }

    private <T> List<T> transitions(String scheduler, Class<T> type) {
        return test.log.read(Streams.scheduler(scheduler)).stream()
                .map(Recorded::event)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    private void awaitConfigured(String scheduler) {
        await().until(() -> test.log.lastSequence(Streams.scheduler(scheduler)).isPresent());
    }

    private SchedulerStatuses.Status status(String scheduler) {
        return statuses.all().stream()
                .filter(it -> it.name().equals(scheduler))
                .findFirst()
                .orElseThrow();
    }

    private void build(Results results) {
        long change = story.change("me", "r", "");
        story.fire(List.of(change), "r", "linux");
        story.build(B1, "linux", results);
    }

    @Test
    void what_ended_well_while_no_master_was_up_is_followed_and_nothing_else() {
        Scheduler dependent =
                new DependentScheduler(SchedulerSettings.of("after", "deploy"), Set.of("main"));
        try (Follower _ = run(dependent, S1)) {
            awaitConfigured("after");
        }
        build(Results.SUCCESS);
        build(Results.FAILURE);
        build(Results.WARNINGS);

        try (Follower _ = run(dependent, S2)) {
            await().untilAsserted(() ->
                    assertThat(transitions("after", SchedulerFired.class)).hasSize(2));
        }

        assertThat(
                        test.log.read(List.of(Streams.buildset(4), Streams.buildset(5))).stream()
                                .map(Recorded::event)
                                .map(BuildsetSubmitted.class::cast))
                .extracting(BuildsetSubmitted::changeIds)
                .containsExactlyInAnyOrder(List.of(1L), List.of(3L));
    }

    @Test
    void a_new_scheduler_begins_with_the_change_that_it_is_told_whether_or_not_that_is_there() {
        for (int i = 1; i <= 3; i++) {
            story.change("me", "r" + i, "");
        }
        Schedulers schedulers =
                schedulers(S1, from(2, "second"), from(5, "fifth"), from(null, "new"));
        schedulers.start();
        try {
            for (int i = 4; i <= 6; i++) {
                story.change("me", "r" + i, "");
            }
            await().untilAsserted(() -> {
                assertThat(built("second")).containsExactly(2L, 3L, 4L, 5L, 6L);
                assertThat(built("fifth")).containsExactly(5L, 6L);
                assertThat(built("new")).containsExactly(4L, 5L, 6L);
            });
        } finally {
            schedulers.stop();
        }
    }

    private static BoundScheduler from(@Nullable Integer change, String name) {
        return new BoundScheduler(
                onChanges(name, null),
                "d",
                "{}",
                null,
                change == null ? null : Long.valueOf(change));
    }

    private List<Long> built(String scheduler) {
        return transitions(scheduler, SchedulerFired.class).stream()
                .flatMap(fired -> fired.changeIds().stream())
                .toList();
    }

    @Test
    void what_came_while_it_was_disabled_is_scheduled_after_a_restart_when_it_is_enabled()
            throws Exception {
        try (Follower _ = run(onChanges("tip", null), S1)) {
            awaitConfigured("tip");
            assertThat(commands.askAndWait(S1, switched("tip", false), PATIENCE))
                    .contains(new Outcome.Done());
            story.change("me", "r1", "");
            await().until(() -> status("tip").pending() == 1);
        }
        story.change("me", "r2", "");
        try (Follower _ = run(onChanges("tip", null), S2)) {
            await().until(() -> status("tip").pending() == 2);
            assertThat(status("tip").enabled()).isFalse();
            assertThat(status("tip").master()).isEqualTo("s2");
            assertThat(transitions("tip", SchedulerFired.class)).isEmpty();

            commands.ask(S2, switched("tip", true));
            await().until(() -> status("tip").pending() == 0);
        }

        assertThat(transitions("tip", SchedulerFired.class))
                .singleElement()
                .satisfies(it -> assertThat(it.changeIds()).containsExactly(1L, 2L));
        assertThat(status("tip"))
                .isEqualTo(
                        new SchedulerStatuses.Status(
                                "tip", "single_branch", true, 0, 1, null, null, null));
    }

    @Test
    void under_another_name_it_goes_on_where_it_was_and_the_old_name_does_nothing_any_more()
            throws Exception {
        Duration hour = Duration.ofHours(1);
        try (Follower _ = run(onChanges("old", hour), S1)) {
            awaitConfigured("old");
            story.change("me", "r1", "");
            await().until(() -> status("old").pending() == 1);
        }
        Instant deadline = transitions("old", TimerArmed.class).getFirst().fireAt();
        story.change("me", "r2", "");

        List<Callable<Boolean>> masters = new ArrayList<>();
        for (Author author : List.of(S1, S2)) {
            Renaming renaming = renaming(author);
            masters.add(
                    () -> renaming.takeOver(bound(onChanges("new", hour), "old"), Set.of("new")));
        }
        List<Boolean> renamed = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
            for (Future<Boolean> master : executor.invokeAll(masters)) {
                renamed.add(master.get());
            }
        }
        assertThat(renamed).containsExactlyInAnyOrder(true, false);
        assertThat(transitions("old", SchedulerRetired.class)).hasSize(1);
        assertThat(transitions("new", TimerArmed.class))
                .singleElement()
                .satisfies(it -> assertThat(it.fireAt()).isEqualTo(deadline));

        long retired = test.log.lastSequence(Streams.scheduler("old")).orElseThrow();
        try (Follower _ = run(onChanges("old", hour), S1);
                Follower _ = run(onChanges("new", hour), S2)) {
            await().until(() -> test.log.lastSequence(Streams.scheduler("new")).orElse(0) > 2);
            await().until(() -> status("new").pending() == 2);
        }
        assertThat(test.log.lastSequence(Streams.scheduler("old"))).hasValue(retired);
        assertThat(status("old").renamedTo()).isEqualTo("new");
        assertThat(status("old").firesAt()).isNull();
        assertThat(status("new").firings()).isZero();
    }

    @Test
    void who_comes_too_late_to_rename_leaves_the_scheduler_where_it_is() {
        try (Follower _ = run(onChanges("old", null), S1)) {
            awaitConfigured("old");
        }
        BoundScheduler renamed = bound(onChanges("new", null), "old");
        Thread late =
                Thread.ofPlatform().unstarted(() -> renaming(S2).takeOver(renamed, Set.of("new")));
        test.log.inTransaction(() -> {
            positions.hold(Schedulers.position("old"));
            late.start();
            assertThat(isOver(late, Duration.ofMillis(200))).isFalse();
            assertThat(renaming(S1).takeOver(renamed, Set.of("new"))).isTrue();
            test.jdbc
                    .sql(
                            "UPDATE token SET token = 'farther' WHERE processor_name = 'scheduler/new'")
                    .update();
        });
        assertThat(isOver(late, PATIENCE)).isTrue();

        assertThat(
                        test.jdbc
                                .sql(
                                        "SELECT token FROM token WHERE processor_name = 'scheduler/new'")
                                .query(String.class)
                                .single())
                .isEqualTo("farther");
        assertThat(transitions("old", SchedulerRetired.class)).hasSize(1);
    }

    @Test
    void what_was_asked_under_the_old_name_and_not_read_is_done_under_the_new_one() {
        try (Follower _ = run(force(), S1)) {
            awaitConfigured("force");
            commands.ask(S1, forced());
            await().until(() -> !transitions("force", SchedulerFired.class).isEmpty());
        }
        commands.ask(S1, forced());
        commands.ask(S1, switched("force", false));

        Schedulers next =
                schedulers(
                        S2,
                        bound(
                                new ForceScheduler(
                                        SchedulerSettings.of("by hand", "linux"),
                                        "F",
                                        "F",
                                        List.of(),
                                        false),
                                "force"));
        next.start();
        await().until(() -> !status("by hand").enabled());
        next.stop();

        assertThat(transitions("by hand", SchedulerFired.class)).hasSize(1);
        assertThat(transitions("by hand", SchedulerDisabled.class)).hasSize(1);
    }

    private static Scheduler triggerable(String name) {
        return new TriggerableScheduler(SchedulerSettings.of(name, "linux"));
    }

    @Test
    void a_build_learns_what_came_of_its_trigger_also_if_nobody_was_up_and_the_name_has_changed()
            throws Exception {
        try (Follower _ = run(triggerable("tests"), S1)) {
            awaitConfigured("tests");
        }
        try (GroupCommit commit = new GroupCommit(test.log, B1)) {
            Question question =
                    new BuildTriggers(test.log, commit)
                            .ask(
                                    new BuildTriggered(
                                            "tests",
                                            List.of(),
                                            Map.of(),
                                            true,
                                            new ParentBuild("all", 1, "Triggered from"),
                                            null,
                                            null),
                                    1,
                                    0)
                            .orElseThrow();
            assertThat(question.look()).isEmpty();

            Schedulers next = schedulers(S2, bound(triggerable("checks"), "tests"));
            next.start();
            try {
                await().atMost(PATIENCE)
                        .untilAsserted(() ->
                                assertThat(question.look())
                                        .get()
                                        .isInstanceOfSatisfying(
                                                Outcome.Submitted.class,
                                                it ->
                                                        assertThat(it.buildset().scheduler())
                                                                .isEqualTo("checks")));
            } finally {
                next.stop();
            }
        }
        assertThat(transitions("checks", SchedulerFired.class)).hasSize(1);
    }

    @Test
    void what_was_asked_is_done_once_however_often_the_scheduler_was_renamed_before() {
        BoundScheduler before = bound(force(), null);
        BoundScheduler after =
                bound(
                        new ForceScheduler(
                                SchedulerSettings.of("by hand", "linux", "docs"),
                                "F",
                                "F",
                                List.of(),
                                false),
                        "force");
        try (Follower _ = run(force(), S1)) {
            awaitConfigured("force");
        }
        commands.ask(S1, forced());
        assertThat(renaming(S2).takeOver(after, Set.of("by hand"))).isTrue();
        assertThat(renaming(S1).takeOver(before, Set.of("force"))).isTrue();
        assertThat(renaming(S2).takeOver(after, Set.of("by hand"))).isTrue();
        assertThat(renaming(S1).takeOver(before, Set.of("force"))).isTrue();
        commands.ask(S1, switched("force", false));

        Schedulers last = schedulers(S1, before);
        last.start();
        await().until(() -> !status("force").enabled());
        last.stop();

        assertThat(transitions("force", SchedulerFired.class)).hasSize(1);
        assertThat(transitions("by hand", SchedulerFired.class)).isEmpty();
    }

    @Test
    void a_master_that_stood_idle_while_others_renamed_takes_the_scheduler_back() {
        Schedulers former = schedulers(S1, bound(onChanges("old", null), null));
        former.start();
        story.change("me", "r1", "");
        await().until(() -> !built("old").isEmpty());
        Schedulers next = schedulers(S2, bound(onChanges("new", null), "old"));
        next.start();
        assertThat(status("old").renamedTo()).isEqualTo("new");
        next.stop();

        await().atMost(PATIENCE).until(() -> status("old").renamedTo() == null);
        former.stop();
        assertThat(status("new").renamedTo()).isEqualTo("old");
    }

    @Test
    void masters_whose_files_differ_do_not_take_a_scheduler_from_each_other() {
        BoundScheduler before = bound(onChanges("old", null), null);
        BoundScheduler after = bound(onChanges("new", null), "old");
        Schedulers former = schedulers(S1, before);
        former.start();
        Schedulers next = schedulers(S2, after);
        next.start();
        story.change("me", "r1", "");
        await().until(() -> !built("new").isEmpty());

        former.stop();
        former = schedulers(S1, before);
        former.start();
        story.change("me", "r2", "");
        await().until(() -> built("new").size() == 2);

        next.stop();
        story.change("me", "r3", "");
        await().until(() -> built("old").equals(List.of(3L)));
        next = schedulers(S2, after);
        next.start();
        former.stop();
        story.change("me", "r4", "");
        await().until(() -> built("new").equals(List.of(1L, 2L, 4L)));
        next.stop();
    }

    @Test
    void a_command_makes_one_buildset_although_two_masters_have_the_scheduler() throws Exception {
        try (Follower _ = run(force(), S1);
                Follower _ = run(force(), S2)) {
            awaitConfigured("force");

            Outcome outcome = commands.askAndWait(S2, forced(), PATIENCE).orElseThrow();

            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            Outcome.Submitted.class,
                            it ->
                                    assertThat(it.buildset().requestIds())
                                            .containsOnlyKeys("linux", "docs"));
            commands.askAndWait(S1, switched("force", false), PATIENCE);
            assertThat(commands.askAndWait(S1, forced(), PATIENCE).orElseThrow())
                    .isInstanceOf(Outcome.Refused.class);
        }

        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'buildset-submitted'"))
                .isEqualTo(1);
    }

    @Test
    void who_asks_at_the_same_moment_as_others_is_heard() throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
            List<Callable<String>> people =
                    Collections.nCopies(8, () -> commands.ask(S1, forced()));
            Set<String> ids = new HashSet<>();
            for (Future<String> person : executor.invokeAll(people)) {
                ids.add(person.get());
            }
            assertThat(ids).hasSize(8);
        }

        assertThat(test.log.read(Streams.schedulerCommand("force"))).hasSize(8);
    }

    @Test
    void what_nobody_runs_gets_no_answer_and_is_done_later() throws Exception {
        try (Follower _ = run(force(), S1)) {
            awaitConfigured("force");
        }
        assertThat(commands.askAndWait(S1, forced(), Duration.ZERO)).isEmpty();

        try (Follower _ = run(force(), S2)) {
            await().until(() -> transitions("force", SchedulerFired.class).size() == 1);
        }
    }
}
