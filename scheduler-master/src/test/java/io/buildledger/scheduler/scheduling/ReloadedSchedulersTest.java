package io.buildledger.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerConfigured;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRetired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.log.Author;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.scheduler.scheduling.SchedulerStatuses.Status;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestStory;
import io.buildledger.verifying.Verification;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ReloadedSchedulersTest {

    private static final String BUILDERS =
            """
            builders: [{name: linux, worker_names: [w], factory: []}]
            workers: [{name: w}]
            schedulers:
            """;
    private static final String MAIN =
            "  - single_branch: {name: main, branch: main, builder_names: [linux]}\n";
    private static final String ALSO =
            "  - single_branch: {name: also, branch: main, builder_names: [linux]}\n";
    private static final String TRUNK =
            "  - single_branch: {name: trunk, branch: main, builder_names: [linux]}\n";
    private static final String NONE = "  []\n";

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final SchedulerStatuses statuses = new SchedulerStatuses(test.log, test.dataSource);
    private ConfiguredSchedulers configured;
    private Schedulers schedulers;
    private Author author;

    @BeforeEach
    void begin() {
        author = registry.register(TestMasters.scheduler("s"));
        configured = new ConfiguredSchedulers(file(MAIN).schedulers());
        schedulers =
                new Schedulers(
                        configured,
                        test.log,
                        test.dataSource,
                        test.buildsets,
                        statuses,
                        new PositionCopies(test.jdbc),
                        author,
                        () -> Instant.parse("2026-01-01T12:00:00Z"));
        schedulers.start();
    }

    @AfterEach
    void close() {
        schedulers.stop();
        test.close();
    }

    private static ConfigurationFile file(String schedulers) {
        return ServedLog.file(BUILDERS + schedulers);
    }

    private static String renamed(String name, String from) {
        return "  - single_branch: {name: %s, renamed_from: %s, branch: main, builder_names: [linux]}\n"
                .formatted(name, from);
    }

    private void reload(String schedulers) {
        Runnable inForce =
                new ReloadedSchedulers(configured, this.schedulers).prepare(file(schedulers));
        registry.reloaded(
                author,
                null,
                new ConfigurationReloaded("s", 1, "me", List.of(), Map.of()),
                Descriptions.NONE);
        inForce.run();
    }

    private <T> List<T> transitions(String scheduler, Class<T> type) {
        return test.log.read(Streams.scheduler(scheduler)).stream()
                .map(Recorded::event)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    private void awaitFirings(String scheduler, int number) {
        await().until(() -> transitions(scheduler, SchedulerFired.class).size() == number);
    }

    @Test
    void what_is_only_prepared_changes_nothing() {
        new ReloadedSchedulers(configured, schedulers).prepare(file(MAIN + ALSO));

        assertThat(configured.find("also")).isEmpty();
        story.change("me", "r1", "");
        awaitFirings("main", 1);
        assertThat(test.log.read(Streams.scheduler("also"))).isEmpty();
    }

    @Test
    void a_new_scheduler_sees_what_comes_after_the_reload() {
        story.change("me", "r1", "");
        awaitFirings("main", 1);

        reload(MAIN + ALSO);
        assertThat(configured.find("also")).isPresent();
        story.change("me", "r2", "");

        awaitFirings("main", 2);
        awaitFirings("also", 1);
        assertThat(transitions("also", ChangeTaken.class))
                .extracting(ChangeTaken::changeId)
                .containsExactly(2L);
    }

    @Test
    void a_new_timed_scheduler_begins_without_a_change() {
        reload("  - periodic: {name: hourly, periodic_build_timer: 1h, builder_names: [linux]}\n");

        await().until(() ->
                !transitions("hourly", TimerArmed.class).isEmpty()
                        || !transitions("hourly", SchedulerFired.class).isEmpty());
    }

    @Test
    void a_scheduler_that_was_taken_out_stops_and_goes_on_where_it_was_when_it_is_back() {
        story.change("me", "r1", "");
        awaitFirings("main", 1);

        reload(ALSO);
        assertThat(configured.find("main")).isEmpty();
        story.change("me", "r2", "");
        awaitFirings("also", 1);
        assertThat(transitions("main", SchedulerFired.class)).hasSize(1);

        reload(MAIN);
        awaitFirings("main", 2);
        assertThat(transitions("main", ChangeTaken.class))
                .extracting(ChangeTaken::changeId)
                .containsExactly(1L, 2L);
    }

    @Test
    void a_scheduler_that_stays_decides_by_its_new_configuration_and_records_it() {
        story.change("me", "r1", "");
        awaitFirings("main", 1);

        reload(MAIN.replace("branch: main", "branch: other"));
        story.change("me", "r2", "");

        await().until(() -> transitions("main", SchedulerConfigured.class).size() == 2);
        reload(MAIN);
        story.change("me", "r3", "");
        awaitFirings("main", 2);
        assertThat(transitions("main", ChangeTaken.class))
                .extracting(ChangeTaken::changeId)
                .containsExactly(1L, 3L);
    }

    @Test
    void a_renamed_scheduler_takes_over_from_the_one_that_it_was() {
        story.change("me", "r1", "");
        awaitFirings("main", 1);

        reload(renamed("trunk", "main"));
        story.change("me", "r2", "");

        awaitFirings("trunk", 1);
        assertThat(transitions("trunk", ChangeTaken.class))
                .extracting(ChangeTaken::changeId)
                .containsExactly(2L);
        assertThat(transitions("main", SchedulerRetired.class))
                .containsExactly(new SchedulerRetired("main", "trunk"));
    }

    @Test
    void a_file_that_is_rolled_back_brings_a_renamed_scheduler_back() throws Exception {
        story.change("me", "r1", "");
        awaitFirings("main", 1);
        reload(renamed("trunk", "main"));
        story.change("me", "r2", "");
        awaitFirings("trunk", 1);

        reload(MAIN);
        story.change("me", "r3", "");
        awaitFirings("main", 2);
        reload(renamed("trunk", "main"));
        story.change("me", "r4", "");
        awaitFirings("trunk", 2);

        assertThat(transitions("main", SchedulerFired.class))
                .containsExactly(
                        new SchedulerFired("main", 1, List.of(1L), null),
                        new SchedulerFired("main", 3, List.of(3L), null));
        assertThat(transitions("trunk", SchedulerFired.class))
                .containsExactly(
                        new SchedulerFired("trunk", 2, List.of(2L), null),
                        new SchedulerFired("trunk", 4, List.of(4L), null));
        assertThat(statuses.all())
                .extracting(Status::name, Status::renamedTo, Status::firings)
                .containsExactly(tuple("main", "trunk", 3L), tuple("trunk", null, 4L));
        assertThat(Verification.of(test.database).violations()).isEmpty();
    }

    @Test
    void who_names_a_name_that_is_not_the_last_goes_on_from_the_last() throws Exception {
        story.change("me", "r1", "");
        awaitFirings("main", 1);
        reload(renamed("trunk", "main"));
        story.change("me", "r2", "");
        awaitFirings("trunk", 1);

        reload(renamed("tip", "main"));
        story.change("me", "r3", "");

        awaitFirings("tip", 1);
        assertThat(transitions("tip", ChangeTaken.class))
                .extracting(ChangeTaken::changeId)
                .containsExactly(3L);
        assertThat(transitions("trunk", SchedulerRetired.class))
                .containsExactly(new SchedulerRetired("trunk", "tip"));
        assertThat(transitions("main", SchedulerRetired.class)).hasSize(1);
        assertThat(Verification.of(test.database).violations()).isEmpty();
    }

    @Test
    void a_file_that_has_both_names_leaves_the_scheduler_its_last_one_until_that_is_taken_out()
            throws Exception {
        story.change("me", "r1", "");
        awaitFirings("main", 1);
        reload(renamed("trunk", "main"));
        story.change("me", "r2", "");
        awaitFirings("trunk", 1);

        reload(MAIN + TRUNK);
        story.change("me", "r3", "");
        awaitFirings("trunk", 2);
        reload(renamed("tip", "main") + TRUNK);
        story.change("me", "r4", "");
        awaitFirings("trunk", 3);
        awaitFirings("tip", 1);
        reload(MAIN + TRUNK);
        story.change("me", "r5", "");
        awaitFirings("trunk", 4);
        assertThat(transitions("main", ChangeTaken.class)).hasSize(1);

        reload(MAIN);
        story.change("me", "r6", "");
        awaitFirings("main", 2);
        assertThat(transitions("main", ChangeTaken.class))
                .extracting(ChangeTaken::changeId)
                .containsExactly(1L, 6L);
        assertThat(Verification.of(test.database).violations()).isEmpty();
    }

    @Test
    void what_the_database_refuses_at_that_moment_is_tried_again() {
        test.jdbc.sql("RENAME TABLE token TO away").update();
        reload(MAIN + ALSO);
        assertThat(configured.find("also")).isPresent();

        test.jdbc.sql("RENAME TABLE away TO token").update();
        await().until(() -> {
            story.change("me", "r", "");
            return !transitions("also", SchedulerFired.class).isEmpty();
        });
    }

    @Test
    void without_any_scheduler_nothing_fires() {
        reload(NONE);

        assertThat(configured.all()).isEmpty();
        story.change("me", "r1", "");
        reload(ALSO);
        story.change("me", "r2", "");
        awaitFirings("also", 1);
        assertThat(transitions("main", SchedulerFired.class)).isEmpty();
    }
}
