package io.buildledger.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.scheduling.ChangeRules;
import io.buildledger.domain.scheduling.DependentScheduler;
import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.domain.scheduling.SchedulerSettings;
import io.buildledger.domain.scheduling.SingleBranchScheduler;
import io.buildledger.log.Author;
import io.buildledger.log.NewerProgramException;
import io.buildledger.log.Recorded;
import io.buildledger.replaying.Snapshots;
import io.buildledger.testing.TestLog;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What schedulers of this program make of what masters of a newer one have recorded. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class NewerInputTest {

    private static final Author S = new Author("s", 1);

    private final TestLog test = new TestLog();
    private final SchedulerStreams streams =
            new SchedulerStreams(test.log, new Snapshots(test.jdbc));
    private final Map<String, Scheduler> schedulers =
            Map.of(
                    "main",
                    new SingleBranchScheduler(
                            SchedulerSettings.of("main", "linux"), ChangeRules.ALL, null),
                    "force",
                    new ForceScheduler(
                            SchedulerSettings.of("force", "linux"), "F", "F", List.of(), false),
                    "after",
                    new DependentScheduler(SchedulerSettings.of("after", "linux"), Set.of("main")));

    @AfterEach
    void close() {
        test.close();
    }

    private SchedulerReader reader(String scheduler) {
        return new SchedulerReader(
                new BoundScheduler(
                        Objects.requireNonNull(schedulers.get(scheduler)), "d", "{}", null, null),
                test.log,
                streams,
                test.buildsets,
                new SchedulerStatuses(test.log, test.dataSource),
                S);
    }

    private Recorded newer(String stream, String type, String revision) {
        test.appendOfNewerProgram(stream, type, revision);
        return test.log.read(stream).getLast();
    }

    private void read(String scheduler, Recorded recorded) {
        SchedulerReader reader = reader(scheduler);
        test.log.inTransaction(() -> {
            reader.begin();
            if (reader.concerns(recorded.event())) {
                reader.read(recorded);
            }
            reader.endOfBatch();
        });
    }

    @ParameterizedTest
    @CsvSource({
        "main,  change/7,                change-received,    2",
        "main,  timer/main/3,            timer-fired,        2",
        "main,  timer/main/3,            timer-postponed,    1",
        "main,  scheduler-command/main,  scheduler-switched, 2",
        "force, scheduler-command/force, build-proposed,     1",
        "after, buildset/7,              buildset-completed, 2",
    })
    void what_a_scheduler_would_be_told_of_stops_it(
            String scheduler, String stream, String type, String revision) {
        Recorded newer = newer(stream, type, revision);

        assertThatThrownBy(() -> read(scheduler, newer))
                .isInstanceOf(NewerProgramException.class)
                .hasMessage(
                        "%s@0 is %s, revision %s, which a newer program wrote and this master does not understand: upgrade this master"
                                .formatted(stream, type, revision));
        assertThat(test.count("SELECT COUNT(*) FROM event")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "main,  scheduler-command/force, build-proposed,     1",
        "main,  timer/main-2/3,          timer-fired,        2",
        "main,  buildset/7,              buildset-completed, 2",
        "after, buildset/7,              buildset-annotated, 1",
        "main,  worker/w,                worker-painted,     1",
        "main,  master/b1,               master-started,     2",
        "main,  approval/7,              approval-given,     1",
        "main,  build-request/7,         build-request-held, 1",
    })
    void what_is_nothing_to_a_scheduler_does_not(
            String scheduler, String stream, String type, String revision) {
        read(scheduler, newer(stream, type, revision));

        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'scheduler-configured'"))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"scheduler-paused, 1", "scheduler-configured, 2"})
    void a_scheduler_of_which_a_newer_program_has_decided_is_not_begun(
            String type, String revision) {
        newer("scheduler/main", type, revision);

        assertThatThrownBy(() -> reader("main").begin())
                .isInstanceOf(NewerProgramException.class)
                .hasMessageContaining("scheduler/main@0 is " + type);
    }
}
